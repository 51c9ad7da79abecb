"""Putting data right as its owner asks: what we had not is filled in, staff decide the rest."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from crm.people.addressing import add_phone
from crm.people.models import Supporter
from crm.people.offers import offer_address, told_by_owner
from crm.people.operations import correct
from crm.people.proposals import Proposal
from crm.people.standing import standing
from crm.privacy import requesting
from crm.privacy.requests import PrivacyRequest

SOURCE = "donor"
Kind = PrivacyRequest.Kind


@transaction.atomic
def ask_to_correct(
    *,
    supporter: Supporter,
    language: str,
    at: datetime,
    phone: str = "",
    street: str = "",
    town: str = "",
    postcode: str = "",
    country: str = "",
    birth_date: date | None = None,
    mails_in: str = "",
    **names: str,
) -> PrivacyRequest:
    """Take what somebody told on their own page, which their link proved.

    Nothing is written over: a number is added to those there are, other values that differ are
    proposed to staff. `mails_in` is the language that they want. Raises ValueError for a number or
    a postcode that is none.
    """
    who = standing(supporter)
    own: dict[str, Any] = {"supporter": who, "source": SOURCE, "at": at}
    if mails_in and mails_in != who.language:
        correct(supporter=who, at=at, language=mails_in)
    if phone:
        add_phone(number=phone, **own)
    if street:
        offer_address(**own, street=street, town=town, postcode=postcode, country=country)
    elif not who.addresses.exists():
        names |= {"postcode": postcode, "country": country}
    born = birth_date.isoformat() if birth_date else ""
    facts: dict[str, Any] = {**names, "birth_date": born}
    told_by_owner(**own, **facts)
    request = requesting.ask(
        supporter=who, kind=Kind.RECTIFICATION, source=requesting.OWN_PAGE, language=language, at=at
    )
    settle_corrections(at=at)
    return request


def settle_corrections(*, at: datetime) -> int:
    """Close the requests of which nothing waits for staff any more; return how many."""
    undecided = Proposal.objects.open().filter(source=SOURCE).values("supporter")
    told = requesting.waiting().filter(kind=Kind.RECTIFICATION, source=requesting.OWN_PAGE)
    settled = list(told.exclude(supporter__in=undecided))
    for request in settled:
        requesting.finish(request, at=at)
    return len(settled)
