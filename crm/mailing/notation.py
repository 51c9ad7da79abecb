"""How staff write mails: plain words, `{name}` for what a mail knows, `{button: …}` for its link.

Paragraphs are parted by an empty line. A button stands on a line of its own; in the text version
of a mail the address stands there. `{link}` is the address within a sentence.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from crm.mailing.kind import Kind

LINK = "link"
MARK = re.compile(r"\{([^{}]*)\}")
BUTTON = re.compile(r"\s*\{\s*button\s*:\s*([^{}]*?)\s*\}\s*")
ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")


@dataclass(frozen=True)
class Piece:
    """Some words of a paragraph; with `href`, they lead there."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Block:
    """A paragraph, or a button."""

    pieces: tuple[Piece, ...] = ()
    button: Piece | None = None


def inner(mark: str) -> str:
    """Return what a mark asks for: a name, or "button"."""
    name = mark.strip()
    return "button" if name == "button" or re.match(r"button\s*:", name) else name


def marks(words: str) -> list[str]:
    return [inner(mark) for mark in MARK.findall(words)]


def written(name: str) -> str:
    """Return a name as it is written, without formatting it: { and } are its own."""
    return "{" + name + "}"


def problems_of_subject(subject: str, kind: Kind) -> list[str]:
    """Say what is wrong with a subject, naming it."""
    return [*odd_braces(subject), *wrong_in_subject(subject, kind)]


def wrong_in_subject(subject: str, kind: Kind) -> Iterator[str]:
    for key in dict.fromkeys(marks(subject)):
        name = kind.name(key)
        if key in (LINK, "button"):
            yield _("A subject holds no link.")
        elif name is None:
            yield unknown(key, [each.key for each in kind.names if each.is_line])
        elif not name.is_line:
            yield _("%(name)s is too long for a subject.") % {"name": written(key)}


def problems_of_text(text: str, kind: Kind) -> list[str]:
    """Say what is wrong with the words of a mail, naming it."""
    return [*odd_braces(text), *wrong_names(text, kind), *missing(text, kind), *odd_buttons(text)]


def odd_braces(words: str) -> list[str]:
    """Tell of the first brace that has no other."""
    rest = MARK.sub(lambda mark: " " * len(mark[0]), words)
    odd = re.search(r"[{}]", rest)
    if odd is None:
        return []
    near = words[max(0, odd.start() - 12) : odd.end() + 12].strip()
    told = _("A brace is open or closed alone near “%(near)s”: names stand between { and }.")
    return [told % {"near": " ".join(near.split())}]


def wrong_names(text: str, kind: Kind) -> Iterator[str]:
    known = [name.key for name in kind.names] + ([LINK, "button"] if kind.link else [])
    for key in dict.fromkeys(marks(text)):
        if key in (LINK, "button") and not kind.link:
            yield _("This mail has no link, so it can have no button.")
        elif key not in known:
            yield unknown(key, [name for name in known if name != "button"])


def unknown(key: str, known: list[str]) -> str:
    if not known:
        return _("This mail knows no %(name)s.") % {"name": written(key)}
    told = _("This mail knows no %(name)s; it knows: %(known)s.")
    return told % {"name": written(key), "known": ", ".join(map(written, known))}


def missing(text: str, kind: Kind) -> Iterator[str]:
    there = set(marks(text))
    if kind.link and kind.is_link_needed and not there & {LINK, "button"}:
        yield _("The link is missing, without which this mail is of no use: %(button)s.") % {
            "button": f"{{button: {kind.button}}}"
        }
    for name in kind.names:
        if name.is_needed and name.key not in there:
            told = _("%(name)s is missing: %(meaning)s")
            yield told % {"name": written(name.key), "meaning": name.meaning}


def odd_buttons(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if "button" not in marks(line):
            continue
        alone = BUTTON.fullmatch(line)
        if alone is None:
            yield _("A button stands on a line of its own: {button: what stands on it}.")
        elif not alone[1]:
            yield _("A button says something: {button: what stands on it}.")


def fill(words: str, values: Mapping[str, str]) -> str:
    """Put values in their places. Raises KeyError for a name without one."""
    return MARK.sub(lambda mark: values[inner(mark[1])], words)


def as_text(text: str, values: Mapping[str, str]) -> str:
    """Return the words as plain text: the address where the button stands."""
    values = {**values, "button": values.get(LINK, "")}
    said = [fill(part, values) for part in paragraphs(text)]
    return "\n\n".join(part.strip() for part in said if part.strip())


def as_blocks(text: str, values: Mapping[str, str], *, site_url: str) -> list[Block]:
    """Return the words as paragraphs and buttons, for a template that escapes them."""
    found = (block for part in paragraphs(text) for block in blocks_of(part, values, site_url))
    return [block for block in found if block.button or any(p.text.strip() for p in block.pieces)]


def paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]


def blocks_of(paragraph: str, values: Mapping[str, str], site_url: str) -> Iterator[Block]:
    lines: list[str] = []
    for line in paragraph.split("\n"):
        if button := BUTTON.fullmatch(line):
            yield Block(tuple(pieces("\n".join(lines), values, site_url)))
            yield Block(button=Piece(button[1], values[LINK]))
            lines = []
        else:
            lines.append(line)
    yield Block(tuple(pieces("\n".join(lines), values, site_url)))


def pieces(words: str, values: Mapping[str, str], site_url: str) -> Iterator[Piece]:
    """Yield words and values. In values, only our own addresses become links: names may be ads."""
    end = 0
    for mark in MARK.finditer(words):
        yield from linked(words[end : mark.start()])
        yield from linked(values[inner(mark[1])], of=site_url)
        end = mark.end()
    yield from linked(words[end:])


def linked(words: str, *, of: str = "") -> Iterator[Piece]:
    end = 0
    for found in ADDRESS.finditer(words):
        if of and not found[0].startswith(f"{of}/"):
            continue
        yield Piece(words[end : found.start()])
        yield Piece(found[0], found[0])
        end = found.end()
    yield Piece(words[end:])
