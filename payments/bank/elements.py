"""Reading XML of strangers: no document type, no entities, and every element knows its line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml.common import DefusedXmlException
from defusedxml.sax import make_parser
from django.utils.translation import gettext as _

from payments.bank.lines import Unreadable

DEEPEST = 32
LONGEST_TEXT = 10_000
MOST_ELEMENTS = 1_000_000  # in memory at once: a file of bare tags would fill all of it


@dataclass(slots=True)
class Element:
    """An element by its local name, whatever namespace it comes in."""

    name: str
    line: int
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, path: str) -> list["Element"]:
        """Return the elements at the end of a path such as `RltdPties/Dbtr/Nm`."""
        found = [self]
        for name in path.split("/"):
            found = [child for each in found for child in each.children if child.name == name]
        return found

    def first(self, *paths: str) -> "Element | None":
        """Return the first element that one of the paths leads to."""
        return next((each for path in paths for each in self.all(path)), None)

    def words(self, *paths: str) -> str:
        """Return the text of that element, or nothing."""
        found = self.first(*paths)
        return found.text if found else ""


class Tree(ContentHandler):
    """Builds elements; one that `take` takes away is not kept in memory."""

    def __init__(self, take: Callable[[list[Element], Element], bool]) -> None:
        super().__init__()
        self.open: list[Element] = []
        self.kept = 0
        self.kept_before: list[int] = []  # for each open element, without it
        self.take = take
        self.locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802 (the interface's name)
        self.locator = locator

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 (likewise)
        line = self.locator.getLineNumber()
        if len(self.open) >= DEEPEST:
            raise Unreadable(_("The elements are nested too deeply."), line=line)
        if self.kept >= MOST_ELEMENTS:
            raise too_long(self.open[-1], line)
        self.kept_before.append(self.kept)
        self.kept += 1
        self.open.append(Element(name.rpartition(":")[2], line, dict(attrs.items())))

    def characters(self, content: str) -> None:
        if not self.open:
            return
        element = self.open[-1]
        if not element.text and content.isspace():
            return  # between elements, of which there may be thousands
        if len(element.text) + len(content) > LONGEST_TEXT:
            raise too_long(element, element.line)
        element.text += content

    def endElement(self, name: str) -> None:  # noqa: N802 (likewise)
        element = self.open.pop()
        element.text = element.text.strip()
        before = self.kept_before.pop()
        if self.take(self.open, element):
            self.kept = before
        elif self.open:
            self.open[-1].children.append(element)


def too_long(element: Element, line: int) -> Unreadable:
    reason = _("The text of <%(name)s> is too long.") % {"name": element.name}
    return Unreadable(reason, line=line)


def walk(data: bytes, take: Callable[[list[Element], Element], bool]) -> None:
    """Read a document, and show each closed element with those around it. Raises Unreadable."""
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(Tree(take))
    try:
        parser.parse(BytesIO(data))
    except DefusedXmlException:
        reason = _("The file defines a document type or entities, which no bank's file does.")
        raise Unreadable(reason, line=1) from None
    except SAXParseException as error:
        reason = _("The file is cut off or damaged: it is no well-formed XML (%(why)s).")
        why = error.getMessage()
        raise Unreadable(reason % {"why": why}, line=error.getLineNumber()) from None
    except (SAXException, LookupError, UnicodeError):
        raise Unreadable(_("The file is no readable XML."), line=1) from None
