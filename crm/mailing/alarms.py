"""What staff must look at: a line on their home page until it is closed, and a mail at once."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.lib.rows import insert_unless_there
from crm.mailing import jobs
from crm.mailing.models import Mail


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def open(self):
        return self.filter(closed_at=None)


class Alarm(models.Model):
    """Something went wrong that a person must decide on. It names no donor: `address` leads there.

    The same `key` rings once until somebody closes it; what comes on top is counted.
    """

    class Kind(models.TextChoices):
        CARD_TESTING = "card_testing", _("Stolen cards are being tried on the donation form")
        DISPUTE = "dispute", _("A donor's bank took a gift back")
        TWO_PLANS = "two_plans", _("A donor began two regular gifts")
        DIFFERENCE = "difference", _("Our books differ from Stripe's")
        REFUSED = "refused", _("Stripe refused what was asked of it")
        NOT_ERASED = "not_erased", _("Something of somebody who was erased is still there")

    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    key = models.CharField(max_length=120)
    address = models.CharField(_("where"), max_length=200, blank=True)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(closed_at=None), name="alarm_rings_once"
            )
        ]

    def __str__(self):
        return str(self.get_kind_display())


@transaction.atomic
def ring(*, kind: str, key: str, at: datetime, address: str = "") -> Alarm:
    """Tell staff who see money, once until it is closed; `key` says what it is about."""
    new = Alarm(kind=kind, key=key, address=address, first_at=at, last_at=at)
    if insert_unless_there(new):
        write_to_staff(new, at=at)
        return new
    Alarm.objects.open().filter(kind=kind, key=key).update(times=F("times") + 1, last_at=at)
    return Alarm.objects.filter(kind=kind, key=key).latest("pk")


def write_to_staff(alarm: Alarm, *, at: datetime) -> None:
    """Queue a mail to each member of staff who sees money and has an address."""
    for member in get_user_model().objects.with_perm(
        "crm.see_money", backend="allauth.account.auth_backends.AuthenticationBackend"
    ):
        if not member.email or not member.is_staff:
            continue
        mail = Mail(
            key=f"alarm:{alarm.pk}:{member.pk}",
            to=member.email,
            template="alarm",
            language=settings.LANGUAGE_CODE,
            context={"kind": alarm.kind, "address": alarm.address},
            queued_at=at,
            due_at=at,
        )
        insert_unless_there(mail, task=jobs.deliver_mails)


def close(*, alarm: Alarm, at: datetime, by: Any) -> None:
    """Somebody has seen to it. Closing it twice changes nothing."""
    if Alarm.objects.open().filter(pk=alarm.pk).update(closed_at=at, closed_by=by):
        audit.log("alarm.closed", alarm, by=by, at=at, kind=alarm.kind)
