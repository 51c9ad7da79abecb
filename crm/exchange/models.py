"""Imports and exports: what came in and what went out, when, by whom, and how to undo it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import QUALITY
from crm.lib.merging import MOVES
from crm.lib.personal import PersonalData, Retention
from crm.people.files import StoredFile
from crm.people.models import Supporter


class Kind(models.TextChoices):
    SUPPORTERS = "supporters", _("supporters")
    SIGNATURES = "signatures", _("signatures")
    GIFTS = "gifts", _("gifts")


def of_imports(*, since: str, of: Q, empty: dict[str, Any]) -> Retention:
    """Return the rule by which imports lose what they quote, and then cannot be undone any more."""
    return Retention(
        key="imports",
        title=_("what imports quote of files, and what records said before them"),
        since=since,
        months=24,
        of=of,
        empty=empty,
        is_on=True,
    )


class ImportMapping(models.Model):
    """Which column means what, remembered for the next file with the same columns."""

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    columns_hash = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "columns_hash"], name="mapping_once")
        ]

    def __str__(self):
        return f"{self.kind} {self.columns_hash[:8]}"


class Import(models.Model):
    """One file on its way in. Every row that was read is created, updated, unchanged, skipped
    or bad."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("uploaded")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        UNDOING = "undoing", _("being undone")
        UNDONE = "undone", _("undone")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, related_name="+", verbose_name=_("file")
    )
    rejects = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    name = models.CharField(_("file name"), max_length=200)
    source_system = models.CharField(_("came from"), max_length=40, blank=True)
    detected = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    preview = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.UPLOADED
    )
    stage = models.CharField(max_length=40, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(_("rows read"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("updated"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    skipped = models.PositiveIntegerField(_("skipped"), default=0)
    bad = models.PositiveIntegerField(_("bad"), default=0)
    error = models.CharField(_("error"), max_length=500, blank=True)
    conflicts = models.JSONField(default=list)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )
    beat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    retention = of_imports(
        since="finished_at",
        of=Q(state__in=["done", "failed", "undone"]) & ~Q(detected={}, preview={}, options={}),
        empty={"detected": {}, "preview": {}, "options": {}},
    )

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["done", "undone"])
                | Q(read=F("created") + F("updated") + F("unchanged") + F("skipped") + F("bad")),
                name="every_row_is_accounted_for",
            )
        ]

    def __str__(self):
        return f"#{self.pk} {self.kind}"


class ImportRow(models.Model):
    """What became of one row of a file: enough to undo it."""

    class Outcome(models.TextChoices):
        CREATED = "c", _("created")
        UPDATED = "u", _("updated")
        UNCHANGED = "=", _("unchanged")
        SKIPPED = "s", _("skipped")
        BAD = "b", _("bad")

    # Not called `import`, which is a word of the language. A journal of millions of rows is not
    # constrained: a check of each row costs as much as writing it.
    batch = models.ForeignKey(
        Import, models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    line = models.PositiveIntegerField(_("line"))
    outcome = models.CharField(_("outcome"), max_length=1, choices=Outcome.choices)
    supporter = models.ForeignKey(
        Supporter, models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    is_new_supporter = models.BooleanField(default=False)
    signature = models.BigIntegerField(null=True)  # keys, not foreign keys: a million of them
    gift = models.BigIntegerField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    personal_data = PersonalData(
        activity=QUALITY,
        owner="supporter",
        erase={"before": None, "after": None},
        internal=("batch", "signature", "gift", "is_new_supporter"),
        erased_by="crm.exchange.erasing",
    )
    retention = of_imports(
        since="batch__finished_at",
        of=Q(before__isnull=False) | Q(after__isnull=False),
        empty={"before": None, "after": None},
    )
    merging = MOVES

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="import_row_once")]

    def __str__(self):
        return f"{self.batch_id}/{self.line} {self.outcome}"


class Export(models.Model):
    """That somebody took a list out, what was in it, and why. The list itself is not kept."""

    what = models.CharField(_("what"), max_length=40)
    filters = models.JSONField(_("filters"), default=dict)
    columns = models.JSONField(_("columns"), default=list)
    format = models.CharField(_("format"), max_length=10)
    reason = models.CharField(_("reason"), max_length=300)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    exported_at = models.DateTimeField(_("when"), default=timezone.now)
    exported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("exported by"),
    )
    # Of an export of everything, which a job writes and which is kept for a day.
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, blank=True, related_name="+")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True, default="")

    retention = Retention(
        key="exports",
        title=_("by what exports were filtered"),
        since="exported_at",
        months=36,
        of=~Q(filters={}),
        empty={"filters": {}},
        is_on=True,
    )

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        permissions = [("export_everything", "Can export everything there is")]

    def __str__(self):
        return f"#{self.pk} {self.what}"
