"""Many gifts entered at once: a stack of slips or envelopes, with what it should add up to."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign
from crm.donations.models import Fund, Gift, Method
from crm.lib.activities import DONATIONS
from crm.lib.merging import MOVES
from crm.lib.personal import PersonalData, Retention
from crm.people.models import LANGUAGES, Supporter


class BatchQuerySet(models.QuerySet["Batch"]):
    def with_entered(self):
        """Each batch with how many rows it has, and what they add up to."""
        return self.annotate(entered_count=Count("rows"), entered_total=Sum("rows__amount"))


class Batch(models.Model):
    """A stack, and the count and total that were found when it was counted by hand."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    method = models.CharField(
        _("method"), max_length=20, choices=Method.choices, default=Method.CASH
    )
    received_on = models.DateField(_("received"))
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("campaign"),
    )
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fund")
    )
    expected_count = models.PositiveIntegerField(_("expected number of gifts"))
    expected_total = models.BigIntegerField(_("expected total in cents"))
    thank = models.BooleanField(_("send thank-you mails with receipts"), default=False)
    language = models.CharField(
        _("language of new donors"), max_length=2, choices=LANGUAGES, default="fr"
    )
    # Counts the times that the rows were written, so that nobody writes over what others wrote.
    version = models.PositiveIntegerField(default=0, editable=False)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    posted_at = models.DateTimeField(_("posted"), null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        constraints = [
            models.CheckConstraint(
                condition=Q(expected_count__gt=0, expected_total__gt=0), name="batch_expects_money"
            ),
        ]

    def __str__(self):
        return self.name


class BatchRow(models.Model):
    """One line of the grid. While the batch is open it may be wrong; posting makes it a gift."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    supporter = models.ForeignKey(Supporter, models.PROTECT, null=True, related_name="+")
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    amount = models.BigIntegerField(_("amount in cents"), null=True)
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("fund")
    )
    is_anonymous = models.BooleanField(_("anonymous"), default=False)
    # Somebody looked at who is known under that name, and says that this is another person.
    is_new = models.BooleanField(_("another person"), default=False)
    gift = models.OneToOneField(Gift, models.PROTECT, null=True, related_name="batch_row")

    personal_data = PersonalData(
        activity=DONATIONS,
        owner="supporter",
        erase={"given_name": "", "family_name": "", "email": "", "postcode": ""},
        email="email",
    )
    retention = Retention(
        key="batch_rows",
        title=_("names as they were typed in batches that were posted"),
        since="batch__posted_at",
        months=24,
        of=~Q(given_name="", family_name="", email="", postcode=""),
        empty={"given_name": "", "family_name": "", "email": "", "postcode": ""},
        is_on=True,
    )
    merging = MOVES

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="batch_row_once"),
        ]

    def __str__(self):
        return f"{self.position} {self.amount}"
