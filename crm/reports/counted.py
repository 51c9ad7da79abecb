"""What a job counts every hour, for it takes longer than anybody wants to wait for a page."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm.campaigns.models import Campaign


class Counting(models.Model):
    """When the rows below were last counted for a campaign, and whose links reached the most."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="+")
    counted_at = models.DateTimeField(default=timezone.now)
    # Of each, in the order of crm.reports.sharing.Sharer; who that is, a page asks anew.
    sharers = models.JSONField(default=list)

    class Meta:
        default_permissions = ()

    def __str__(self):
        return f"{self.campaign_id} {self.counted_at:%Y-%m-%d %H:%M}"


class Reach(models.Model):
    """How many signers of a day had brought `brought` others when `window` days were over.

    Once by how far they are from somebody whom nobody brought (`generation`), once by the medium
    of the link. Who brought nobody is counted for those only whom somebody brought: of the others
    the tallies know how many there are.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False)
    window = models.SmallIntegerField()
    day = models.DateField()
    generation = models.SmallIntegerField(null=True)
    medium = models.CharField(max_length=10, blank=True)
    brought = models.IntegerField()
    number = models.IntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "window", "day", "generation", "medium", "brought"],
                nulls_distinct=False,
                name="one_reach_per_number_brought",
            ),
            models.CheckConstraint(
                condition=Q(generation__isnull=False, medium="")
                | (Q(generation=None) & ~Q(medium="")),
                name="reach_by_generation_or_medium",
            ),
        ]

    def __str__(self):
        return f"{self.day} {self.brought}: {self.number}"


class Shared(models.Model):
    """How often signers confirmed on `day` had shared by a medium when `window` days were over."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False)
    window = models.SmallIntegerField()
    day = models.DateField()
    medium = models.CharField(max_length=10)
    number = models.IntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "window", "day", "medium"], name="one_shared_per_medium"
            )
        ]

    def __str__(self):
        return f"{self.day} {self.medium}: {self.number}"


class Converted(models.Model):
    """Of the signers confirmed on `day`: who had given before, and who first gave soon after."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    is_mailable = models.BooleanField()  # they ticked a box, so that we may write to them
    had_given = models.IntegerField()
    in_30 = models.IntegerField()
    in_90 = models.IntegerField()
    in_365 = models.IntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "day", "is_mailable"], name="one_converted_per_day"
            )
        ]

    def __str__(self):
        return f"{self.day} {self.in_365}"
