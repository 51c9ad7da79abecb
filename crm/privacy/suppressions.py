"""Addresses that are not to be used, as keyed hashes: what is left of them after an erasure."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import CONSENTS
from crm.lib.personal import PersonalData
from crm.people.contact_points import EmailAddress
from crm.privacy.models import Channel, Purpose


class Suppression(models.Model):
    """Nobody writes to this address for this purpose, whoever's it is; empty: for none.

    `digest` is made from the address in its normal form and a key (see `suppressing`). `email` is
    the address while somebody has it: by it one question tells who may be mailed.
    """

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("said no")
        COMPLAINED = "complained", _("called our mail spam")
        BOUNCED = "bounced", _("mail comes back")
        ERASED = "erased", _("was erased")

    digest = models.CharField(max_length=64)
    # Without a constraint: the hash stays when an address goes, also by plain SQL.
    email = models.ForeignKey(
        EmailAddress,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="suppressions",
        db_constraint=False,
        verbose_name=_("e-mail address"),
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    at = models.DateTimeField(_("since"))

    personal_data = PersonalData(
        activity=CONSENTS,
        owner="email__supporter",
        dated="at",
        erase={"email": None},
        internal=("digest", "email"),
        proof=_("A hash of the address keeps us from writing to it again; nobody can read it."),
    )

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "channel", "purpose", "reason"], name="suppressed_once"
            )
        ]

    def __str__(self):
        return f"#{self.pk} {self.reason}"
