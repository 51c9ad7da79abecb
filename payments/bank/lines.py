"""What every bank's file comes down to: statements of an account, and their lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.utils.translation import gettext as _

LONGEST_FILE = 50 * 1024 * 1024


class Unreadable(Exception):
    """The file cannot be taken; `line` says where, `reason` says why in words for people."""

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Flaw:
    """Where a file contradicts itself, though all of it can be read; `reason` is for people."""

    reason: str
    line: int


class Contradictory(Unreadable):
    """The file can be read but has flaws, and nobody has said to take it as it is."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__(flaws[0].reason, line=flaws[0].line)
        self.flaws = flaws


@dataclass(frozen=True)
class Line:
    """One movement on the account, signed. `is_return`: the bank says that money went back."""

    booked_on: date
    amount: int
    currency: str
    payer_name: str = ""
    payer_iban: str = ""
    communication: str = ""
    structured: str = ""
    bank_reference: str = ""
    is_return: bool = False


@dataclass
class Statement:
    """One account over some days."""

    account: str
    currency: str
    number: str
    opened_on: date
    closed_on: date
    opening_balance: int
    closing_balance: int
    at_line: int
    lines: list[Line] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def reached(self) -> int:
        """Where the lines lead from the opening balance."""
        return self.opening_balance + sum(line.amount for line in self.lines)

    @property
    def difference(self) -> int:
        return self.closing_balance - self.reached

    @property
    def credits(self) -> int:
        return sum(line.amount for line in self.lines if line.amount > 0)


def minor_units(amount: Decimal, currency: str) -> int:
    """Return whole minor units. Raises ValueError where there is less than one.

    >>> minor_units(Decimal("12.500"), "EUR"), minor_units(Decimal("1250"), "JPY")
    (1250, 1250)
    """
    units = amount.scaleb(get_currency_precision(currency))
    if units != units.to_integral_value():
        raise ValueError(amount)
    return int(units)


def check_sum(statement: Statement, *, at_line: int) -> None:
    """Note as a flaw that lines do not lead from the opening to the closing balance."""
    if not statement.difference:
        return
    reason = _(
        "The statement %(number)s does not add up: its opening balance and its lines make "
        "%(found)s, but its closing balance is %(closing)s (difference: %(difference)s)."
    ) % {
        "number": statement.number or statement.account,
        "found": plain(statement.reached, statement.currency),
        "closing": plain(statement.closing_balance, statement.currency),
        "difference": plain(statement.difference, statement.currency),
    }
    statement.flaws.append(Flaw(reason, at_line))


def plain(units: int, currency: str) -> str:
    """Write an amount as it stands in files.

    >>> plain(-1250, "EUR")
    '-12.50 EUR'
    """
    return f"{Decimal(units).scaleb(-get_currency_precision(currency))} {currency}"


def parts_or_whole(whole: Line, parts: Sequence[Line]) -> Sequence[Line]:
    """Return the payments that the bank booked as one sum, where they make that sum."""
    if len(parts) > 1 and sum(part.amount for part in parts) == whole.amount:
        return parts
    return [whole]
