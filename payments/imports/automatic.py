"""What is matched without a person: by communication, or by an account we know under that name."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from crm.campaigns.models import Campaign
from crm.donations.communications import Communication
from crm.donations.pledges import Instalment
from crm.people.models import Identifier, Supporter
from payments.bank.matching import Payment, Promise, due, same_name
from payments.imports.decisions import AlreadyDecided, accept
from payments.imports.files import IBAN
from payments.statements import BankFile, BankLine

AT_ONCE = 200  # lines between two looks at what is known
WHILE_ONE_WAITS = 100  # lines matched before the page answers
BY_COMMUNICATION, BY_IBAN = "communication", "iban"


class Match(NamedTuple):
    supporter: Supporter
    how: str
    campaign: Campaign | None


def match_file(*, file: BankFile, at: datetime, most: int | None = None) -> int:
    """Make gifts of the lines that say whose they are; return how many.

    Lines that somebody has decided, even if that was undone, are left to people. `most` is how
    many lines are looked at; all of them otherwise. Doing it again does the rest.
    """
    lines = BankLine.objects.untouched().filter(statement__file=file).order_by("pk")[:most]
    ids = list(lines.values_list("pk", flat=True))
    chunks = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    return sum(match_lines(list(lines_again(chunk)), at=at) for chunk in chunks)


def lines_again(ids: list[int]) -> QuerySet[BankLine]:
    return BankLine.objects.untouched().filter(pk__in=ids).order_by("pk")


def match_lines(lines: list[BankLine], *, at: datetime) -> int:
    """Match a few hundred lines; each is a transaction of its own."""
    matches = find(lines)
    promises = outstanding(match.supporter.pk for match in matches.values())
    for line in lines:
        match = matches.get(line.pk)
        if match is None:
            continue
        instalment = fitting(line, promises.get(match.supporter.pk, []))
        with suppress(AlreadyDecided):
            accept(
                line=line,
                supporter=match.supporter,
                at=at,
                how=match.how,
                campaign=match.campaign,
                instalment=instalment,
            )
        if instalment is not None:
            promises[match.supporter.pk].remove(instalment)
    return len(matches)


def find(lines: list[BankLine]) -> dict[int, Match]:
    """Return the certain matches, by line."""
    communications = by_digits(line.structured for line in lines)
    holders = by_iban(line.payer_iban for line in lines)
    found = {}
    for line in lines:
        communication = communications.get(line.structured)
        match = certain(line, communication, holders.get(line.payer_iban))
        if match is not None:
            found[line.pk] = match
    return found


def certain(
    line: BankLine, communication: Communication | None, holder: Supporter | None
) -> Match | None:
    """Return whose gift a line is beyond doubt; None where a person has to look.

    A communication that we do not know may belong to a bill: it is not overruled by an account.
    """
    if communication is not None and communication.supporter is not None:
        giver = communication.supporter
        return Match(giver, BY_COMMUNICATION, communication.campaign) if is_there(giver) else None
    if line.structured and communication is None:
        return None
    knows = holder is not None and is_there(holder) and settings.MATCH_KNOWN_ACCOUNTS
    if holder is not None and knows and same_name(line.payer_name, holder.full_name):
        return Match(holder, BY_IBAN, communication.campaign if communication else None)
    return None


def is_there(supporter: Supporter) -> bool:
    return supporter.erased_at is None and supporter.merged_into_id is None


def by_digits(digits: Iterable[str]) -> dict[str, Communication]:
    wanted = set(digits) - {""}
    found = Communication.objects.filter(digits__in=wanted).select_related("supporter", "campaign")
    return {each.digits: each for each in found}


def by_iban(ibans: Iterable[str]) -> dict[str, Supporter]:
    wanted = set(ibans) - {""}
    found = Identifier.objects.filter(system=IBAN, value__in=wanted).select_related("supporter")
    return {each.value: each.supporter for each in found}


def outstanding(supporters: Iterable[int]) -> dict[int, list[Instalment]]:
    """Return the unpaid parts of pledges of some supporters, the earliest first."""
    found: dict[int, list[Instalment]] = {}
    rows = Instalment.objects.outstanding().filter(pledge__supporter__in=set(supporters))
    for each in rows.select_related("pledge__campaign", "pledge__fund").order_by("due_on", "pk"):
        found.setdefault(each.pledge.supporter_id, []).append(each)
    return found


def fitting(line: BankLine, instalments: list[Instalment]) -> Instalment | None:
    """Return the part of a pledge that a line pays."""
    payment = Payment(line.amount, line.booked_on, line.payer_name)
    same = [each for each in instalments if each.pledge.currency == line.currency]
    found = due(payment, [Promise(each.pk, each.amount, each.due_on) for each in same])
    return next((each for each in same if found and each.pk == found.pk), None)
