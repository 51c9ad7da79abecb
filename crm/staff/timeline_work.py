"""What a timeline tells of the work of staff: notes, tasks done, files."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from crm.people.files import StoredFile
from crm.people.notes import Note, Task
from crm.staff.events import Asked, Event
from crm.staff.sources import name_of


def notes(asked: Asked) -> Iterator[Event]:
    known = Note.objects.filter(supporter__in=asked.ids).select_related("written_by")
    if not asked.may["confidential"]:
        known = known.filter(is_confidential=False)
    for note in asked.newest(known, "written_at"):
        yield Event(
            at=note.written_at,
            pk=note.pk,
            kind="note",
            title=_("Confidential note") if note.is_confidential else _("Note"),
            source=name_of(note.written_by),
            quote=note.text,
        )


def tasks(asked: Asked) -> Iterator[Event]:
    known = Task.objects.filter(supporter__in=asked.ids).select_related("done_by")
    for task in asked.newest(known, "done_at"):
        yield Event(
            at=task.done_at,
            pk=task.pk,
            kind="task",
            title=_("Done: %(task)s") % {"task": task.title},
            source=name_of(task.done_by),
        )


def files(asked: Asked) -> Iterator[Event]:
    known = StoredFile.objects.filter(supporter__in=asked.ids).select_related("added_by")
    if not asked.may["confidential"]:
        known = known.filter(is_confidential=False)
    for file in asked.newest(known, "added_at"):
        yield Event(
            at=file.added_at,
            pk=file.pk,
            kind="file",
            title=_("File: %(name)s") % {"name": file.name},
            source=name_of(file.added_by),
        )
