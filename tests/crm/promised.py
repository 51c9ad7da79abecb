"""How a part of a pledge is paid, and where it stands."""

import uuid

from django.urls import reverse
from django.utils import timezone

from crm.donations.operations import record_entry
from tests.factories import GiftFactory


def payment(**changes):
    return {
        "key": str(uuid.uuid4()),
        "amount": "60",
        "received_on": "2026-03-02",
        "method": "cash",
        **changes,
    }


def pay(part):
    return reverse("admin:crm_pledge_pay", args=[part.pledge_id]) + f"?part={part.pk}"


def gift_of(pledge, amount=6000):
    gift = GiftFactory(supporter=pledge.supporter, amount=amount)
    entry = {"reference": f"{gift.reference}:payment", "kind": "payment", "amount": amount}
    record_entry(gift=gift, at=timezone.now(), **entry)
    return gift


def state(client, pledge):
    page = client.get(reverse("admin:crm_pledge_change", args=[pledge.pk]))
    return str(page.context["state"])
