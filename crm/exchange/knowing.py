"""What we know of the people whom some rows are about, read at once for all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from crm.exchange.heeding import who_refused
from crm.exchange.models import Kind
from crm.exchange.options import Options

SCALARS = (
    "kind", "given_name", "family_name", "email", "form_of_address", "birth_date", "language",
    "postcode", "country", "region",
)  # fmt: skip
ADDRESS = ("street", "postcode", "town", "country")


@dataclass
class Known:
    """Somebody as we know them, by the row that is looked at; `dirty` when that has changed."""

    id: int
    fields: dict[str, Any]
    is_new: bool = False
    is_erased: bool = False
    dirty: bool = False
    since: Any = None
    emails: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)
    has_preferred_phone: bool = False
    identifiers: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    address: dict[str, Any] | None = None
    newsletter: bool | None = None
    is_refused: bool = False  # at one of their addresses
    signature: str = ""


BLANK = {**dict.fromkeys(SCALARS, ""), "birth_date": None, "kind": "person"}
OWNERS = {
    "email": """SELECT address, supporter_id FROM crm_emailaddress
        WHERE address = ANY(%(keys)s)""",
    "identifier": """SELECT value, supporter_id FROM crm_identifier
        WHERE system = %(system)s AND value = ANY(%(keys)s)""",
    "fingerprint": """SELECT value, supporter_id FROM crm_identifier
        WHERE system = 'row' AND value = ANY(%(keys)s)""",
}
# In the order of their numbers, so that two who lock several do not wait for each other.
PEOPLE = """SELECT id, merged_into_id, erased_at IS NOT NULL, {scalars}
    FROM crm_supporter WHERE id = ANY(%(ids)s)"""
LOCK = " ORDER BY id FOR UPDATE"
EMAILS = "SELECT supporter_id, address FROM crm_emailaddress WHERE supporter_id = ANY(%(ids)s)"
PHONES = (
    "SELECT supporter_id, number, is_preferred FROM crm_phone WHERE supporter_id = ANY(%(ids)s)"
)
IDENTIFIERS = """SELECT supporter_id, value FROM crm_identifier
    WHERE system = %(system)s AND supporter_id = ANY(%(ids)s)"""
TAGS = """SELECT supporter_id, name FROM crm_tagging JOIN crm_tag ON crm_tag.id = tag_id
    WHERE supporter_id = ANY(%(ids)s)"""
NOTES = "SELECT supporter_id, text FROM crm_note WHERE supporter_id = ANY(%(ids)s)"
ADDRESSES = """SELECT supporter_id, id, street, postcode, town, country FROM crm_postaladdress
    WHERE is_preferred AND supporter_id = ANY(%(ids)s)"""
STATES = """SELECT supporter_id, given FROM crm_consentstate
    WHERE channel = 'email' AND purpose = 'newsletter' AND supporter_id = ANY(%(ids)s)"""
SIGNED = """SELECT supporter_id, status FROM crm_signature
    WHERE campaign_id = %(campaign)s AND supporter_id = ANY(%(ids)s)"""


def note_phone(person: Known, number: str, is_preferred: bool) -> None:
    person.phones.add(number)
    person.has_preferred_phone |= is_preferred


def note_address(person: Known, number: int, *values: str) -> None:
    person.address = {"id": number, **dict(zip(ADDRESS, values, strict=True))}


# Of which columns, what is asked, and where the answer goes.
MORE: tuple[tuple[tuple[str, ...], str, Callable[..., None]], ...] = (
    (("phone", "other_phone"), PHONES, note_phone),
    (("identifier",), IDENTIFIERS, lambda person, value: person.identifiers.add(value)),
    (("tags",), TAGS, lambda person, name: person.tags.add(name.lower())),
    (("note",), NOTES, lambda person, text: person.notes.add(text)),
    (("street", "town", "postcode"), ADDRESSES, note_address),
)


class Knowledge:
    """Finds people by the keys of rows, and tells what we know of them."""

    def __init__(self, *, kind: str, options: Options, used: set[str], lock: bool) -> None:
        self.kind, self.options, self.used, self.lock = kind, options, used, lock
        self.people: dict[int, Known] = {}
        self.heirs: dict[int, int] = {}  # of records that were merged into others
        self.by_key: dict[tuple[str, str], Known] = {}

    def learn(self, rows: Iterable[dict[str, Any]]) -> None:
        """Read whatever we know of the people in these rows."""
        wanted: dict[str, set[str]] = {name: set() for name in OWNERS}
        for row in rows:
            for name, value in keys_of(row):
                wanted[name].add(value)
        found = {
            (name, value): owner
            for name, keys in wanted.items()
            if keys
            for value, owner in self.ask(OWNERS[name], keys=list(keys))
        }
        self.read(sorted(set(found.values())))
        for (kind, value), owner in found.items():
            person = self.by_key[kind, value] = self.people[self.standing(owner)]
            # It may stand with a record that was merged into this one.
            (person.emails if kind == "email" else person.identifiers).add(value)

    def standing(self, number: int) -> int:
        """Return whose record stands for one, which may have been merged while we waited for it."""
        while number in self.heirs:
            number = self.heirs[number]
        return number

    def read(self, ids: list[int]) -> None:
        if not ids:
            return
        statement = PEOPLE.format(scalars=", ".join(SCALARS)) + (LOCK if self.lock else "")
        for number, heir, is_erased, *values in self.ask(statement, ids=ids):
            fields = dict(zip(SCALARS, values, strict=True))
            self.people[number] = Known(number, fields, is_erased=is_erased)
            if heir is not None:
                self.heirs[number] = heir
        for person, address in self.ask(EMAILS, ids=ids):
            self.people[person].emails.add(address)
        for person, given in self.ask(STATES, ids=ids):
            self.people[person].newsletter = given
        self.heed(ids)
        self.read_more(ids)
        self.read(sorted(set(self.heirs.values()) - self.people.keys()))

    def heed(self, ids: list[int]) -> None:
        """Find out who takes no "yes", for a "no" follows one of their addresses."""
        unasked = (key for key in ids if self.people[key].newsletter is None)
        if "newsletter" in self.used:
            for key in who_refused({key: self.people[key].emails for key in unasked}):
                self.people[key].is_refused = True

    def read_more(self, ids: list[int]) -> None:
        """Read what only some files speak of."""
        for names, statement, note in MORE:
            if set(names) & self.used or (names == ("tags",) and self.options.tags):
                for person, *values in self.ask(statement, ids=ids):
                    note(self.people[person], *values)
        if self.kind == Kind.SIGNATURES:
            for person, status in self.ask(SIGNED, ids=ids):
                self.people[person].signature = status

    def ask(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        told = {"system": self.options.system, "campaign": self.options.campaign, **values}
        with connection.cursor() as cursor:
            cursor.execute(statement, told)
            return cursor.fetchall()

    def whose(self, row: dict[str, Any]) -> list[Known]:
        """Return everybody to whom a key of the row leads."""
        found = [self.by_key[key] for key in keys_of(row) if key in self.by_key]
        return list({person.id: person for person in found}.values())

    def remember(self, row: dict[str, Any], person: Known) -> None:
        """Let the keys of a row lead to a person, for the rows below."""
        for key in keys_of(row):
            self.by_key.setdefault(key, person)


def keys_of(row: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield what a row can be recognised by. What is empty is no key."""
    for name, kind in KEYS:
        value = row.get(name)
        if value:
            yield kind, value


KEYS = (
    ("email", "email"),
    ("other_email", "email"),
    ("identifier", "identifier"),
    ("fingerprint", "fingerprint"),
)
