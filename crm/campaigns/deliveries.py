"""Signatures handed to whom they are for: a count at a moment, that anybody can check again."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign
from crm.people.files import StoredFile


class Delivery(models.Model):
    """A pack: a list (CSV) and a certificate (PDF) of the signatures that counted at `as_of`.

    `digest` is the SHA-256 of the list; `signed` the organisation's Ed25519 signature of the
    certificate's facts, which `facts` holds: no names among them. The list is not kept longer
    than it takes to hand it over: making it again gives the same bytes while nobody withdrew.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="deliveries", verbose_name=_("campaign")
    )
    as_of = models.DateTimeField(_("counted at"))
    language = models.CharField(max_length=2, default="fr")
    recipient = models.CharField(_("handed to"), max_length=200, blank=True)
    has_names = models.BooleanField(
        _("with names"),
        default=False,
        help_text=_("Else the list says from where they are, and not who."),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    facts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    signed = models.CharField(max_length=128, blank=True)
    certificate = models.BinaryField(null=True)
    list_file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.CharField(_("error"), max_length=300, blank=True)
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")

    def __str__(self):
        return f"{self.as_of:%Y-%m-%d %H:%M}"
