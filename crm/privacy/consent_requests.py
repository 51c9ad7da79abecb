"""What somebody asked for at an address that is not proved yet: it holds once they confirm."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import CONSENTS
from crm.lib.merging import MOVES
from crm.lib.personal import PersonalData, Retention
from crm.people.models import LANGUAGES, Supporter
from crm.privacy.models import Channel, Purpose, Wording


class ConsentRequestQuerySet(models.QuerySet["ConsentRequest"]):
    def open(self):
        return self.filter(confirmed_at=None)


class ConsentRequest(models.Model):
    """A box that was ticked, until the mail to its address (or to a parent's) is answered.

    `supporter` is empty for somebody whom we do not know before they confirm.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    supporter = models.ForeignKey(
        Supporter, models.CASCADE, null=True, blank=True, related_name="consent_requests"
    )
    email = models.EmailField(_("e-mail"), help_text=_("In its normal form."))
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel.choices, default=Channel.EMAIL
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    wording = models.ForeignKey(
        Wording, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("wording")
    )
    source = models.CharField(_("source"), max_length=80)
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    # Of a child below the age at which it can agree alone.
    parent_name = models.CharField(_("name of the parent"), max_length=200, blank=True)
    parent_email = models.EmailField(_("e-mail of the parent"), blank=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    mailed_at = models.DateTimeField(_("last mail"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    objects = ConsentRequestQuerySet.as_manager()
    personal_data = PersonalData(
        activity=CONSENTS,
        owner="supporter",
        email="email",
        drop=Q(confirmed_at=None),
        erase={
            "email": "",
            "given_name": "",
            "family_name": "",
            "parent_name": "",
            "parent_email": "",
            "evidence": {},
        },
        proof=_("That the address was confirmed is the proof of the consent."),
        erased_by="crm.privacy.parents",
    )
    retention = Retention(
        key="consent_requests",
        title=_("requests to subscribe that nobody confirmed"),
        since="asked_at",
        months=1,
        # A parent may have answered, and the child not.
        of=Q(confirmed_at=None) | Q(supporter=None),
        is_on=True,
    )
    merging = MOVES

    class Meta:
        verbose_name = _("request to subscribe")
        verbose_name_plural = _("requests to subscribe")
        constraints = [
            models.UniqueConstraint(
                fields=["email", "channel", "purpose"],
                condition=Q(confirmed_at=None),
                name="one_open_consent_request",
            )
        ]

    def __str__(self):
        return f"#{self.pk} {self.purpose}"
