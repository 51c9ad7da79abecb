"""What signers say, and which of it the petition shows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Signature
from crm.lib.activities import PETITIONS
from crm.lib.personal import PersonalData, Retention


class CommentQuerySet(models.QuerySet["Comment"]):
    def to_approve(self):
        """What confirmed signers want shown, and nobody has looked at."""
        return self.filter(
            is_public=True, approved_at=None, signature__status=Signature.Status.CONFIRMED
        )

    def shown(self):
        """What confirmed signers want shown and staff approved, newest first."""
        return (
            self.filter(is_public=True, approved_at__isnull=False)
            .filter(signature__status=Signature.Status.CONFIRMED)
            .exclude(text="")
            .order_by("-approved_at", "-pk")
        )


class Comment(models.Model):
    """What a signer said; shown on the petition when they wished so and staff agree."""

    signature = models.OneToOneField(
        Signature, models.CASCADE, related_name="comment", verbose_name=_("signature")
    )
    text = models.CharField(_("comment"), max_length=500)
    is_public = models.BooleanField(_("the signer wants it shown"), default=False)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)

    objects = CommentQuerySet.as_manager()
    personal_data = PersonalData(
        activity=PETITIONS,
        owner="signature__supporter",
        erase={"text": ""},
        sensitive=_("may show political opinions (article 9)"),
    )
    retention = Retention(
        key="comments",
        title=_("comments of signatures that were withdrawn"),
        since="signature__modified_at",
        months=1,
        of=Q(signature__status="withdrawn") & ~Q(text=""),
        empty={"text": ""},
        is_on=True,
    )

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        indexes = [
            # A petition shows the newest.
            models.Index(
                fields=["-approved_at", "-id"],
                condition=Q(is_public=True, approved_at__isnull=False),
                name="comment_shown",
            ),
        ]

    def __str__(self):
        return f"#{self.pk}"
