"""Files, kept in the database: every web and worker process on every machine reads them there."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import RELATIONS
from crm.lib.merging import MOVES
from crm.lib.personal import EVERYTHING, PersonalData
from crm.people.models import Supporter


class StoredFileQuerySet(models.QuerySet["StoredFile"]):
    def shown_to(self, reader):
        """Files of supporters that a member of staff may read: confidential ones are for few."""
        if not reader.has_perm("crm.view_storedfile"):
            return self.none()
        of_supporters = self.filter(supporter__isnull=False)
        if reader.has_perm("crm.see_confidential"):
            return of_supporters
        return of_supporters.filter(is_confidential=False)


class StoredFile(models.Model):
    """A file's name and size; its bytes are chunks, so that no process holds all of a large one."""

    supporter = models.ForeignKey(
        Supporter, models.CASCADE, null=True, blank=True, related_name="files"
    )
    name = models.CharField(_("name"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    is_confidential = models.BooleanField(_("confidential"), default=False)
    added_at = models.DateTimeField(_("added"), default=timezone.now)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = StoredFileQuerySet.as_manager()
    personal_data = PersonalData(activity=RELATIONS, owner="supporter", drop=EVERYTHING)
    merging = MOVES

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")

    def __str__(self):
        return f"#{self.pk} ({self.size} bytes)"


class FileChunk(models.Model):
    file = models.ForeignKey(StoredFile, models.CASCADE, related_name="chunks", db_index=False)
    position = models.PositiveIntegerField()
    data = models.BinaryField()

    personal_data = PersonalData(
        activity=RELATIONS, owner="file__supporter", drop=EVERYTHING, internal=("position", "file")
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "position"], name="file_chunk_once")]

    def __str__(self):
        return f"{self.file_id}/{self.position}"
