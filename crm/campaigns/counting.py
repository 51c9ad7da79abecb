"""What counts signatures and steps without a hot row: deltas, and the tallies they become."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign, Signature, Source


class Step(models.TextChoices):
    """What people do one after the other; each happens once per person and campaign."""

    VIEW = "view", _("saw the page")
    SUBMIT = "submit", _("sent the form")
    REPEAT = "repeat", _("had sent it before")
    CONFIRM = "confirm", _("confirmed")
    CONSENT = "consent", _("wants news")
    SHARE = "share", _("shared it")
    BRING = "bring", _("brought somebody")
    GIVE = "give", _("gave for the first time")
    MONTHLY = "monthly", _("gives monthly")


class SignatureDelta(models.Model):
    """A step more, or less, that the tallies do not hold yet.

    What the counter counts are those of the step "confirm": confirmed signatures, and sheets.
    """

    # Not constrained: a row lives for seconds, and comes with a signature, which is.
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    source = models.ForeignKey(
        Source, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=6, blank=True)
    language = models.CharField(max_length=2)
    way = models.CharField(max_length=10, default="online", db_default="online")
    step = models.CharField(max_length=10, default="confirm", db_default="confirm")
    number = models.IntegerField()

    def __str__(self):
        return f"{self.day} {self.number:+d}"


class Tally(models.Model):
    """Confirmed signatures of one local day, by one question. The subclasses are the questions."""

    day = models.DateField()
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    number = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.day} {self.number}"


class DayTally(Tally):
    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "day"], name="one_tally_per_day")
        ]


class SourceTally(Tally):
    source = models.ForeignKey(Source, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "day", "source"], name="one_tally_per_day_and_source"
            )
        ]


class RegionTally(Tally):
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=6, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "day", "country", "region"],
                name="one_tally_per_day_and_region",
            )
        ]


class LanguageTally(Tally):
    language = models.CharField(max_length=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "day", "language"], name="one_tally_per_day_and_language"
            )
        ]


class WayTally(Tally):
    way = models.CharField(max_length=10, choices=Signature.Way.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "day", "way"], name="one_tally_per_day_and_way"
            )
        ]


class StepTally(Tally):
    """How often a step was taken, by the source of the signature, or of the visit before it."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="+", db_index=False)
    step = models.CharField(max_length=10, choices=Step.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "step", "day", "source"], name="one_tally_per_day_and_step"
            )
        ]


class StatusCount(models.Model):
    """How many signatures of a campaign wait or were withdrawn, as a job counted them."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="status_counts")
    status = models.CharField(max_length=10, choices=Signature.Status.choices)
    number = models.IntegerField()
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "status"], name="one_count_per_status")
        ]

    def __str__(self):
        return f"{self.status} {self.number}"
