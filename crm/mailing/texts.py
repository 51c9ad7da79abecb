"""What staff wrote in place of the words that a mail comes with."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.people.models import LANGUAGES


class MailText(models.Model):
    """The subject and the words of one mail in one language; without a row, its template holds.

    `text` is plain: paragraphs, and `{name}` for what the mail knows (see `kinds`).
    """

    template = models.CharField(_("mail"), max_length=60)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("text"))
    modified_at = models.DateTimeField(_("last changed"), default=timezone.now)
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("changed by"),
    )

    class Meta:
        verbose_name = _("words of a mail")
        verbose_name_plural = _("words of mails")
        constraints = [
            models.UniqueConstraint(fields=["template", "language"], name="one_text_per_language")
        ]

    def __str__(self):
        return f"{self.template} ({self.language})"
