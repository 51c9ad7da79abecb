"""Writing a bank statement as Belgian banks do, for the demo (format: Febelfin's CODA 2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH = 128
OPENING = 1_834_216  # cents
NUMBER = "047"
TRANSFER = "00150000"


@dataclass(frozen=True)
class Move:
    """A movement on the account, in cents. `digits` is a structured communication."""

    on: date
    amount: int
    name: str
    iban: str
    text: str = ""
    digits: str = ""


def coda(moves: Sequence[Move], *, account: str, holder: str, first: date, last: date) -> bytes:
    """Return the file of one statement, from the first day's morning to the last day's evening."""
    closing = OPENING + sum(move.amount for move in moves)
    own, day = f"{account:34}EUR", f"{last:%d%m%y}"
    structure = "2" if account.startswith("BE") else "3"
    records = [
        f"1{structure}{NUMBER}{own}{balance(OPENING)}{first:%d%m%y}{holder[:26]:61}{NUMBER}",
        *(record for place, move in enumerate(moves, start=1) for record in of(move, place)),
        f"8{NUMBER}{own}{balance(closing)}{day:70}0",
    ]
    header = f"00000{day}{'00005':13}{'DEMO':10}{holder[:26]:26}{'':11}{'00000000000 00000':56}2"
    debit, credit = -total(moves, sign=-1), total(moves, sign=1)
    trailer = f"{'9':16}{len(records):06d}{debit * 10:015d}{credit * 10:015d}{'':75}2"
    lines = [record.ljust(WIDTH) for record in (header, *records, trailer)]
    return "\r\n".join([*lines, ""]).encode("windows-1252", errors="replace")


def of(move: Move, place: int) -> Iterator[str]:
    """Return the three records of a movement."""
    stem, day = f"{place:04d}0000", f"{move.on:%d%m%y}"
    reference = f"DEMO{move.on:%y%m%d}{place:06d}"
    text = (f"1101{move.digits}" if move.digits else f"0{move.text}").ljust(107)
    yield (
        f"21{stem}{reference:21}{balance(move.amount)}{day}{TRANSFER}{text[:54]}{day}{NUMBER}01 0"
    )
    yield f"22{stem}{text[54:]:115}1 0"
    yield f"23{stem}{move.iban:34}EUR{move.name[:35]:78}0 0"


def balance(cents: int) -> str:
    return f"{'1' if cents < 0 else '0'}{abs(cents) * 10:015d}"


def total(moves: Sequence[Move], *, sign: int) -> int:
    return sum(move.amount for move in moves if move.amount * sign > 0)


def invented_account(number: int) -> str:
    """Return an account that nobody can have: the check of its last two digits fails.

    >>> invented_account(1), invented_account(2)
    ('BE04979900000156', 'BE90979900000257')
    """
    stem = f"9799{number:06d}"
    bban = f"{stem}{int(stem) % 97 + 1:02d}"
    return f"BE{98 - int(f'{bban}111400') % 97:02d}{bban}"
