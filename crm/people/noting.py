"""What may happen to notes and tasks."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.people.models import Supporter
from crm.people.notes import Note, Task


@transaction.atomic
def write_note(
    *, supporter: Supporter, text: str, at: datetime, by: Any, is_confidential: bool = False
) -> Note:
    """Keep what a member of staff wrote about a supporter."""
    note = Note.objects.create(
        supporter=supporter,
        text=text,
        is_confidential=is_confidential,
        written_at=at,
        modified_at=at,
        written_by=by,
    )
    audit.log("note.written", supporter, by=by, at=at, note=note.pk)
    return note


@transaction.atomic
def change_note(
    *, note: Note, at: datetime, by: Any, text: str, is_confidential: bool | None = None
) -> Note:
    """Correct a note; what it said before stays in the history."""
    wanted = {"text": text, "is_confidential": is_confidential}
    if changed := set_fields(note, {k: v for k, v in wanted.items() if v is not None}, at=at):
        audit.log("note.changed", note.supporter, by=by, at=at, note=note.pk, fields=changed)
    return note


@transaction.atomic
def remove_note(*, note: Note, at: datetime, by: Any) -> None:
    """Take a note away; what it said stays in the history."""
    audit.log("note.removed", note.supporter, by=by, at=at, note=note.pk)
    note.delete()


@transaction.atomic
def add_task(
    *,
    title: str,
    at: datetime,
    by: Any,
    supporter: Supporter | None = None,
    details: str = "",
    due_on: date | None = None,
    assigned_to: Any = None,
) -> Task:
    """Write down something to do, for somebody or for whoever takes it."""
    task = Task.objects.create(
        supporter=supporter,
        title=title,
        details=details,
        due_on=due_on,
        assigned_to=assigned_to,
        created_at=at,
        created_by=by,
        modified_at=at,
    )
    audit.log("task.added", task, by=by, at=at)
    return task


@transaction.atomic
def change_task(*, task: Task, at: datetime, by: Any, **fields: Any) -> Task:
    """Write title, details, due_on, assigned_to, supporter as they are now."""
    if changed := set_fields(task, fields, at=at):
        audit.log("task.changed", task, by=by, at=at, fields=changed)
    return task


@transaction.atomic
def finish_task(*, task: Task, at: datetime, by: Any) -> bool:
    """Somebody has done it; return whether that is news."""
    to_do = Task.objects.to_do().filter(pk=task.pk)
    if not to_do.update(done_at=at, done_by=by, modified_at=at):
        return False
    task.done_at, task.done_by, task.modified_at = at, by, at
    audit.log("task.done", task, by=by, at=at)
    return True


@transaction.atomic
def reopen_task(*, task: Task, at: datetime, by: Any) -> bool:
    """It is not done after all; return whether that is news."""
    done = Task.objects.filter(pk=task.pk).exclude(done_at=None)
    if not done.update(done_at=None, done_by=None, modified_at=at):
        return False
    task.done_at, task.done_by, task.modified_at = None, None, at
    audit.log("task.reopened", task, by=by, at=at)
    return True


@transaction.atomic
def remove_task(*, task: Task, at: datetime, by: Any) -> None:
    """Take away a task that was a mistake."""
    audit.log("task.removed", task, by=by, at=at)
    task.delete()


def set_fields(row: Any, wanted: dict[str, Any], *, at: datetime) -> list[str]:
    """Write the fields that differ; return which."""
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    if changed:
        row.modified_at = at
        row.save(update_fields=[*changed, "modified_at"])
    return changed
