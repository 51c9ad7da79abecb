"""What people ask of their data under the GDPR, and what became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.lib.activities import PRIVACY
from crm.lib.merging import Merging
from crm.lib.personal import PersonalData, Retention
from crm.people.files import StoredFile
from crm.people.models import LANGUAGES, Supporter


class PrivacyRequestQuerySet(models.QuerySet["PrivacyRequest"]):
    def open(self):
        return self.exclude(state__in=["done", "refused"])


class PrivacyRequest(models.Model):
    """One request. The law gives a month (article 12.3): `due_on`.

    `outcome` says in numbers what was done: rows by model, what stays and until when, what a
    search for the person's data found afterwards. It holds no personal data.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", _("access")
        RECTIFICATION = "rectification", _("rectification")
        ERASURE = "erasure", _("erasure")

    class State(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("privacy request", "received")
        WORKING = "working", _("being carried out")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supporter = models.ForeignKey(
        Supporter, models.CASCADE, related_name="privacy_requests", verbose_name=_("supporter")
    )
    kind = models.CharField(_("kind"), max_length=13, choices=Kind.choices)
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.RECEIVED
    )
    # Where it came from: "own page", "mail", "letter", "telephone".
    source = models.CharField(_("came by"), max_length=40)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    due_on = models.DateField(_("due"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handled by"),
    )
    refusal = models.TextField(_("why it was refused"), blank=True)
    outcome = models.JSONField(_("outcome"), default=dict, blank=True)
    # Of an access: the same package for machines and for people, until the link expires.
    data_file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    readable_file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    expires_at = models.DateTimeField(_("link expires"), null=True, blank=True)

    objects = PrivacyRequestQuerySet.as_manager()
    personal_data = PersonalData(
        activity=PRIVACY,
        owner="supporter",
        dated="asked_at",
        erase={"refusal": ""},
        internal=("data_file", "readable_file", "outcome"),
        ties=Q(state__in=["received", "working"]),
        proof=_("That a request was carried out in time is its proof."),
    )
    retention = Retention(
        key="privacy_requests",
        title=_("privacy requests that were carried out"),
        since="done_at",
        months=36,
        of=Q(state__in=["done", "refused"]),
        is_on=True,
    )
    # One that is open stays where the other record has one of the same kind.
    merging = Merging(stays=True)

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        permissions = [("handle_privacy", "Can carry out privacy requests")]
        constraints = [
            models.UniqueConstraint(
                fields=["supporter", "kind"],
                condition=Q(state__in=["received", "working"]),
                name="one_open_request_of_a_kind",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(state__in=["received", "working"]),
                name="privacy_request_due",
            )
        ]

    def __str__(self):
        return f"#{self.pk} {self.kind}"
