"""What a condition may be given: how each thing is read, checked, written back and said in words.

A value is what stands in the stored JSON; None is nothing. A form gives lists of strings by name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from crm.lib.money import NotAnAmount, format_money, parse_amount
from crm.segments.known import Known

Given = Mapping[str, list[str]]
Choices = Iterable[tuple[Any, Any]]
MOST = 1_000_000_000


class Wrong(ValueError):
    """This is nothing that the parameter takes; the message says why."""


def first(given: Given, name: str) -> str:
    """Return the first string of a name, without blanks around it, or ""."""
    strings = given.get(name) or [""]
    return strings[0].strip()


@dataclass(frozen=True)
class Parameter:
    """`said` is how a value is told, such as "at least %s"."""

    name: str
    label: Any
    said: Any = "%s"
    is_required: bool = False
    widget: ClassVar[str] = "text"

    def typed(self, given: Given) -> Any:
        """Return the value that was typed in. Raises Wrong."""
        return first(given, self.name) or None

    def written(self, value: Any) -> dict[str, list[str]]:
        """Return a value as a form has it."""
        return {self.name: [] if value is None else [str(value)]}

    def checked(self, value: Any, known: Known) -> Any:
        """Return the value as it is stored. Raises Wrong."""
        if value is None or value == []:
            if self.is_required:
                raise Wrong(_("This is missing."))
            return None
        return self.clean(value, known)

    def clean(self, value: Any, known: Known) -> Any:
        raise NotImplementedError

    def shown(self, value: Any, known: Known) -> str:
        return str(value)

    def words(self, value: Any, known: Known) -> str:
        return str(self.said) % self.shown(value, known) if self.said else ""


@dataclass(frozen=True)
class Number(Parameter):
    widget = "number"
    least: int = 0
    most: int = MOST

    def typed(self, given: Given) -> Any:
        text = first(given, self.name)
        if text and not (text.isascii() and text.isdigit()):
            raise Wrong(_("This is not a whole number."))
        return int(text[:12]) if text else None

    def clean(self, value: Any, known: Known) -> int:
        if type(value) is not int:
            raise Wrong(_("This is not a whole number."))
        if not self.least <= value <= self.most:
            between = {"least": self.least, "most": self.most}
            raise Wrong(_("A number between %(least)s and %(most)s, please.") % between)
        return value


@dataclass(frozen=True)
class Money(Parameter):
    """Minor units; their currency is a parameter of its own, called "currency"."""

    widget = "money"

    def typed(self, given: Given) -> Any:
        text = first(given, self.name)
        try:
            return parse_amount(text, first(given, "currency") or "EUR") if text else None
        except NotAnAmount as error:
            raise Wrong(_("This is not an amount, such as 25 or 12,50.")) from error

    def clean(self, value: Any, known: Known) -> int:
        if type(value) is not int or not 0 < value <= MOST * 100:
            raise Wrong(_("This is not an amount, such as 25 or 12,50."))
        return value

    def told(self, value: int, currency: str, known: Known) -> str:
        return str(self.said) % format_money(value, currency, get_language() or "fr")


@dataclass(frozen=True)
class Choice(Parameter):
    """One of some; `among` tells which, with their names."""

    widget = "choice"
    among: Callable[[Known], Choices] = lambda known: ()
    default: str = ""

    def clean(self, value: Any, known: Known) -> Any:
        if not isinstance(value, (str, int)) or value not in dict(self.among(known)):
            raise Wrong(_("This cannot be chosen, or no longer."))
        return value

    def shown(self, value: Any, known: Known) -> str:
        return str(dict(self.among(known)).get(value) or _("something that is no longer there"))


@dataclass(frozen=True)
class Many(Choice):
    """One or more of some: any of them will do."""

    widget = "many"
    are_records: bool = False  # keys of rows

    def typed(self, given: Given) -> Any:
        texts = [text for text in given.get(self.name, []) if text]
        if not self.are_records:
            return texts or None
        return [int(text[:12]) if text.isdecimal() else text for text in texts] or None

    def written(self, value: Any) -> dict[str, list[str]]:
        return {self.name: [str(each) for each in value or []]}

    def clean(self, value: Any, known: Known) -> Any:
        if not isinstance(value, list) or len(value) > 300:
            raise Wrong(_("This cannot be chosen, or no longer."))
        for each in value:
            super().clean(each, known)
        return value

    def shown(self, value: Any, known: Known) -> str:
        names = dict(self.among(known))
        gone = _("something that is no longer there")
        return get_text_list([str(names.get(each) or gone) for each in value], _("or"))


@dataclass(frozen=True)
class Text(Parameter):
    longest: int = 40

    def clean(self, value: Any, known: Known) -> str:
        if not isinstance(value, str) or "\x00" in value or len(value) > self.longest:
            raise Wrong(_("At most %(number)s characters, please.") % {"number": self.longest})
        return value


def gifts_in_words(number: int) -> str:
    return ngettext("one gift", "%(number)s gifts", number) % {"number": number}
