"""What staff write down about supporters, and what they have to do."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import RELATIONS
from crm.lib.merging import MOVES
from crm.lib.personal import EVERYTHING, PersonalData, Retention
from crm.people.models import Supporter


class NoteQuerySet(models.QuerySet["Note"]):
    def shown_to(self, reader):
        """What a member of staff may read: confidential notes are for few."""
        if not reader.has_perm("crm.view_note"):
            return self.none()
        return (
            self if reader.has_perm("crm.see_confidential") else self.filter(is_confidential=False)
        )


class Note(models.Model):
    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="notes")
    text = models.TextField(_("note"), max_length=5000)
    is_confidential = models.BooleanField(
        _("confidential"), default=False, help_text=_("Only for those who may see such notes.")
    )
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    modified_at = models.DateTimeField(_("changed"), default=timezone.now)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("written by"),
    )

    objects = NoteQuerySet.as_manager()
    personal_data = PersonalData(activity=RELATIONS, owner="supporter", drop=EVERYTHING)
    merging = MOVES

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")

    def __str__(self):
        return f"#{self.pk} on #{self.supporter_id}"


class TaskQuerySet(models.QuerySet["Task"]):
    def to_do(self):
        return self.filter(done_at=None)


class Task(models.Model):
    """Something to do until a day, by somebody, perhaps about a supporter."""

    supporter = models.ForeignKey(
        Supporter, models.CASCADE, null=True, blank=True, related_name="tasks"
    )
    title = models.CharField(_("what to do"), max_length=200)
    details = models.TextField(_("details"), max_length=5000, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        verbose_name=_("for"),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    modified_at = models.DateTimeField(_("changed"), default=timezone.now)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = TaskQuerySet.as_manager()
    personal_data = PersonalData(
        activity=RELATIONS, owner="supporter", drop=EVERYTHING, ties=models.Q(done_at=None)
    )
    retention = Retention(
        key="tasks",
        title=_("tasks that were done"),
        since="done_at",
        months=36,
        of=models.Q(done_at__isnull=False),
    )
    merging = MOVES

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(
                fields=["due_on", "id"], condition=models.Q(done_at=None), name="task_to_do"
            )
        ]

    def __str__(self):
        return self.title
