"""When a task is due, in words: what is late must not be told by a colour alone."""

from datetime import date
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.people.notes import Task


class Due(NamedTuple):
    words: str
    tone: str = ""


def due(task: Task, today: date) -> Due:
    if task.due_on is None:
        return Due(_("no date"))
    days = (task.due_on - today).days
    day = date_format(task.due_on, "DATE_FORMAT")
    if days < 0:
        late = ngettext("overdue by %(days)s day", "overdue by %(days)s days", -days)
        return Due(f"{late % {'days': -days}} ({day})", "bad")
    if days == 0:
        return Due(_("due today"), "warn")
    return Due(_("due tomorrow")) if days == 1 else Due(_("due on %(day)s") % {"day": day})


def called(user: Any) -> str:
    """Return what a colleague is called."""
    return user.get_full_name() or user.get_username()
