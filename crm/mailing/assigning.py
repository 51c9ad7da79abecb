"""Tasks given to colleagues: who gets one from somebody else is told, and each morning what is due.

A mail holds what a task is called, and no longer than until it has left: see `delivery`.
"""

from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from crm.lib.rows import insert_unless_there
from crm.mailing import jobs
from crm.mailing.colleagues import languages_of
from crm.mailing.models import Mail
from crm.people import noting
from crm.people.notes import Task

MOST = 30  # named in one mail; the list has them all


@transaction.atomic
def put_down(*, title: str, at: datetime, by: Any, **fields: Any) -> Task:
    """Write down a task; who gets it from somebody else is told by mail."""
    task = noting.add_task(title=title, at=at, by=by, **fields)
    tell_assignee(task, at=at, by=by)
    return task


@transaction.atomic
def change_task(*, task: Task, at: datetime, by: Any, **fields: Any) -> Task:
    """Change a task; who gets it now from somebody else is told by mail."""
    before = task.assigned_to_id
    noting.change_task(task=task, at=at, by=by, **fields)
    if task.assigned_to_id != before and not task.done_at:
        tell_assignee(task, at=at, by=by)
    return task


def tell_assignee(task: Task, *, at: datetime, by: Any) -> None:
    user = task.assigned_to
    if user is None or user.pk == by.pk or not may_be_told(user):
        return
    context = {
        "title": task.title,
        "due_on": written(task.due_on),
        "by": by.get_full_name() or by.get_username(),
        "address": reverse("admin:crm_task_change", args=[task.pk]),
    }
    queue("task_assigned", f"task:{task.pk}:{user.pk}:{at.isoformat()}", user, context, at=at)


def remind(*, day: date, at: datetime) -> int:
    """Tell everybody what of theirs is due by this day, once a day; return how many were told."""
    due = Task.objects.to_do().filter(due_on__lte=day, assigned_to__isnull=False)
    late: dict[int, list[Task]] = {}
    for task in due.order_by("due_on", "pk"):
        late.setdefault(task.assigned_to_id or 0, []).append(task)
    users = get_user_model().objects.filter(Q(pk__in=late), is_active=True).order_by("pk")
    told = [user for user in users if may_be_told(user)]
    languages = languages_of(told)
    for user in told:
        context = digest(late[user.pk], day)
        key = f"tasks_due:{day.isoformat()}:{user.pk}"
        queue("tasks_due", key, user, context, at=at, language=languages[user.pk])
    return len(told)


def digest(tasks: list[Task], day: date) -> dict[str, Any]:
    return {
        "tasks": [
            {"title": task.title, "due_on": written(task.due_on), "is_late": task.due_on != day}
            for task in tasks[:MOST]
        ],
        "number": len(tasks),
        "more": max(0, len(tasks) - MOST),
        "address": reverse("admin:crm_task_changelist"),
    }


def written(day: date | None) -> str:
    """A day as JSON holds it, and the same in every language."""
    return f"{day:%d/%m/%Y}" if day else ""


def may_be_told(user: Any) -> bool:
    return bool(user.is_active and user.is_staff and user.email)


def queue(
    template: str,
    key: str,
    user: Any,
    context: dict[str, Any],
    *,
    at: datetime,
    language: str = "",
) -> None:
    """Write the mail down; a second one of the same key is dropped."""
    mail = Mail(
        key=key,
        to=user.email,
        template=template,
        language=language or languages_of([user])[user.pk],
        context=context,
        queued_at=at,
        due_at=at,
    )
    insert_unless_there(mail, task=jobs.deliver_mails)
