"""Telling movements apart, and finding those that another file has brought already.

Two payments of one day may be alike in everything that a bank tells, so a line is never
recognised by its looks alone. It is a line that we have when the bank's own reference for it is
the same; or, where one of the two has none or they come in different formats (CODA and CAMT may
name a movement differently), when day, amount, the other account and the communication are the
same. Each line that we have is recognised once per file: two alike stay two.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2s

from crm.lib.contact import fold
from payments.bank.lines import Line


@dataclass(frozen=True)
class Known:
    """A line that an earlier file has brought, and the format of that file."""

    line: Line
    format: str


def unknown(known: Iterable[Known], lines: Iterable[Line], format: str) -> list[Line]:  # noqa: A002
    """Return those lines that none of the known ones is."""
    pool: dict[tuple, list[Known]] = defaultdict(list)
    for each in known:
        pool[money(each.line)].append(each)
    found = list(lines)
    for same in (same_reference, same_looks):
        found = [line for line in found if not taken(pool[money(line)], line, format, same)]
    return found


def taken(alike: list[Known], line: Line, format: str, same) -> bool:  # noqa: A002
    """Take out the first known line that is this one, if there is one."""
    for each in alike:
        if same(each, line, format):
            alike.remove(each)
            return True
    return False


def money(line: Line) -> tuple:
    return line.booked_on, line.amount, line.currency


def same_reference(known: Known, line: Line, _format: str) -> bool:
    ours, theirs = known.line.payer_iban, line.payer_iban
    return (
        plain(line.bank_reference) != ""
        and plain(known.line.bank_reference) == plain(line.bank_reference)
        and (ours == theirs or not (ours and theirs))
    )


def same_looks(known: Known, line: Line, format: str) -> bool:  # noqa: A002
    both_named = known.line.bank_reference and line.bank_reference
    if both_named and known.format == format:
        return False
    return looks(known.line) == looks(line)


def looks(line: Line) -> tuple[str, str]:
    """Return the other party and what was written, whatever the format did to blanks."""
    party = line.payer_iban or plain(line.payer_name)
    return party, line.structured or plain(line.communication)


def plain(text: str) -> str:
    return re.sub(r"[\W_]", "", fold(text))


def keys(account: str, lines: Iterable[Line], taken_keys: Iterable[str]) -> list[str]:
    """Return a key for each line, which is nobody else's: like lines are numbered."""
    count = Counter(key.rpartition(":")[0] for key in taken_keys)
    found = []
    for line in lines:
        name = plain(line.bank_reference) or "".join(looks(line))
        digest = blake2s(name.encode(), digest_size=8).hexdigest()
        stem = f"{account}:{line.booked_on:%Y%m%d}:{line.amount}:{digest}"
        count[stem] += 1
        found.append(f"{stem}:{count[stem]}")
    return found
