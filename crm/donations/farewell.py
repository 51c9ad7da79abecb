"""Letting a donor go: their regular gifts end first, then they are erased, and told so."""

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction

from crm.donations.instructions import Instruction, instruct_plan
from crm.donations.models import Plan
from crm.donations.tributes import forget_told
from crm.lib.rows import insert_unless_there
from crm.mailing.jobs import deliver_mails
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.privacy.belongings import person_behind
from crm.privacy.erasure import erase


class StillGiving(Exception):
    """A regular gift goes on, and was not to be ended."""


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
    """Erase a donor and write to them one last time. Doing it twice changes nothing.

    Raises StillGiving, and instructions.CannotInstruct for a plan that no provider can end.
    """
    plans = plans_left(supporter)
    if plans and not end_plans:
        raise StillGiving
    for plan in plans:
        once = uuid.uuid5(key, str(plan.public_id))
        instruct_plan(plan=plan, kind=Instruction.Kind.CANCEL, key=once, at=at, by=by)
    address = supporter.email
    forget_told(person_behind(supporter).emails)
    if erase(supporter=supporter, at=at, by=by) and address:
        queue_last_word(supporter, address=address, language=language, at=at)


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
