"""From the cells of a line to the values of a row, or to what is wrong with it."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.conf import settings

from crm.exchange import fields
from crm.exchange.cells import Cells, TooLong
from crm.exchange.models import Kind
from crm.exchange.options import Options
from crm.exchange.reasons import REASONS
from crm.lib import contact
from crm.lib.notations import NotRead
from crm.lib.periods import local_day
from crm.lib.regions import region_of
from crm.lib.sheets import Detected, Line
from crm.people.models import Supporter
from crm.people.names import parted

DATES = {"birth_date", "newsletter_at", "known_since", "signed_at", "given_on"}
NEVER_IN_FUTURE = {"birth_date", "signed_at", "given_on"}
REASON_OF = {
    **dict.fromkeys(("email", "other_email"), "email"),
    **dict.fromkeys(("phone", "other_phone"), "phone"),
    **dict.fromkeys(DATES, "date"),
}
NOTHING = (None, "")
REMEMBERED = 20_000  # of what follows from a cell, for as many as these
# What says in other words who somebody is, or that they want no newsletter.
IN_OTHER_WORDS = {"organisation", "full_name", "kind", "no_newsletter", "no_email"}


class Bad(Exception):
    """The row cannot be taken, for these reasons."""

    def __init__(self, *told: dict[str, Any]) -> None:
        super().__init__(told)
        self.told = list(told)


class Column(NamedTuple):
    """A column that is imported: where, as which field, and what its cells say."""

    position: int
    heading: str
    name: str
    values: Cells


class Parser:
    """Reads the lines of one file. Rows are dictionaries of what the file says, by field."""

    def __init__(
        self,
        *,
        kind: str,
        how: Detected,
        mapping: dict[str, str],
        options: Options,
        funds: dict[str, int],
        file_hash: str = "",
        now: datetime,
    ) -> None:
        self.kind, self.how, self.options, self.funds = kind, how, options, funds
        self.file_hash, self.now, self.today = file_hash, now, local_day(now)
        self.width = len(how.columns)
        self.header = [cell.casefold() for cell in how.columns]
        reads = fields.readers(how, country=options.country, utc=options.utc)
        self.columns = [
            Column(
                position,
                heading,
                name,
                Cells(name, reads.get(name), fields.BY_NAME[name].longest),
            )
            for position, heading in enumerate(how.columns)
            if (name := mapping.get(heading, ""))
        ]
        self.moments = [column.name for column in self.columns if column.name in NEVER_IN_FUTURE]
        self.headings = {column.name: column.heading for column in self.columns}
        constants = {
            name: reads[name](text) if name in reads else text
            for name, text in options.constants.items()
        }
        self.constants = {name: value for name, value in constants.items() if value not in NOTHING}
        names = {column.name for column in self.columns} | self.constants.keys()
        self.has_other_words = bool(IN_OTHER_WORDS & names) or "family_name" in self.constants
        self.region = lru_cache(maxsize=REMEMBERED)(region_of)
        self.spoken = lru_cache(maxsize=REMEMBERED)(spoken)
        self.is_late = lru_cache(maxsize=REMEMBERED)(self.is_of_future)

    def rows(self, lines: Iterator[Line]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield each line's number and row; a row that is bad has only "bad", with the reasons."""
        for number, cells in lines:
            try:
                yield number, self.row(number, cells)
            except Bad as bad:
                yield number, {"bad": bad.told}

    def row(self, number: int, cells: list[str]) -> dict[str, Any]:
        """Return what a line says. Raises Bad."""
        if len(cells) != self.width:
            cells = self.fitted(cells)
        row = self.read(cells)
        self.finish_person(row, number)
        if self.kind == Kind.GIFTS:
            self.finish_gift(row)
        return row

    def fitted(self, cells: list[str]) -> list[str]:
        """Return a line as wide as the others; a workbook leaves out empty cells at the end."""
        extra = any(cells[self.width :])
        if extra or (len(cells) < self.width and self.how.kind == "csv"):
            raise Bad(told("width", cells=len(cells), columns=self.width))
        return (cells + [""] * self.width)[: self.width]

    def read(self, cells: list[str]) -> dict[str, Any]:
        row = self.constants.copy()
        wrong: list[dict[str, Any]] = []
        for position, heading, name, values in self.columns:
            try:
                value = values[cells[position]]
            except ValueError:
                wrong.append(told(REASON_OF.get(name, "unknown"), column=heading))
            except TooLong:
                wrong.append(told("too-long", column=heading, limit=values.longest))
            else:
                if value is not None:
                    row[name] = value
        if wrong:
            raise Bad(*(self.repeated(cells) or wrong))
        if "" in row.values():
            row = {name: value for name, value in row.items() if value != ""}
        self.check_moments(row)
        return row

    def repeated(self, cells: list[str]) -> list[dict[str, Any]]:
        """Recognise a line of column names among the data, where two files were joined."""
        is_header = [cell.strip().casefold() for cell in cells] == self.header
        return [told("header")] if is_header else []

    def check_moments(self, row: dict[str, Any]) -> None:
        for name in self.moments:
            value = row.get(name)
            if value is not None and self.is_late(value):
                raise Bad(told("future", column=self.headings.get(name, name)))

    def is_of_future(self, value: date | datetime) -> bool:
        if not isinstance(value, datetime):
            return value > self.today
        # A day is read as its noon: today's is not of the future.
        return value > self.now and local_day(value) != self.today

    def finish_person(self, row: dict[str, Any], number: int) -> None:
        """Complete what follows from other values: name, region, what identifies the person."""
        if self.has_other_words:
            name_person(row)
            self.check_name(row)
            hear_refusal(row)
        given, family = row.get("given_name", ""), row.get("family_name", "")
        email, postcode = row.get("email", ""), row.get("postcode", "")
        if not email and "other_email" in row:
            email = row["email"] = row.pop("other_email")
        if row.get("other_email") == email:
            del row["other_email"]
        if not (email or given or family or "identifier" in row):
            raise Bad(told("nobody"))
        if (postcode or "town" in row or "street" in row) and "country" not in row:
            row["country"] = self.options.country
        if postcode:
            row["region"] = self.region(row["country"], postcode)
        if not email and "identifier" not in row:
            row["fingerprint"] = self.fingerprint(row, number)
        row["search_text"] = self.search_text(row)

    def search_text(self, row: dict[str, Any]) -> str:
        """Return the words by which a person is found, in the order of `Supporter.searchable`."""
        get = row.get
        email = get("email", "")
        emails = f"{email} {row['other_email']}" if "other_email" in row else email
        # Addresses are one's own; the others come again and again.
        common = self.spoken
        said = common(get("given_name", "")), common(get("family_name", "")), spoken(emails)
        return " ".join(filter(None, (*said, common(get("postcode", "")))))

    def check_name(self, row: dict[str, Any]) -> None:
        """Of an organisation two names were put into one, which may not fit any more."""
        longest = fields.BY_NAME["family_name"].longest
        if len(row.get("family_name", "")) > longest:
            heading = self.headings.get("family_name", "family_name")
            raise Bad(told("too-long", column=heading, limit=longest))

    def fingerprint(self, row: dict[str, Any], number: int) -> str:
        """Return what this person is recognised by when the same list comes again.

        A name alone is shared by many: such a row is itself again only in the very same file.
        """
        known = [str(row.get(name, "")) for name in ("postcode", "phone", "birth_date")]
        known.append(" ".join(contact.words(row.get("street", ""))))
        if not any(known):
            known = [self.file_hash, str(number)]
        name = " ".join(contact.words(f"{row.get('given_name', '')} {row.get('family_name', '')}"))
        return keyed_hash("\x1f".join([name, *known]))

    def finish_gift(self, row: dict[str, Any]) -> None:
        """Read the money, and name the gift so that it is not entered twice. Raises Bad."""
        currency = row.setdefault("currency", self.options.currency)
        row.setdefault("method", self.options.method)
        row["amount"] = amount = self.money(row, "amount", currency)
        if amount <= 0:
            raise Bad(told("amount", column=self.headings["amount"]))
        if "given_on" not in row:
            raise Bad(told("missing", column=self.headings.get("given_on", "given_on")))
        self.finish_refund(row, currency)
        if "fund" in row:
            row["fund_id"] = self.fund(row.pop("fund"))
        given_id = row.pop("reference", "")
        if payment := row.pop("payment", ""):
            row["known_reference"] = f"stripe:{payment}"
        system = self.options.system or "file"
        row["reference"] = f"import:{system}:{given_id}" if given_id else self.nameless(row)
        row["is_named"] = bool(given_id)

    def money(self, row: dict[str, Any], name: str, currency: str) -> int:
        try:
            return fields.money(self.how, row.get(name, ""), currency)
        except NotRead:
            raise Bad(told("amount", column=self.headings.get(name, name))) from None

    def finish_refund(self, row: dict[str, Any], currency: str) -> None:
        state = row.pop("payment_state", "") if "payment_state" in self.headings else "paid"
        if not state:
            row["skip"] = "not-paid"
        back = self.money(row, "refunded", currency) if "refunded" in row else 0
        row["refunded"] = abs(back) or (row["amount"] if state == "refunded" else 0)
        if row["refunded"] > row["amount"]:
            raise Bad(told("refunded"))

    def fund(self, code: str) -> int:
        found = self.funds.get(code.casefold())
        if found is None:
            raise Bad(told("fund", value=code))
        return found

    def nameless(self, row: dict[str, Any]) -> str:
        """Return what a gift without a number is recognised by; which of several, others say."""
        who = row.get("email") or row.get("identifier") or row.get("fingerprint", "")
        what = (who, row["amount"], row["currency"], row["given_on"].isoformat(), row["method"])
        return "import:row:" + keyed_hash("\x1f".join(map(str, what)))


def spoken(text: str) -> str:
    """Return the words of a text as a search finds them."""
    return " ".join(contact.words(text))


def told(reason: str, **values: Any) -> dict[str, Any]:
    """Return a reason as it is stored; what the cell held is not repeated."""
    assert reason in REASONS
    return {"reason": reason, **values}


def hear_refusal(row: dict[str, Any]) -> None:
    """Take who wants no newsletter, or no mail at all, for a "no"."""
    if False in (row.pop("no_newsletter", None), row.pop("no_email", None)):
        row["newsletter"] = False


def name_person(row: dict[str, Any]) -> None:
    """Settle who the row is about: a person by two names, or an organisation by one."""
    organisation, whole = row.pop("organisation", ""), row.pop("full_name", "")
    named = "given_name" in row or "family_name" in row
    if whole and not named:
        row["given_name"], row["family_name"] = parted(whole)
        named = True
    is_organisation = row.get("kind") == Supporter.Kind.ORGANISATION
    if organisation and (is_organisation or not named):
        row["kind"] = Supporter.Kind.ORGANISATION.value
        row["given_name"], row["family_name"] = "", organisation
    elif is_organisation and row.get("given_name"):
        row["family_name"] = f"{row['given_name']} {row.get('family_name', '')}".strip()
        row["given_name"] = ""


@lru_cache(maxsize=1)
def key() -> bytes:
    return blake2b(b"import-row" + settings.SECRET_KEY.encode()).digest()


def keyed_hash(text: str) -> str:
    """Return a name that tells nothing about what it is made of."""
    return blake2b(text.encode(), key=key(), digest_size=16).hexdigest()


def as_text(value: Any) -> str:
    """Write a value as COPY reads it, empty for none."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (date, datetime)):
        return moment_as_text(value)
    return str(value) if isinstance(value, int) else json.dumps(value)


@lru_cache(maxsize=REMEMBERED)
def moment_as_text(value: date | datetime) -> str:
    return value.isoformat()
