"""Against card testing: who tried how often, and the switch that closes the form."""

from datetime import datetime
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def since(self, moment: datetime):
        return self.filter(at__gt=moment)

    def by(self, *, address: str, browser: str):
        """Attempts from an address or with a browser, as far as either is known."""
        known = {"address": address, "browser": browser}
        same = [Q(**{name: value}) for name, value in known.items() if value]
        return self.filter(reduce(or_, same)) if same else self.none()


class Attempt(models.Model):
    """What somebody tried with the form. Whoever did is a keyed hash that changes every day."""

    class Outcome(models.TextChoices):
        STARTED = "started", _("payment page opened")
        REFUSED = "refused", _("refused")
        DECLINED = "declined", _("card declined")

    address = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    checkout = models.ForeignKey("Checkout", models.CASCADE, null=True, related_name="attempts")
    # The form or the declined charge: each counts once.
    key = models.CharField(max_length=120, blank=True)
    # The challenge that was solved: it opens one payment page.
    proof = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="attempt_once"),
            models.UniqueConstraint(fields=["proof"], condition=~Q(proof=""), name="proof_once"),
        ]
        indexes = [
            models.Index(fields=["address", "at"], name="attempt_from_address"),
            models.Index(fields=["browser", "at"], name="attempt_with_browser"),
            models.Index(fields=["at"], name="attempt_by_time"),
        ]

    def __str__(self):
        return f"{self.outcome} {self.at:%Y-%m-%d %H:%M}"


class FormSwitch(models.Model):
    """Whether the donation form is open: the newest row holds."""

    is_open = models.BooleanField(_("open"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    at = models.DateTimeField(_("since"), default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("switched by"),
    )

    class Meta:
        verbose_name = _("switch of the donation form")
        verbose_name_plural = _("switch of the donation form")

    def __str__(self):
        return "open" if self.is_open else "closed"
