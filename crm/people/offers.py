"""What a public form says about somebody we know: never written over what we know, but proposed."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.lib.regions import normal_postcode
from crm.people.addressing import add_address, prefer_address
from crm.people.models import Supporter
from crm.people.operations import correct
from crm.people.proposals import Proposal

FIELDS = ("given_name", "family_name", "postcode", "country", "birth_date")
ADDRESS = "address"  # of a proposal: street, postcode, town and country, each on a line
MOST = 20  # that wait for one supporter: somebody may be playing


def offer(*, supporter: Supporter, source: str, at: datetime, **facts: str) -> list[str]:
    """Propose to staff what differs from what we know. Nothing is read out, nothing is changed.

    `source` names the form that said it ("signature:…"): see `prove`. What was proposed already,
    also what was declined, is not proposed again. Returns the fields that are.
    """
    told = {
        name: value.strip()
        for name, value in facts.items()
        if name in FIELDS and not same(value, getattr(supporter, name))
    }
    if not told:
        return []
    asked = Proposal.objects.exclude(state=Proposal.State.ACCEPTED).filter(supporter=supporter)
    known = list(asked.values_list("field", "value", "state"))
    if sum(state == Proposal.State.OPEN for *_said, state in known) >= MOST:
        return []
    said = {(field, value) for field, value, _state in known}
    new = [
        Proposal(supporter=supporter, field=name, value=value, source=source, at=at)
        for name, value in told.items()
        if (name, value) not in said
    ]
    Proposal.objects.bulk_create(new, ignore_conflicts=True)
    return [proposal.field for proposal in new]


def same(told: str, known: Any) -> bool:
    """Whether a form says nothing, or what we know, maybe with other spaces or capitals."""
    return not told.strip() or told.casefold().split() == str(known).casefold().split()


@transaction.atomic
def prove(*, supporter: Supporter, source: str, at: datetime) -> list[str]:
    """Whoever filled in that form has the supporter's address: what we had not is filled in.

    Where the form said two things of one field, staff decide. Returns the fields filled in.
    """
    waiting = Proposal.objects.open().filter(supporter=supporter, source=source)
    told = list(waiting.filter(field__in=FIELDS))
    if not told:
        return []
    locked = Supporter.objects.select_for_update().get(pk=supporter.pk)
    by_field: dict[str, list[Proposal]] = defaultdict(list)
    for proposal in told:
        by_field[proposal.field].append(proposal)
    sure = {
        field: said[0]
        for field, said in by_field.items()
        if len(said) == 1 and not getattr(locked, field)
    }
    if sure:
        keys = [proposal.pk for proposal in sure.values()]
        Proposal.objects.open().filter(pk__in=keys).update(
            state=Proposal.State.ACCEPTED, decided_at=at
        )
        facts = {field: proposal.value for field, proposal in sure.items()}
        correct(supporter=locked, at=at, **facts)
        for field, value in facts.items():
            setattr(supporter, field, value)
    return list(sure)


def forget(*, supporter: Supporter, source: str) -> None:
    """Drop what a form proposed that somebody else filled in."""
    Proposal.objects.open().filter(supporter=supporter, source=source).delete()


def told_by_owner(*, supporter: Supporter, source: str, at: datetime, **facts: str) -> None:
    """Take what somebody told who came by a link in a mail to them: what we had not is filled in,
    what differs is proposed."""
    if offer(supporter=supporter, source=source, at=at, **facts):
        prove(supporter=supporter, source=source, at=at)


def offer_address(
    *,
    supporter: Supporter,
    source: str,
    at: datetime,
    street: str,
    postcode: str,
    town: str,
    country: str,
) -> None:
    """Take an address that somebody told of themself: the first is added, another is proposed.

    It is proposed too where it would change the postcode that we know. Raises BadPostcode.
    """
    postcode = normal_postcode(country, postcode)
    told: dict[str, Any] = {"street": street.strip(), "postcode": postcode}
    told |= {"town": town, "country": country}
    known = supporter.addresses.filter(**told).exists()
    differs = supporter.postcode and supporter.postcode != postcode
    if known or not (differs or supporter.addresses.exists()):
        add_address(supporter=supporter, source=source, at=at, **told)
        return
    value = "\n".join(told[name] for name in ("street", "postcode", "town", "country"))
    asked = {"supporter": supporter, "field": ADDRESS, "value": value}
    if not Proposal.objects.exclude(state=Proposal.State.ACCEPTED).filter(**asked).exists():
        Proposal.objects.create(**asked, source=source, at=at)


@transaction.atomic
def accept(*, proposal: Proposal, at: datetime, by: Any) -> bool:
    """Write what was proposed; return False when somebody has decided already."""
    if not decide(proposal, Proposal.State.ACCEPTED, at=at, by=by):
        return False
    supporter = Supporter.objects.select_for_update().get(pk=proposal.supporter_id)
    if proposal.field == ADDRESS:
        move(supporter, proposal, at=at, by=by)
    else:
        correct(supporter=supporter, at=at, by=by, **{proposal.field: proposal.value})
    return True


def move(supporter: Supporter, proposal: Proposal, *, at: datetime, by: Any) -> None:
    """Have letters go to the proposed address from now on; the one before stays theirs."""
    street, postcode, town, country = proposal.value.split("\n")
    new = add_address(
        supporter=supporter,
        source=proposal.source,
        at=at,
        by=by,
        street=street,
        postcode=postcode,
        town=town,
        country=country,
    )
    prefer_address(address=new, at=at, by=by)


@transaction.atomic
def decline(*, proposal: Proposal, at: datetime, by: Any) -> bool:
    """Leave things as they are, and do not ask again; False when somebody has decided already."""
    return decide(proposal, Proposal.State.DECLINED, at=at, by=by)


def decide(proposal: Proposal, state: str, *, at: datetime, by: Any) -> bool:
    waiting = Proposal.objects.open().filter(pk=proposal.pk)
    if not waiting.update(state=state, decided_at=at, decided_by=by):
        return False
    proposal.state, proposal.decided_at, proposal.decided_by = state, at, by
    details = {"proposal": proposal.pk, "fields": [proposal.field]}
    audit.log(f"proposal.{state}", proposal.supporter, by=by, at=at, **details)
    return True
