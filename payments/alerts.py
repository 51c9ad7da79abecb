"""What staff are told at once, because a person must decide on it."""

from datetime import datetime

from django.db.models import Model
from django.urls import reverse

from crm.donations.instructions import Instruction
from crm.donations.models import Gift
from crm.mailing import alarms
from crm.mailing.alarms import Alarm
from crm.people.models import Supporter


def tell_of_dispute(*, dispute: str, gift: Gift, at: datetime) -> None:
    """A donor's bank took money back, or is about to: told once per dispute, ever."""
    if not Alarm.objects.filter(kind=Alarm.Kind.DISPUTE, key=dispute).exists():
        alarms.ring(kind=Alarm.Kind.DISPUTE, key=dispute, address=address_of(gift), at=at)


def tell_of_two_plans(*, supporter: Supporter, at: datetime) -> None:
    """Somebody who gives regularly began a second time, perhaps in another tab."""
    key = f"supporter:{supporter.public_id}"
    alarms.ring(kind=Alarm.Kind.TWO_PLANS, key=key, address=address_of(supporter), at=at)


def tell_of_refusal(*, instruction: Instruction, at: datetime) -> None:
    """Stripe does not do what was asked, and will not."""
    key = f"instruction:{instruction.public_id}"
    subject = instruction.gift or instruction.plan
    assert subject is not None
    address = address_of(subject)
    alarms.ring(kind=Alarm.Kind.REFUSED, key=key, address=address, at=at)


def address_of(row: Model) -> str:
    """Return where staff see a gift, a plan or a supporter."""
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
