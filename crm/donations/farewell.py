"""Letting a donor go: their regular gifts end first, then they are erased, and told so."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from crm.donations.instructions import Instruction, instruct_plan
from crm.donations.models import Plan
from crm.donations.tributes import forget_told
from crm.lib.rows import insert_unless_there
from crm.mailing import alarms
from crm.mailing.jobs import deliver_mails
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.people.standing import standing
from crm.privacy import requesting
from crm.privacy.belongings import person_behind
from crm.privacy.erasure import erase
from crm.privacy.planning import plan_erasure
from crm.privacy.proving import Proof, prove
from crm.privacy.requests import PrivacyRequest
from crm.privacy.traces import traces_of

Alarm = alarms.Alarm


class StillGiving(Exception):
    """A regular gift goes on, and was not to be ended."""


@transaction.atomic
def ask_to_go(
    *,
    supporter: Supporter,
    end_plans: bool,
    language: str,
    key: uuid.UUID,
    at: datetime,
    source: str = requesting.OWN_PAGE,
    by: Any = None,
    **noted: Any,
) -> PrivacyRequest:
    """Have a donor erased by a job, within minutes. Doing it twice changes nothing.

    Raises StillGiving, and instructions.CannotInstruct for a plan that no provider can end.
    """
    end_gifts(supporter, really=end_plans, key=key, at=at, by=by)
    request = requesting.ask(
        supporter=supporter, kind="erasure", source=source, language=language, at=at, by=by
    )
    return requesting.begin(request=request, at=at, by=by, **noted)


@transaction.atomic
def carry_out(*, request_id: int, at: datetime) -> None:
    """Erase whoever asked, keep what was done in numbers, and ring if something is left."""
    request = requesting.working(request_id, PrivacyRequest.Kind.ERASURE)
    if request is None:
        return
    outcome, proof = say_goodbye(
        request.supporter, language=request.language, at=at, by=request.handled_by
    )
    requesting.finish(request, at=at, outcome=outcome)
    if proof is not None and not proof.is_clean:
        place = reverse("admin:crm_privacyrequest_change", args=[request.pk])
        alarms.ring(kind=Alarm.Kind.NOT_ERASED, key=str(request.pk), address=place, at=at)


@transaction.atomic
def let_go(
    *,
    supporter: Supporter,
    end_plans: bool,
    language: str,
    key: uuid.UUID,
    at: datetime,
    by: Any = None,
) -> None:
    """Erase a donor at once and write to them one last time. Twice changes nothing.

    Raises StillGiving, and instructions.CannotInstruct for a plan that no provider can end.
    """
    end_gifts(supporter, really=end_plans, key=key, at=at, by=by)
    say_goodbye(supporter, language=language, at=at, by=by)


def end_gifts(supporter: Supporter, *, really: bool, key: uuid.UUID, at: datetime, by: Any) -> None:
    """Have the regular gifts ended that still bind a donor. Raises StillGiving, CannotInstruct."""
    plans = plans_left(supporter)
    if plans and not really:
        raise StillGiving
    for plan in plans:
        once = uuid.uuid5(key, str(plan.public_id))
        instruct_plan(plan=plan, kind=Instruction.Kind.CANCEL, key=once, at=at, by=by)


def say_goodbye(
    supporter: Supporter, *, language: str, at: datetime, by: Any
) -> tuple[dict[str, Any], Proof | None]:
    """Erase somebody, search for them everywhere, and queue the last mail to them.

    Returns what was planned and what was found, in numbers; nothing where they were erased before.
    """
    leaving = standing(supporter)
    address, person = leaving.email, person_behind(leaving)
    traces = traces_of(person)
    plan = plan_erasure(supporter=leaving, is_thorough=True)
    forget_told(person.emails)
    if not erase(supporter=leaving, at=at, by=by):
        return {}, None
    proof = prove(person=person, traces=traces)
    if address:
        queue_last_word(leaving, address=address, language=language, at=at)
    return {"plan": plan.as_numbers(), "proof": proof.as_numbers()}, proof


def plans_left(supporter: Supporter) -> list[Plan]:
    """Return the regular gifts that still bind a donor."""
    return list(Plan.objects.unended().filter(supporter__in=person_behind(supporter).ids))


def queue_last_word(supporter: Supporter, *, address: str, language: str, at: datetime) -> None:
    """Queue a mail that belongs to nobody, and that forgets its address once it is sent."""
    mail = Mail(
        key=f"erased:{supporter.public_id}",
        to=address,
        template="erased",
        language=language,
        queued_at=at,
        due_at=at,
    )
    insert_unless_there(mail, task=deliver_mails)
