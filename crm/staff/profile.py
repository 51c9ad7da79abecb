"""What the page of one supporter tells, to a reader with certain rights."""

from typing import Any

from django.db.models import Count, Max, Min, Sum
from django.urls import reverse

from crm.donations.models import Entry, Gift, Plan
from crm.people.models import Supporter
from crm.privacy.models import Channel, Purpose
from crm.staff import timeline
from crm.staff.pages import money

RIGHTS = {
    "signatures": "crm.view_signature",
    "gifts": "crm.view_gift",
    "money": "crm.see_money",
    "consents": "crm.view_consent",
    "mails": "crm.view_mail",
    "receipts": "crm.view_receipt",
    "correct": "crm.change_supporter",
    "record": "crm.add_gift",
}


def tell(supporter: Supporter, reader: Any) -> dict[str, Any]:
    may = {name: reader.has_perm(right) for name, right in RIGHTS.items()}
    return {
        "may": may,
        "events": timeline.events(supporter, may),
        "consents": consents(supporter) if may["consents"] else [],
        "giving": giving(supporter) if may["gifts"] and may["money"] else None,
        "record_url": f"{reverse('admin:crm_gift_add')}?supporter={supporter.pk}",
    }


def consents(supporter: Supporter) -> list[dict[str, Any]]:
    """What holds now, purpose by purpose, also where nothing was ever said."""
    known = {state.purpose: state for state in supporter.consent_states.all()}
    return [
        {"purpose": purpose.label, "channel": Channel.EMAIL.label, "state": known.get(purpose)}
        for purpose in Purpose
    ]


def giving(supporter: Supporter) -> dict[str, Any]:
    """What they gave in all, in euros, and since when; and the monthly gift if one runs."""
    paid = Gift.objects.paid().filter(supporter=supporter, currency="EUR")
    told = paid.aggregate(number=Count("pk"), first=Min("received_on"), last=Max("received_on"))
    # What went back to the donor was not given; the fees were.
    entries = Entry.objects.filter(gift__in=paid).exclude(kind=Entry.Kind.FEE)
    total = entries.aggregate(sum=Sum("amount"))["sum"] or 0
    plan = supporter.plans.filter(status__in=[Plan.Status.ACTIVE, Plan.Status.PAST_DUE]).first()
    return {
        **told,
        "total": money(total),
        "monthly": money(plan.amount, plan.currency) if plan else "",
    }
