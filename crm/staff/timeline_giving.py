"""What a timeline tells of giving: gifts, regular gifts, soft credits, pledges."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, Prefetch
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.campaigns.models import Campaign
from crm.donations.credits import SoftCredit
from crm.donations.models import Gift, Plan
from crm.donations.papers import Receipt
from crm.donations.pledges import Pledge
from crm.staff.events import Asked, Event
from crm.staff.pages import money
from crm.staff.sources import by_hand, channel

# How a gift was given: its title without and with the amount.
GIFTS = {
    "month": (gettext_lazy("Monthly gift"), gettext_lazy("Monthly gift of %(amount)s")),
    "year": (gettext_lazy("Yearly gift"), gettext_lazy("Yearly gift of %(amount)s")),
    "money": (gettext_lazy("Gift"), gettext_lazy("Gift of %(amount)s")),
    "legacy": (gettext_lazy("Legacy"), gettext_lazy("Legacy of %(amount)s")),
}
BEGAN = {
    "month": gettext_lazy("Began to give every month"),
    "year": gettext_lazy("Began to give every year"),
}
STOPPED = {
    "month": gettext_lazy("Stopped giving every month"),
    "year": gettext_lazy("Stopped giving every year"),
}
HALF_A_DAY = timedelta(hours=12)


def gifts(asked: Asked) -> Iterator[Event]:
    known = Gift.objects.filter(supporter__in=asked.ids)
    page = [gift.pk for gift in asked.newest(known, "given_at").only("pk")]
    valid = Prefetch("receipts", Receipt.objects.valid(), to_attr="valid_receipts")
    told = Gift.objects.filter(pk__in=page).with_sums()
    told = told.select_related("campaign", "source", "plan", "fund")
    for gift in told.prefetch_related("campaign__texts", valid):
        yield Event(
            at=gift.given_at,
            pk=gift.pk,
            kind="gift",
            title=gift_title(gift, asked.may["money"]),
            details=tuple(gift_details(gift, asked.may["money"])),
            source=channel(gift.source) or by_hand(gift.reference),
            tone={"paid": "good", "failed": "bad"}.get(gift.status, ""),
            link=reverse("admin:crm_gift_change", args=[gift.pk]),
            receipt=receipt_address(gift) if gift.valid_receipts else "",
        )


def receipt_address(gift: Any) -> str:
    return reverse("admin:crm_gift_receipt", args=[gift.pk])


def gift_title(gift: Any, with_money: bool) -> str:
    if gift.kind == Gift.Kind.IN_KIND:
        return _("Gift in kind: %(what)s") % {"what": gift.description}
    plain, with_amount = GIFTS[how_given(gift)]
    if not with_money:
        return str(plain)
    return str(with_amount) % {"amount": money(gift.amount, gift.currency)}


def how_given(gift: Any) -> str:
    return gift.plan.interval if gift.plan else gift.kind


def gift_details(gift: Any, with_money: bool) -> Iterator[str]:
    yield gift.get_status_display()
    if gift.kind != Gift.Kind.IN_KIND:
        yield gift.get_method_display()
    if gift.fund:
        yield gift.fund.name
    yield from campaign(gift.campaign)
    if with_money and gift.net is not None and gift.net != gift.amount:
        yield _("net %(amount)s") % {"amount": money(gift.net, gift.currency)}


def campaign(known: Campaign | None) -> tuple[str, ...]:
    return (str(known),) if known else ()


def plans_of(asked: Asked) -> Any:
    known = Plan.objects.filter(supporter__in=asked.ids).select_related("campaign", "source")
    return known.prefetch_related("campaign__texts")


def plans_begun(asked: Asked) -> Iterator[Event]:
    for plan in asked.newest(plans_of(asked), "started_at"):
        amount = (money(plan.amount, plan.currency),) if asked.may["money"] else ()
        yield Event(
            at=plan.started_at,
            pk=plan.pk,
            kind="plan",
            title=str(BEGAN[plan.interval]),
            source=channel(plan.source),
            details=(plan.get_status_display(), *amount, *campaign(plan.campaign)),
            tone="bad" if plan.status == "past_due" else "good",
            link=reverse("admin:crm_plan_change", args=[plan.pk]),
        )


def plans_ended(asked: Asked) -> Iterator[Event]:
    for plan in asked.newest(plans_of(asked), "ended_at"):
        title, source = str(STOPPED[plan.interval]), channel(plan.source)
        yield Event(at=plan.ended_at, pk=plan.pk, kind="plan", title=title, source=source)


def credits_of(asked: Asked) -> Iterator[Event]:
    """Gifts of others that this supporter is credited with."""
    known = SoftCredit.objects.filter(supporter__in=asked.ids).select_related("gift__supporter")
    for credit in asked.newest(known, "gift__given_at"):
        gift = credit.gift
        told = {"amount": money(credit.amount, gift.currency), "name": gift.supporter}
        yield Event(
            at=gift.given_at,
            pk=credit.pk,
            kind="credit",
            title=_("Credited with %(amount)s of the gift of %(name)s") % told,
            details=(credit.get_kind_display(),),
            link=reverse("admin:crm_gift_change", args=[gift.pk]),
        )


def pledges_of(asked: Asked) -> Any:
    return Pledge.objects.filter(supporter__in=asked.ids).annotate(parts=Count("instalments"))


def pledges_made(asked: Asked) -> Iterator[Event]:
    """What they promised to give in parts: days, placed in their middle."""
    day = Cast(F("promised_on"), DateTimeField())
    noon = ExpressionWrapper(day + HALF_A_DAY, output_field=DateTimeField())
    for pledge in asked.newest(pledges_of(asked), noon):
        told = {"amount": money(pledge.amount, pledge.currency), "parts": pledge.parts}
        title = ngettext(
            "Pledged %(amount)s in one part", "Pledged %(amount)s in %(parts)s parts", pledge.parts
        )
        link = reverse("admin:crm_pledge_change", args=[pledge.pk])
        yield Event(at=pledge.moment, pk=pledge.pk, kind="pledge", title=title % told, link=link)


def pledges_given_up(asked: Asked) -> Iterator[Event]:
    for pledge in asked.newest(pledges_of(asked), "cancelled_at"):
        told = {"amount": money(pledge.amount, pledge.currency)}
        yield Event(
            at=pledge.cancelled_at,
            pk=pledge.pk,
            kind="pledge",
            title=_("Rest of the pledge of %(amount)s given up") % told,
            link=reverse("admin:crm_pledge_change", args=[pledge.pk]),
            tone="bad",
        )
