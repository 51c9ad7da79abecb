"""A supporter whom staff write down: from paper, from a call, from a meeting."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.people.addressing import add_address, add_phone
from crm.people.deciding import say_different
from crm.people.duplicates import Suspicion
from crm.people.matching import match_one
from crm.people.models import Supporter
from crm.people.operations import EmailTaken, insert_newcomer, newcomer

SOURCE = "staff"


@transaction.atomic
def enter(
    *,
    at: datetime,
    by: Any = None,
    is_somebody_else: bool = False,
    phone: str = "",
    street: str = "",
    town: str = "",
    postcode: str = "",
    country: str = "",
    form_of_address: str = "",
    birth_date: date | None = None,
    **fields: str,
) -> Supporter:
    """Write down somebody new, with how they are reached.

    `is_somebody_else`: those who look alike were looked at, and are different people.
    Raises EmailTaken when a supporter has this address: then it is them.
    """
    new = newcomer(at=at, source=SOURCE, postcode=postcode, country=country, **fields)
    new.form_of_address, new.birth_date = form_of_address, birth_date
    if not insert_newcomer(new):
        raise EmailTaken(Supporter.objects.with_email(new.email).get().pk)
    how: dict[str, Any] = {"supporter": new, "source": SOURCE, "at": at, "by": by}
    if phone:
        add_phone(number=phone, **how)
    if street or town:
        add_address(street=street, town=town, postcode=postcode, country=country, **how)
    audit.log("supporter.added", new, by=by, at=at)
    for suspicion in match_one(new, at=at) if is_somebody_else else ():
        say_different(suspicion=suspicion, at=at, by=by)
    return new


@transaction.atomic
def lookalikes(*, at: datetime, **fields: Any) -> list[Supporter]:
    """Return who may be the one that these words describe, the likeliest first. Writes nothing.

    Raises EmailTaken as `enter` does.
    """
    with transaction.atomic():
        new = enter(at=at, **fields)
        found = match_one(new, at=at)
        transaction.set_rollback(True)
    return [other_of(suspicion, new) for suspicion in sorted(found, key=lambda each: -each.score)]


def other_of(suspicion: Suspicion, one: Supporter) -> Supporter:
    other = suspicion.second_id if suspicion.first_id == one.pk else suspicion.first_id
    return Supporter.objects.get(pk=other)
