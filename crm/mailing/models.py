"""The outbox: every mail is a row before it leaves."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import MAILS
from crm.lib.merging import MOVES
from crm.lib.personal import PersonalData, Retention
from crm.people.models import LANGUAGES, Supporter


class MailQuerySet(models.QuerySet["Mail"]):
    def due(self, now):
        """Mails that wait, or whose sender died after claiming them."""
        return self.filter(sent_at=None, given_up_at=None, due_at__lte=now)


class Mail(models.Model):
    """One mail to one person. `key` says what it is about, so that it is written only once."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=120, unique=True)
    supporter = models.ForeignKey(
        Supporter, models.CASCADE, null=True, related_name="mails", verbose_name=_("supporter")
    )
    to = models.EmailField(_("sent to"))
    template = models.CharField(_("mail"), max_length=60)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    context = models.JSONField(default=dict)
    queued_at = models.DateTimeField(_("written"), default=timezone.now)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    given_up_at = models.DateTimeField(_("given up"), null=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    # What the provider that carried it calls it.
    provider_id = models.CharField(max_length=200, blank=True, default="", db_default="")

    objects = MailQuerySet.as_manager()
    personal_data = PersonalData(
        activity=MAILS,
        owner="supporter",
        email="to",
        erase={"to": "", "context": {}},
        drop=Q(sent_at=None),
        internal=("key", "provider_id"),
        proof=_("That a mail was sent stays, not to whom or what it said."),
        erased_by="crm.mailing.erasing",
    )
    retention = Retention(
        key="mails",
        title=_("what mails said, and to which address"),
        since="queued_at",
        months=24,
        of=~Q(to="") & ~Q(sent_at=None, given_up_at=None),
        empty={"to": "", "context": {}},
        is_on=True,
    )
    merging = MOVES

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(sent_at=None, given_up_at=None),
                name="mail_due",
            ),
            models.Index(
                fields=["provider_id"], condition=~Q(provider_id=""), name="mail_of_provider"
            ),
        ]

    def __str__(self):
        return f"#{self.pk} {self.template}"


class Attachment(models.Model):
    """A file that goes with a mail; emptied once sent, for it can be made again."""

    mail = models.ForeignKey(Mail, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=80)
    content_type = models.CharField(max_length=80)
    content = models.BinaryField()

    personal_data = PersonalData(
        activity=MAILS, owner="mail__supporter", erase={"name": "", "content": b""}
    )

    def __str__(self):
        return self.name
