"""Belgian banks' CODA files, read by `febelfin-coda` and checked record by record."""

import re
from collections.abc import Iterator
from decimal import Decimal

import coda
from django.utils.translation import gettext as _

from payments.bank.lines import (
    Line,
    Statement,
    Unreadable,
    check_sum,
    minor_units,
    parts_or_whole,
)
from payments.bank.ogm import iban_of, one_line, structured

WIDTH = 128
HEADER = re.compile(r"0000[0-9]{7}")  # the record, four zeros, the day of creation
AFTER = {  # which records may follow which
    "": "0",
    "0": "1",
    "1": "23489",
    "2": "23489",
    "3": "23489",
    "4": "489",
    "8": "49",
    "9": "0",
}
BY_CUSTOMER, BY_BANK, DETAILS_OF_BANK = "1", "2", "7"  # sums of several payments
OGM_TYPES = {"101", "102"}

# Details of details: version 0.5.0 of the library has no such method, and calls it.
if not hasattr(coda.Move, "append"):
    coda.Move.append = lambda self, move: self.moves.append(move)


def is_coda(text: str) -> bool:
    return HEADER.match(text) is not None


def read(text: str) -> list[Statement]:
    """Return the statements of a file. Raises Unreadable, with the line."""
    records = Records(text)
    try:
        found = coda.CODA(iter(records)).statements
    except Unreadable:
        raise
    except (AssertionError, ValueError, ArithmeticError, LookupError, AttributeError, TypeError):
        raise Unreadable(explain(records.record), line=records.number) from None
    records.check_end()
    pairs = zip(found, records.headers, strict=True)
    statements = [statement_of(each, at_line=line) for each, line in pairs]
    for statement in statements:
        check_sum(statement)
    return statements


class Records:
    """The lines of a file, one by one, so that it is known which one was refused."""

    def __init__(self, text: str) -> None:
        self.lines = text.rstrip("\r\n\x1a ").splitlines()
        self.number = 0
        self.record = ""
        self.kind = ""
        self.headers: list[int] = []

    def __iter__(self) -> Iterator[str]:
        for number, record in enumerate(self.lines, start=1):
            self.number, self.record = number, record
            self.check(record)
            self.kind = record[0]
            if self.kind == "0":
                self.headers.append(number)
            yield record

    def check(self, record: str) -> None:
        if len(record) != WIDTH:
            reason = _("The line has %(found)d characters; in a CODA file every line has 128.")
            raise Unreadable(reason % {"found": len(record)}, line=self.number)
        if record[0] not in AFTER[self.kind]:
            reason = _("A record of type %(found)s cannot stand here: a line is missing before it.")
            raise Unreadable(reason % {"found": record[0]}, line=self.number)
        if record[0] == "0" and record[127] != "2":
            reason = _("CODA version %(found)s cannot be read, only version 2.")
            raise Unreadable(reason % {"found": record[127]}, line=self.number)

    def check_end(self) -> None:
        if self.kind != "9":
            reason = _("The file is cut off: its last line is not a closing record (type 9).")
            raise Unreadable(reason, line=self.number)


def explain(record: str) -> str:
    """Say what is wrong with the record at which reading stopped."""
    if record[0] == "9":
        return _("The sums or the number of lines in the closing record do not fit the lines.")
    if record[0] == "8":
        return _("The closing balance is for another account than the opening balance.")
    return _("The record is malformed: a date or an amount in it cannot be read.")


def statement_of(found: coda.Statement, *, at_line: int) -> Statement:
    currency = found.account_currency.strip()
    statement = Statement(
        account=iban_of(found.account),
        currency=currency,
        number=f"{found.new_balance_date:%Y}/{found.coda_sequence}",
        opened_on=found.old_balance_date,
        closed_on=found.new_balance_date,
        opening_balance=cents(found.old_balance, currency, at_line),
        closing_balance=cents(found.new_balance, currency, at_line),
        at_line=at_line,
    )
    for move in found.moves:
        statement.lines += lines_of(move, currency, at_line)
    return statement


def cents(amount: Decimal, currency: str, at_line: int) -> int:
    try:
        return minor_units(amount, currency)
    except ValueError:
        reason = _("The amount %(amount)s is no whole number of cents.") % {"amount": amount}
        raise Unreadable(reason, line=at_line) from None


def lines_of(move: coda.Move, currency: str, at_line: int) -> list[Line]:
    """Return one line, or those of the payments that were booked as one sum."""
    whole = line_of(move, currency, at_line)
    if move.transaction_type not in (BY_CUSTOMER, BY_BANK, DETAILS_OF_BANK):
        return [whole]
    parts = [line for part in move.moves for line in lines_of(part, currency, at_line)]
    return list(parts_or_whole(whole, parts))


def line_of(move: coda.Move, currency: str, at_line: int) -> Line:
    text = one_line(move.communication or "")
    of_type = move.communication_type
    digits = structured(text) if of_type is None or of_type in OGM_TYPES else ""
    return Line(
        booked_on=move.entry_date,
        amount=cents(move.amount, currency, at_line),
        currency=currency,
        payer_name=one_line(move.counterparty_name or ""),
        payer_iban=iban_of((move.counterparty_account or "")[:34]),
        communication="" if of_type in OGM_TYPES and digits else text,
        structured=digits,
        bank_reference=one_line(move.bank_reference),
        is_return=bool(move.r_transaction),
    )
