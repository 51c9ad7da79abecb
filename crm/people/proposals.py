"""What somebody said about a supporter on a public form, and that differs from what we know."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import QUALITY
from crm.lib.merging import MOVES
from crm.lib.personal import EVERYTHING, PersonalData, Retention
from crm.people.models import Supporter


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def open(self):
        return self.filter(state=Proposal.State.OPEN)


class Proposal(models.Model):
    """A value for one field of a supporter, until staff accept or decline it."""

    class State(models.TextChoices):
        OPEN = "open", _("to decide")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")

    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="proposals")
    field = models.CharField(_("field"), max_length=40)
    value = models.CharField(_("proposed value"), max_length=300)
    source = models.CharField(_("source"), max_length=80)
    at = models.DateTimeField(_("when"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ProposalQuerySet.as_manager()
    personal_data = PersonalData(activity=QUALITY, owner="supporter", drop=EVERYTHING)
    retention = Retention(
        key="proposals",
        title=_("proposed corrections that were decided"),
        since="decided_at",
        months=12,
        of=~Q(state="open"),
        is_on=True,
    )
    merging = MOVES

    class Meta:
        verbose_name = _("proposed correction")
        verbose_name_plural = _("proposed corrections")
        constraints = [
            # Said again, it is not asked again, whether it waits or was declined.
            models.UniqueConstraint(
                fields=["supporter", "field", "value"],
                condition=~Q(state="accepted"),
                name="proposal_once",
            )
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="open"), name="proposal_open")]

    def __str__(self):
        return f"#{self.pk} {self.field} of #{self.supporter_id}"
