"""What became of our mails, as the provider that carries them tells."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import MAILS
from crm.lib.personal import PersonalData, Retention
from crm.mailing.models import Mail


class MailEvent(models.Model):
    """One thing the provider told us, once. Opened and clicked mails are not among them: we do not
    watch people read.

    `address` is emptied once the event was handled.
    """

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("arrived")
        SOFT_BOUNCE = "soft_bounce", _("did not arrive this time")
        HARD_BOUNCE = "hard_bounce", _("cannot arrive: there is no such address")
        COMPLAINED = "complained", _("was called spam")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed at the provider")
        REFUSED = "refused", _("was refused by the provider")

    mail = models.ForeignKey(
        Mail, models.CASCADE, null=True, related_name="events", verbose_name=_("mail")
    )
    # The provider and its own number for the event, so that it is heard once.
    event_id = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("what"), max_length=12, choices=Kind.choices)
    # The provider's code, such as "550" or "mailbox full"; never a sentence, which may name.
    code = models.CharField(_("code"), max_length=60, blank=True)
    address = models.EmailField(_("e-mail"), blank=True)
    at = models.DateTimeField(_("when"))
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    handled_at = models.DateTimeField(_("handled"), null=True)

    personal_data = PersonalData(
        activity=MAILS,
        owner="mail__supporter",
        email="address",
        erase={"address": ""},
        internal=("event_id",),
        proof=_("That mail came back from an address is why it is not used."),
    )
    retention = Retention(
        key="mail_events",
        title=_("what became of mails"),
        since="at",
        months=24,
        is_on=True,
    )

    class Meta:
        verbose_name = _("event of a mail")
        verbose_name_plural = _("events of mails")

    def __str__(self):
        return f"#{self.pk} {self.kind}"
