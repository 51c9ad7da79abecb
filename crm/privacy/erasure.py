"""Erasing a person: what their rows are emptied to is what each model declares."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, Q

from crm import audit
from crm.people.history import SupporterEvent
from crm.people.merges import Merge
from crm.people.models import Supporter
from crm.people.operations import record_change
from crm.privacy.belongings import (
    Person,
    declared,
    declaring_models,
    person_behind,
    rows_to_erase,
)
from crm.privacy.models import ConsentState
from crm.privacy.operations import record_consent
from crm.privacy.planning import parts_beside
from crm.privacy.suppressing import Reason, suppress

SOURCE = "erasure"


@transaction.atomic
def erase(*, supporter: Supporter, at: datetime, by: Any = None) -> bool:
    """Empty everything that tells who this was; return whether they were not erased before.

    What the accounts must keep stays, and the log of consents, which now says "no". Their addresses
    are not used again, wherever they come from.
    """
    locked = Supporter.objects.select_for_update().get(pk=supporter.pk)
    if locked.erased_at is not None:
        return False
    person = person_behind(locked)
    withdraw_consents(person, at=at)
    suppress(addresses=person.emails, reason=Reason.ERASED, at=at)
    for part in parts_beside():
        part.erase(person, at)
    for model in declaring_models():
        empty(model, person, heir=locked)
    forget_with_others(person)
    Supporter.objects.filter(pk__in=person.ids).update(erased_at=at)
    record_change(supporter=locked, kind="erased", at=at)
    audit.log("supporter.erased", locked, by=by, at=at)
    return True


def withdraw_consents(person: Person, *, at: datetime) -> None:
    given = ConsentState.objects.filter(supporter__in=person.ids, given=True)
    for state in given.select_related("supporter"):
        record_consent(
            supporter=state.supporter,
            given=False,
            purpose=state.purpose,
            channel=state.channel,
            source=SOURCE,
            at=at,
        )


def empty(model: type[Model], person: Person, *, heir: Supporter) -> None:
    """Delete and empty a person's rows of one model, unless the accounts need them."""
    data = declared(model)
    if data.is_accounting:
        return
    found = rows_to_erase(model, person).order_by().values("pk")
    rows = model._default_manager.filter(pk__in=found)
    if data.drop is not None:
        rows.filter(data.drop).delete()
    if data.erase:
        # What had no owner yet gets one: a payment under way still finds its way to the accounts.
        adopted = {data.owner: heir} if data.email and "__" not in data.owner else {}
        rows.update(**data.erase, **adopted)


def forget_with_others(person: Person) -> None:
    """Forget the versions of those from whom they were taken apart: for a while they were one."""
    apart = Merge.objects.exclude(undone_at=None)
    apart = apart.filter(Q(kept__in=person.ids) | Q(lost__in=person.ids))
    others = {key for pair in apart.values_list("kept", "lost") for key in pair} - {*person.ids}
    SupporterEvent.objects.filter(pgh_obj__in=others).delete()
    of_others = Q(kept__in=others) | Q(lost__in=others)
    Merge.objects.filter(of_others).exclude(undone_at=None).update(journal={})
