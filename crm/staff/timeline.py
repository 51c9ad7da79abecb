"""Everything a supporter did, and what was done for them, as one list, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.audit import AuditEntry, subject_of
from crm.campaigns.models import Campaign, Signature, Source
from crm.campaigns.sources import CHANNELS
from crm.donations.models import Gift
from crm.donations.papers import Receipt
from crm.lib.periods import noon
from crm.people.models import Change, Supporter
from crm.staff.pages import money

MAILS = {
    "confirm_signature": gettext_lazy("request to confirm a signature"),
    "already_signed": gettext_lazy("note that they had signed already"),
    "gift_thanks": gettext_lazy("thank-you for a gift, with receipt"),
    "donor_link": gettext_lazy("link to their own page"),
    "erased": gettext_lazy("confirmation of erasure"),
    "tribute": gettext_lazy("notice of a gift in honour or in memory of somebody"),
}
CHANGES = {
    "registered": gettext_lazy("Recorded for the first time"),
    "merged": gettext_lazy("Merged with another record"),
}
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
# Where a consent was said: what stands before the colon.
PLACES = {
    "signature": gettext_lazy("when signing"),
    "checkout": gettext_lazy("when giving"),
    "donation": gettext_lazy("when giving"),
    "gift": gettext_lazy("when giving"),
    "mail": gettext_lazy("by a link in a mail"),
    "api": gettext_lazy("by the API"),
    "demo": gettext_lazy("demo"),
}
# What has lines of its own in the timeline, so that the feed's line would say it twice.
TOLD_ELSEWHERE = ("signature.", "gift.", "plan.", "newsletter.", "corrected")


@dataclass(frozen=True)
class Event:
    """One line: when, what, details, and where it came from."""

    at: datetime
    kind: str
    title: str
    source: str = ""
    details: tuple[str, ...] = ()
    quote: str = ""
    tone: str = ""
    link: str = ""
    receipt: str = ""


def events(supporter: Supporter, may: dict[str, bool]) -> list[Event]:
    """Return all that the reader may see of a supporter, newest first."""
    found = [*changes(supporter), *corrections(supporter)]
    for allowed, tell in (
        (may["signatures"], signatures),
        (may["consents"], consents),
        (may["mails"], mails),
    ):
        found += tell(supporter) if allowed else []
    if may["gifts"]:
        found += [*gifts(supporter, may["money"]), *plans(supporter, may["money"])]
    if may["credits"] and may["money"]:
        found += credits_of(supporter)
    if may["pledges"] and may["money"]:
        found += pledges(supporter)
    return sorted(found, key=lambda event: event.at, reverse=True)


def signatures(supporter: Supporter) -> Iterator[Event]:
    known = supporter.signatures.select_related("campaign", "source", "comment")
    for signature in known.prefetch_related("campaign__texts"):
        is_pending = signature.status == Signature.Status.PENDING
        yield Event(
            at=signature.confirmed_at or signature.signed_at,
            kind="signature",
            title=signature_title(signature.campaign, is_pending),
            details=() if is_pending else (signature.get_status_display(),),
            source=channel(signature.source),
            quote=comment.text if (comment := getattr(signature, "comment", None)) else "",
            tone={"confirmed": "good", "withdrawn": "bad"}.get(signature.status, ""),
        )


def signature_title(campaign: Campaign, is_pending: bool) -> str:
    if campaign.kind == Campaign.Kind.SIGN_UP:
        title = (
            _("Joined “%(campaign)s”, not yet confirmed")
            if is_pending
            else _("Joined “%(campaign)s”")
        )
    else:
        title = (
            _("Signed “%(campaign)s”, not yet confirmed")
            if is_pending
            else _("Signed “%(campaign)s”")
        )
    return title % {"campaign": campaign}


def gifts(supporter: Supporter, with_money: bool) -> Iterator[Event]:
    known = supporter.gifts.with_sums().select_related("campaign", "source", "plan", "fund")
    valid = Prefetch("receipts", Receipt.objects.valid(), to_attr="valid_receipts")
    for gift in known.prefetch_related("campaign__texts", valid):
        yield Event(
            at=gift.given_at,
            kind="gift",
            title=gift_title(gift, with_money),
            details=tuple(gift_details(gift, with_money)),
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
    if gift.campaign:
        yield str(gift.campaign)
    if with_money and gift.net is not None and gift.net != gift.amount:
        yield _("net %(amount)s") % {"amount": money(gift.net, gift.currency)}


def plans(supporter: Supporter, with_money: bool) -> Iterator[Event]:
    for plan in supporter.plans.select_related("campaign", "source").prefetch_related(
        "campaign__texts"
    ):
        amount = (money(plan.amount, plan.currency),) if with_money else ()
        source = channel(plan.source)
        yield Event(
            at=plan.started_at,
            kind="plan",
            title=str(BEGAN[plan.interval]),
            source=source,
            details=(plan.get_status_display(), *amount, *campaign(plan.campaign)),
            tone="bad" if plan.status == "past_due" else "good",
        )
        if plan.ended_at:
            title = str(STOPPED[plan.interval])
            yield Event(at=plan.ended_at, kind="plan", title=title, source=source)


def credits_of(supporter: Supporter) -> Iterator[Event]:
    """Gifts of others that this supporter is credited with."""
    known = supporter.soft_credits.select_related("gift__supporter")
    for credit in known:
        gift = credit.gift
        told = {"amount": money(credit.amount, gift.currency), "name": gift.supporter}
        yield Event(
            at=gift.given_at,
            kind="credit",
            title=_("Credited with %(amount)s of the gift of %(name)s") % told,
            details=(credit.get_kind_display(),),
            link=reverse("admin:crm_gift_change", args=[gift.pk]),
        )


def pledges(supporter: Supporter) -> Iterator[Event]:
    """What they promised to give in parts, and what was given up of it."""
    for pledge in supporter.pledges.annotate(parts=Count("instalments")):
        told = {"amount": money(pledge.amount, pledge.currency), "parts": pledge.parts}
        link = reverse("admin:crm_pledge_change", args=[pledge.pk])
        title = ngettext(
            "Pledged %(amount)s in one part", "Pledged %(amount)s in %(parts)s parts", pledge.parts
        )
        yield Event(at=noon(pledge.promised_on), kind="pledge", title=title % told, link=link)
        if pledge.cancelled_at:
            title = _("Rest of the pledge of %(amount)s given up") % told
            yield Event(at=pledge.cancelled_at, kind="pledge", title=title, link=link, tone="bad")


def consents(supporter: Supporter) -> Iterator[Event]:
    held: dict[tuple[str, str], bool] = {}
    for consent in supporter.consents.select_related("wording").order_by("at", "pk"):
        wording, about = consent.wording, (consent.channel, consent.purpose)
        said = answer(now=consent.given, before=held.get(about, False))
        held[about] = consent.given
        version = _("wording %(version)s (%(language)s)")
        yield Event(
            at=consent.at,
            kind="consent",
            title=said % {"purpose": consent.get_purpose_display()},
            details=(version % vars(wording),) if wording else (),
            source=place(consent.source),
            quote=wording.text if wording else "",
            tone="good" if consent.given else "bad",
        )


def answer(*, now: bool, before: bool) -> str:
    """A "no" after a "yes" takes it back; without one it refuses."""
    if now:
        return _("Agreed: %(purpose)s")
    return _("Consent withdrawn: %(purpose)s") if before else _("Refused: %(purpose)s")


def mails(supporter: Supporter) -> Iterator[Event]:
    for mail in supporter.mails.only(
        "template", "supporter", "queued_at", "sent_at", "given_up_at", "error"
    ):
        yield Event(
            at=mail.sent_at or mail.queued_at,
            kind="mail",
            title=_("Mail: %(what)s") % {"what": MAILS.get(mail.template, mail.template)},
            details=(mail_state(mail),),
            source=_("Soutien"),
            tone="bad" if mail.given_up_at else "",
        )


def mail_state(mail: Any) -> str:
    if mail.sent_at:
        return _("sent")
    return _("given up") if mail.given_up_at else _("waiting to be sent")


def changes(supporter: Supporter) -> Iterator[Event]:
    for change in Change.objects.filter(supporter=supporter):
        if not change.kind.startswith(TOLD_ELSEWHERE):
            title = str(CHANGES.get(change.kind, change.kind))
            yield Event(at=change.at, kind="change", title=title)


def corrections(supporter: Supporter) -> Iterator[Event]:
    labels = {field.name: str(field.verbose_name) for field in Supporter._meta.concrete_fields}
    trail = AuditEntry.objects.filter(subject=subject_of(supporter)).select_related("by")
    for entry in trail.filter(action="supporter.corrected"):
        yield Event(
            at=entry.at,
            kind="change",
            title=_("Contact data corrected"),
            details=tuple(labels[name] for name in entry.details.get("fields", [])),
            source=str(entry.by or ""),
        )


def campaign(known: Campaign | None) -> tuple[str, ...]:
    return (str(known),) if known else ()


def channel(source: Source | None) -> str:
    return str(CHANNELS.get(source.channel, source.channel)) if source else ""


def by_hand(reference: str) -> str:
    return _("recorded by staff") if reference.startswith(("staff:", "batch:")) else ""


def place(source: str) -> str:
    """Say where a consent was given; what we have no word for is shown as it is.

    >>> place("paper form 2019")
    'paper form 2019'
    """
    return str(PLACES.get(source.partition(":")[0], source))
