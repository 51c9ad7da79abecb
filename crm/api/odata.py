"""OSDI's `filter`: the part of OData that its clients speak, read into a condition.

    modified_date gt '2026-01-01T00:00:00Z' and (region eq 'BE-BRU' or region eq 'BE-WBR')

Values only ever become parameters of a query.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from crm.lib import contact

LONGEST = 2000
DEEPEST = 10
TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^'\x00]|'')*')|(?P<word>[\w/]+)|(?P<mark>[()])|$)")
LOOKUPS = {"eq": "exact", "ne": "exact", "gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}


class BadFilter(ValueError):
    """The filter cannot be read; the message says where."""


class Field(NamedTuple):
    """What a name in a filter stands for: a column, and how its values are read."""

    column: str
    read: Callable[[str], Any] = str
    operators: frozenset[str] = frozenset({"eq", "ne"})


class Token(NamedTuple):
    kind: str
    text: str


def moment(text: str) -> datetime:
    """Read a day or a moment; UTC, unless it says otherwise.

    >>> moment("2026-01-01") == moment("2026-01-01T01:00:00+01:00")
    True
    """
    found = parse_datetime(text) or datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def address(text: str) -> str:
    """Read an e-mail address in any notation; what is none is simply not found."""
    try:
        return contact.normal_email(text)
    except ValueError:
        return text


def moment_of(column: str) -> Field:
    return Field(column, moment, frozenset(LOOKUPS))


def parse(text: str, fields: dict[str, Field]) -> Q:
    """Return the condition that a filter states. Raises BadFilter."""
    if len(text) > LONGEST:
        raise BadFilter(_("The filter is too long."))
    reader = Reader(tokens_of(text), fields)
    condition = reader.either()
    if reader.tokens:
        raise unexpected(reader.tokens[0])
    return condition


def tokens_of(text: str) -> list[Token]:
    found, position = [], 0
    while position < len(text.rstrip()):
        match = TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise unexpected(Token("text", text[position:].strip()))
        found.append(Token(match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return found


def unexpected(token: Token) -> BadFilter:
    return BadFilter(_("The filter cannot be read at “%(part)s”.") % {"part": token.text[:60]})


class Reader:
    """A reader of tokens, by descent: either (or), both (and), one (a comparison)."""

    def __init__(self, tokens: list[Token], fields: dict[str, Field]) -> None:
        self.tokens = tokens
        self.fields = fields

    def either(self, depth: int = 0) -> Q:
        condition = self.both(depth)
        while self.skip("or"):
            condition |= self.both(depth)
        return condition

    def both(self, depth: int) -> Q:
        condition = self.one(depth)
        while self.skip("and"):
            condition &= self.one(depth)
        return condition

    def one(self, depth: int) -> Q:
        if not self.skip("("):
            return self.comparison()
        if depth == DEEPEST:
            raise BadFilter(_("The filter has too many parentheses inside each other."))
        condition = self.either(depth + 1)
        if not self.skip(")"):
            raise unexpected(self.take())
        return condition

    def comparison(self) -> Q:
        name, operator, value = self.take("word"), self.take("word"), self.take("text")
        field = self.fields.get(name.text)
        if field is None:
            raise BadFilter(_("There is no field “%(name)s” to filter on.") % {"name": name.text})
        if operator.text not in field.operators:
            raise BadFilter(
                _("“%(operator)s” cannot be used with “%(name)s”.")
                % {"operator": operator.text, "name": name.text}
            )
        try:
            read = field.read(value.text[1:-1].replace("''", "'"))
        except (ValueError, OverflowError):
            raise unexpected(value) from None
        condition = Q((f"{field.column}__{LOOKUPS[operator.text]}", read))
        return ~condition if operator.text == "ne" else condition

    def skip(self, text: str) -> bool:
        found = bool(self.tokens) and self.tokens[0] in {Token("word", text), Token("mark", text)}
        if found:
            self.tokens.pop(0)
        return found

    def take(self, kind: str = "") -> Token:
        if not self.tokens:
            raise BadFilter(_("The filter ends too early."))
        token = self.tokens.pop(0)
        if token.kind != kind:
            raise unexpected(token)
        return token
