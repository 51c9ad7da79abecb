"""Pairs of records that may be one person, what staff said of them, and how they are looked for."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import QUALITY
from crm.lib.merging import Merging
from crm.lib.personal import EVERYTHING, PersonalData, Retention
from crm.people.models import Supporter


class SuspicionQuerySet(models.QuerySet["Suspicion"]):
    def open(self):
        """Pairs to decide, both of whose records still stand."""
        current = Q(first__merged_into=None, first__erased_at=None)
        current &= Q(second__merged_into=None, second__erased_at=None)
        return self.filter(current, state=Suspicion.State.OPEN)


class Suspicion(models.Model):
    """Two records that may be one person, the older first, with the reasons for and against."""

    class State(models.TextChoices):
        OPEN = "open", _("to decide")
        DIFFERENT = "different", _("not a duplicate")
        MERGED = "merged", _("merged")

    first = models.ForeignKey(Supporter, models.CASCADE, related_name="+")
    second = models.ForeignKey(Supporter, models.CASCADE, related_name="+")
    score = models.FloatField(_("probability"))
    evidence = models.JSONField(default=list, help_text=_("Each field, its level and its weight."))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = SuspicionQuerySet.as_manager()
    personal_data = PersonalData(
        activity=QUALITY, owner="first", others=("second",), drop=EVERYTHING
    )
    # That two are different people is kept: else it would be asked again.
    retention = Retention(
        key="suspicions",
        title=_("possible duplicates that were merged"),
        since="decided_at",
        months=12,
        of=Q(state="merged"),
        is_on=True,
    )
    merging = Merging(
        apart=(("first", "second"), ("second", "first")),
        itself=lambda at: {"state": Suspicion.State.MERGED, "decided_at": at},
        ordered=("first", "second"),
        combined=lambda theirs, own: decided(theirs, own),  # noqa: PLW0108 (it stands below)
    )

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="suspicion_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")), name="suspicion_older_first"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="suspicion_is_a_probability"
            ),
        ]
        indexes = [
            models.Index(fields=["-score", "id"], condition=Q(state="open"), name="suspicion_best")
        ]

    def __str__(self):
        return f"#{self.first_id} and #{self.second_id}: {self.score:.2f}"


def decided(theirs: Suspicion, own: Suspicion) -> dict[str, Any]:
    """What one of two suspicions of the same pair learns from the other: "different" stands."""
    learnt: dict[str, Any] = {"score": max(theirs.score, own.score)}
    if theirs.state == Suspicion.State.DIFFERENT and own.state == Suspicion.State.OPEN:
        learnt |= {"state": theirs.state, "decided_at": theirs.decided_at}
        learnt |= {"decided_by_id": theirs.decided_by_id}
    return learnt


class MatchRule(models.Model):
    """How much is merged without asking; there is one row. None: nothing is."""

    merges_from = models.FloatField(_("merge by itself from"), null=True, blank=True)
    modified_at = models.DateTimeField(default=timezone.now)
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    # How far newcomers were compared: the change feed's place (transaction, then line).
    read_transaction = models.BigIntegerField(default=0)
    read_change = models.BigIntegerField(default=0)
    # How frequent the most frequent names and postcodes are, as the last search counted them.
    frequencies = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("rule for duplicates")
        verbose_name_plural = _("rules for duplicates")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="one_match_rule"),
            models.CheckConstraint(
                condition=Q(merges_from=None) | Q(merges_from__gte=0.9, merges_from__lte=1),
                name="merges_only_the_sure",
            ),
        ]

    def __str__(self):
        return f"merges from {self.merges_from}"


class MatchRun(models.Model):
    """One search through all records, with how far it is."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    stage = models.CharField(max_length=40, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(_("pairs found"), default=0)
    merged = models.PositiveIntegerField(_("merged by rule"), default=0)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    beat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("search for duplicates")
        verbose_name_plural = _("searches for duplicates")
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_search_of_a_state",
            )
        ]

    def __str__(self):
        return f"#{self.pk} {self.state}"
