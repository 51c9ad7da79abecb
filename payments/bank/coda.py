"""Belgian banks' CODA files, read by `febelfin-coda` and checked record by record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import coda
from django.utils.translation import gettext as _

from payments.bank.lines import (
    Flaw,
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
MOVEMENTS = "0123"  # types of transaction that count; the others are details of these
ACCOUNTS = "0123"  # Belgian or foreign, as IBAN or not
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
    pairs = zip(found, records.frames, strict=True)
    return [statement_of(each, frame) for each, frame in pairs]


@dataclass
class Frame:
    """The records with a statement's two balances, and what lies between, in thousandths."""

    at_line: int
    first: str = ""
    reached: int = 0
    last: str = ""
    closed_at: int = 0
    closing: int = 0

    def see(self, record: str, number: int) -> str:
        """Return a record, or a closing one as it would follow from those before.

        The library takes no closing balance that contradicts the rest, but people may.
        """
        if record[0] == "1":
            self.first, self.reached = record, thousandths(record[42:58])
        elif record.startswith("21") and record[53] in MOVEMENTS:
            self.reached += thousandths(record[31:47])
        elif record[0] == "8":
            self.last, self.closed_at, self.closing = record, number, thousandths(record[41:57])
            sign = "1" if self.reached < 0 else "0"
            return f"{record[:4]}{self.first[5:42]}{sign}{abs(self.reached):015d}{record[57:]}"
        return record

    @property
    def opening_account(self) -> str:
        return self.account(self.first[5:42])

    @property
    def closing_account(self) -> str:
        return self.account(self.last[4:41])

    def account(self, text: str) -> str:
        return iban_of(text[:12] if self.first[1] == "0" else text[:34])

    def has_one_currency(self) -> bool:
        at = 13 if self.first[1] == "0" else 34
        return self.first[5 + at :][:3] == self.last[4 + at :][:3]


def thousandths(text: str) -> int:
    """Return a signed amount. Raises ValueError for what is none.

    >>> thousandths("0000000000012500"), thousandths("1000000000012500")
    (12500, -12500)
    """
    if text[0] not in "01":
        raise ValueError(text)
    return int(text[1:]) * (-1 if text[0] == "1" else 1)


class Records:
    """The lines of a file, one by one, so that it is known which one was refused."""

    def __init__(self, text: str) -> None:
        self.lines = text.rstrip("\r\n\x1a ").splitlines()
        self.number = 0
        self.record = ""
        self.kind = ""
        self.frames: list[Frame] = []

    def __iter__(self) -> Iterator[str]:
        for number, record in enumerate(self.lines, start=1):
            self.number, self.record = number, record
            self.check(record)
            self.kind = record[0]
            if self.kind == "0":
                self.frames.append(Frame(number))
            yield self.frames[-1].see(record, number)

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
        if record[0] == "1" and record[1] not in ACCOUNTS:
            raise Unreadable(_("It is not said how the account is written."), line=self.number)

    def check_end(self) -> None:
        if self.kind != "9":
            reason = _("The file is cut off: its last line is not a closing record (type 9).")
            raise Unreadable(reason, line=self.number)


def explain(record: str) -> str:
    """Say what is wrong with the record at which reading stopped."""
    if record[0] == "9":
        return _("The sums or the number of lines in the closing record do not fit the lines.")
    return _("The record is malformed: a date or an amount in it cannot be read.")


def statement_of(found: coda.Statement, frame: Frame) -> Statement:
    currency, at_line = found.account_currency.strip(), frame.at_line
    closing = Decimal(frame.closing) / 1000 if frame.last else found.new_balance
    statement = Statement(
        account=iban_of(found.account),
        currency=currency,
        number=f"{found.new_balance_date:%Y}/{found.coda_sequence}",
        opened_on=found.old_balance_date,
        closed_on=found.new_balance_date,
        opening_balance=cents(found.old_balance, currency, at_line),
        closing_balance=cents(closing, currency, at_line),
        at_line=at_line,
    )
    for move in found.moves:
        statement.lines += lines_of(move, currency, at_line)
    if frame.last:
        check_closing(statement, frame)
    return statement


def check_closing(statement: Statement, frame: Frame) -> None:
    """Note what the closing record contradicts. Raises Unreadable where nothing can be compared."""
    if not frame.has_one_currency():
        reason = _("The two balances are in different currencies.")
        raise Unreadable(reason, line=frame.closed_at)
    if frame.closing_account != frame.opening_account:
        reason = _(
            "The opening balance is for the account %(opening)s, "
            "but the closing balance for another one, %(closing)s."
        )
        told = {"opening": frame.opening_account, "closing": frame.closing_account}
        statement.flaws.append(Flaw(reason % told, frame.closed_at))
    check_sum(statement, at_line=frame.closed_at)


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
