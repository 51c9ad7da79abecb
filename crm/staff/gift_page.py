"""What the page of one gift tells, to a reader with certain rights."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm.donations.credits import MatchingGift, Tribute, creditable
from crm.donations.instructions import refundable
from crm.donations.models import Gift
from crm.people.models import Supporter
from crm.staff.pages import money

TONES = {"paid": "good", "done": "good", "failed": "bad", "refused": "bad"}
RIGHTS = {
    "receipts": "crm.view_receipt",
    "tribute": "crm.view_tribute",
    "credits": "crm.view_softcredit",
    "matching": "crm.view_matchinggift",
    "instructions": "crm.view_instruction",
    "refund": "crm.add_instruction",
    "correct": "crm.change_gift",
    "dedicate": "crm.change_tribute",
    "credit": "crm.add_softcredit",
    "take_back": "crm.change_softcredit",
    "expect": "crm.add_matchinggift",
}


def tell(gift: Any, reader: Any) -> dict[str, Any]:
    may = {name: reader.has_perm(right) for name, right in RIGHTS.items()}
    told = {
        "may": may,
        "gift": gift,
        "amount": money(gift.amount, gift.currency),
        "tone": TONES.get(gift.status, ""),
        "entries": [
            {"entry": entry, "amount": money(entry.amount, entry.currency)}
            for entry in gift.entries.order_by("at", "pk")
        ],
        "net": money(gift.net, gift.currency),
    }
    told["receipts"] = list(gift.receipts.order_by("pk")) if may["receipts"] else []
    told["tribute"] = Tribute.objects.filter(gift=gift).first() if may["tribute"] else None
    told["matching"] = matching_of(gift) if may["matching"] else None
    told["instructions"] = instructions_of(gift) if may["instructions"] else []
    if may["credits"]:
        told |= credits_of(gift)
    told["actions"] = list(actions(gift, may, told))
    return told


def credits_of(gift: Gift) -> dict[str, Any]:
    known = list(gift.soft_credits.select_related("supporter").order_by("pk"))
    return {
        "credits": [
            {"credit": each, "amount": money(each.amount, gift.currency)} for each in known
        ],
        "credited": money(sum(each.amount for each in known), gift.currency),
    }


def matching_of(gift: Gift) -> dict[str, Any] | None:
    found = MatchingGift.objects.filter(gift=gift).select_related("employer").first()
    if found is None:
        return None
    return {"matching": found, "amount": money(found.amount, found.currency)}


def instructions_of(record: Any) -> list[dict[str, Any]]:
    """What was asked of the provider for a gift or a plan, newest first."""
    return [
        {
            "instruction": each,
            "amount": money(each.amount, record.currency),
            "tone": TONES.get(each.state, ""),
        }
        for each in record.instructions.select_related("asked_by").order_by("-pk")
    ]


def actions(gift: Gift, may: dict[str, bool], told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What the reader may do with this gift now: addresses and words."""
    if gift.status != Gift.Status.PAID:
        return
    if may["refund"] and refundable(gift):
        yield "crm_gift_refund", refund_words(gift)
    if may["correct"]:
        yield "crm_gift_correct", _("Correct the fund")
    if may["dedicate"]:
        yield "crm_gift_tribute", tribute_words(told["tribute"])
    if may["credit"] and creditable(gift):
        yield "crm_gift_credit", _("Credit somebody")
    promised = told["matching"] and not told["matching"]["matching"].cancelled_at
    if may["expect"] and gift.kind == Gift.Kind.MONEY and not promised:
        yield "crm_gift_match", _("Expect a matching gift")


def refund_words(gift: Gift) -> str:
    return _("Refund") if is_held_by_stripe(gift) else _("Record that money went back")


def tribute_words(tribute: Tribute | None) -> str:
    return _("Correct the tribute") if tribute else _("In honour or in memory of somebody")


def is_held_by_stripe(record: Any) -> bool:
    return record.reference.startswith("stripe:")


def address_of(gift: Gift) -> str:
    return reverse("admin:crm_gift_change", args=[gift.pk])


def page_of(supporter: Supporter) -> str:
    return reverse("admin:crm_supporter_change", args=[supporter.pk])
