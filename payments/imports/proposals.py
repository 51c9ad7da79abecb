"""Who may have paid a line, with what speaks for each: a few queries, whatever their number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.campaigns.models import Campaign
from crm.donations.communications import Communication
from crm.donations.credits import MatchingGift
from crm.donations.models import Entry, Gift, Method
from crm.donations.pledges import Instalment
from crm.people.models import Identifier, Supporter
from payments.bank import matching
from payments.bank.matching import Candidate, Payment, Promise, Proposal, Why
from payments.imports.files import IBAN
from payments.statements import BankLine

MOST_BY_NAME, MOST_BY_AMOUNT = 30, 5
RETURNABLE = timedelta(days=400)


@dataclass(frozen=True)
class Shown:
    """A proposal as people read it."""

    supporter: Supporter
    reasons: list[str]
    instalment: int | None = None
    matching: int | None = None


def proposals_for(line: BankLine) -> list[Shown]:
    """Return who may have paid, the most likely first, with the reasons in words."""
    payment = Payment(line.amount, line.booked_on, line.payer_name)
    promises = instalments_like(line)
    expected = matchings_like(line)
    named = by_communication(line)
    holders = by_iban(line)
    found = candidates(line, {*named, *holders, *promises, *expected})
    ranked = matching.ranked(
        payment,
        [
            Candidate(
                supporter_id=each.pk,
                name=each.full_name,
                has_communication=each.pk in named,
                has_iban=each.pk in holders,
                instalments=tuple(promises.get(each.pk, ())),
                matchings=tuple(expected.get(each.pk, ())),
                last_amount=each.last_amount,
            )
            for each in found
        ],
    )
    people = {each.pk: each for each in found}
    return [shown(people[each.supporter_id], each) for each in ranked]


def candidates(line: BankLine, others: set[int]) -> list[Any]:
    """Return supporters of a similar name, and those who are there for another reason."""
    similar = of_similar_name(line.payer_name).values("pk")[:MOST_BY_NAME]
    ids = set(similar.values_list("pk", flat=True)) | others
    last = Gift.objects.paid().filter(supporter=OuterRef("pk"), currency=line.currency)
    amount = last.order_by("-received_on", "-pk").values("amount")[:1]
    found = Supporter.objects.current().filter(pk__in=ids)
    return list(found.annotate(last_amount=Subquery(amount)).order_by("pk"))


def of_similar_name(name: str) -> QuerySet[Supporter]:
    """Return supporters who have two words of a name at least."""
    pairs = matching.pairs(name)
    if not pairs:
        return Supporter.objects.none()
    query = " | ".join(f"({' & '.join(pair)})" for pair in pairs)
    search = SearchQuery(query, config="simple", search_type="raw")
    return Supporter.objects.current().filter(search=search).order_by("pk")


def by_communication(line: BankLine) -> set[int]:
    found = Communication.objects.filter(digits=line.structured or None, supporter__isnull=False)
    return set(found.values_list("supporter", flat=True))


def by_iban(line: BankLine) -> set[int]:
    if not line.payer_iban:
        return set()
    holders = Identifier.objects.filter(system=IBAN, value=line.payer_iban)
    return set(holders.values_list("supporter", flat=True))


def instalments_like(line: BankLine) -> dict[int, list[Promise]]:
    """Return the unpaid parts of pledges of this amount that are due about now, by supporter."""
    near = timedelta(days=matching.NEAR)
    rows = Instalment.objects.outstanding().filter(
        amount=line.amount,
        pledge__currency=line.currency,
        due_on__range=(line.booked_on - near, line.booked_on + near),
    )
    wanted = rows.order_by("due_on", "pk")[:MOST_BY_AMOUNT]
    return grouped(wanted.values_list("pledge__supporter", "pk", "amount", "due_on"))


def matchings_like(line: BankLine) -> dict[int, list[Promise]]:
    """Return the expected matching gifts of this amount, by employer."""
    rows = MatchingGift.objects.waiting().filter(amount=line.amount, currency=line.currency)
    wanted = rows.order_by("promised_on", "pk")[:MOST_BY_AMOUNT]
    return grouped(wanted.values_list("employer", "pk", "amount", "promised_on"))


def grouped(rows: Iterable[tuple[int, int, int, date]]) -> dict[int, list[Promise]]:
    found: dict[int, list[Promise]] = {}
    for supporter, pk, amount, day in rows:
        found.setdefault(supporter, []).append(Promise(pk, amount, day))
    return found


def shown(supporter: Supporter, proposal: Proposal) -> Shown:
    return Shown(
        supporter,
        [in_words(why, proposal) for why in proposal.why],
        proposal.instalment.pk if proposal.instalment else None,
        proposal.matching.pk if proposal.matching else None,
    )


def in_words(why: Why, proposal: Proposal) -> str:
    if why is Why.SIMILAR_NAME:
        told = " ".join(proposal.shared)
        return _("similar name: %(words)s") % {"words": told}
    if why is Why.INSTALMENT and proposal.instalment is not None:
        day = date_format(proposal.instalment.due_on, "DATE_FORMAT")
        return _("a part of their pledge of this amount is due on %(day)s") % {"day": day}
    return {
        Why.COMMUNICATION: _("the structured communication is theirs"),
        Why.IBAN: _("paid from this account before"),
        Why.SAME_NAME: _("same name"),
        Why.MATCHING: _("their matching gift of this amount is expected"),
        Why.SAME_AMOUNT: _("gave the same amount last time"),
    }[why]


def gifts_returned_by(line: BankLine) -> list[Gift]:
    """Return the gifts of which enough is left that a line may undo, the likeliest first."""
    kept = Sum("entries__amount", filter=~Q(entries__kind=Entry.Kind.FEE))
    gifts = (
        Gift.objects.of_money()
        .alias(kept=kept)
        .filter(
            method=Method.BANK_TRANSFER,
            currency=line.currency,
            kept__gte=-line.amount,
            received_on__range=(line.booked_on - RETURNABLE, line.booked_on),
            supporter__in=[person.pk for person in payees(line)],
        )
    )
    found = gifts.select_related("supporter").order_by("-received_on", "-pk")[:20]
    return sorted(found, key=lambda gift: gift.amount != -line.amount)[:9]


def payees(line: BankLine) -> list[Any]:
    """Return who may have got money back: by account, and by name."""
    return candidates(line, by_iban(line))


def settling(
    *, supporter: Supporter, instalment: int | None, matching_gift: int | None
) -> dict[str, Any]:
    """Return the promises of a supporter that a payment keeps, if they still wait."""
    parts = Instalment.objects.outstanding().select_related("pledge__campaign", "pledge__fund")
    promised = MatchingGift.objects.waiting()
    return {
        "instalment": parts.filter(pk=instalment, pledge__supporter=supporter).first(),
        "matching": promised.filter(pk=matching_gift, employer=supporter).first(),
    }


def campaign_of(line: BankLine) -> Campaign | None:
    """Return what a line's communication was made for."""
    known = Communication.objects.filter(digits=line.structured or None)
    communication = known.select_related("campaign").first()
    return communication.campaign if communication else None
