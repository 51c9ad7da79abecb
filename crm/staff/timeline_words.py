"""What a timeline tells of what was said: signatures, consents, mails."""

from collections.abc import Iterator
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.campaigns.models import Campaign, Signature
from crm.mailing.events import MailEvent
from crm.mailing.kinds import KINDS
from crm.mailing.models import Mail
from crm.privacy.models import Consent
from crm.staff.events import Asked, Event
from crm.staff.sources import channel

MAILS = {kind.template: kind.title for kind in KINDS} | {
    "confirm_signature": gettext_lazy("request to confirm a signature"),
    "already_signed": gettext_lazy("note that they had signed already"),
    "gift_thanks": gettext_lazy("thank-you for a gift, with receipt"),
    "donor_link": gettext_lazy("link to their own page"),
    "erased": gettext_lazy("confirmation of erasure"),
    "task_assigned": gettext_lazy("word to a colleague of a task"),
    "tasks_due": gettext_lazy("word to a colleague of what is due"),
    "tribute": gettext_lazy("notice of a gift in honour or in memory of somebody"),
}


# That they were written tells that somebody gave.
OF_GIVING = (
    "gift_thanks",
    "payment_failed",
    "receipt_corrected",
    "tax_certificate",
    "tribute",
    "yearly_receipt",
)


def signatures(asked: Asked) -> Iterator[Event]:
    known = Signature.objects.filter(supporter__in=asked.ids)
    known = known.select_related("campaign", "source", "comment")
    at = Coalesce("confirmed_at", "signed_at")
    for signature in asked.newest(known.prefetch_related("campaign__texts"), at):
        is_pending = signature.status == Signature.Status.PENDING
        yield Event(
            at=signature.moment,
            pk=signature.pk,
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


def consents(asked: Asked) -> Iterator[Event]:
    earlier = Consent.objects.filter(
        Q(at__lt=OuterRef("at")) | Q(at=OuterRef("at"), pk__lt=OuterRef("pk")),
        supporter__in=asked.ids,
        channel=OuterRef("channel"),
        purpose=OuterRef("purpose"),
    )
    held = Subquery(earlier.order_by("-at", "-pk").values("given")[:1])
    known = Consent.objects.filter(supporter__in=asked.ids).annotate(held=held)
    for consent in asked.newest(known.select_related("wording"), "at"):
        wording = consent.wording
        said = answer(now=consent.given, before=bool(consent.held))
        version = _("wording %(version)s (%(language)s)")
        yield Event(
            at=consent.at,
            pk=consent.pk,
            kind="consent",
            title=said % {"purpose": consent.get_purpose_display()},
            details=(version % vars(wording),) if wording else (),
            code=consent.source,
            quote=wording.text if wording else "",
            tone="good" if consent.given else "bad",
        )


def answer(*, now: bool, before: bool) -> str:
    """A "no" after a "yes" takes it back; without one it refuses."""
    if now:
        return _("Agreed: %(purpose)s")
    return _("Consent withdrawn: %(purpose)s") if before else _("Refused: %(purpose)s")


def mails(asked: Asked) -> Iterator[Event]:
    known = Mail.objects.filter(supporter__in=asked.ids)
    if not asked.may["gifts"]:
        known = known.exclude(template__in=OF_GIVING)
    known = known.only("template", "supporter", "queued_at", "sent_at", "given_up_at", "error")
    if asked.may["mail_events"]:
        heard = MailEvent.objects.filter(mail=OuterRef("pk")).order_by("-at", "-pk")
        known = known.annotate(became=Subquery(heard.values("kind")[:1]))
    for mail in asked.newest(known, Coalesce("sent_at", "queued_at")):
        yield Event(
            at=mail.moment,
            pk=mail.pk,
            kind="mail",
            title=_("Mail: %(what)s") % {"what": MAILS.get(mail.template, mail.template)},
            details=(mail_state(mail),),
            source=_("Soutien"),
            tone="bad" if mail.given_up_at or is_bad(mail) else "",
        )


def is_bad(mail: Any) -> bool:
    became = getattr(mail, "became", None)
    return bool(became) and became != MailEvent.Kind.DELIVERED


def mail_state(mail: Any) -> str:
    if became := getattr(mail, "became", None):
        return str(MailEvent.Kind(became).label)
    if mail.sent_at:
        return _("sent")
    return _("given up") if mail.given_up_at else _("waiting to be sent")
