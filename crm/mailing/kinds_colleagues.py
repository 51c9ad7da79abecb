"""Mails to members of staff."""

from django.utils.translation import gettext_lazy as _

from crm.mailing.kind import STAFF, In, Kind, said, value

COLLEAGUE = _("a colleague")
TASK = value(
    "title", _("What the task is called."), In("Appeler Marie", "Marie bellen", "Call Marie")
)
TASKS = [
    {"title": "Marie", "due_on": "02/03/2026", "is_late": True},
    {"title": "Jean", "due_on": "14/03/2026", "is_late": False},
]

COLLEAGUES = (
    Kind(
        "task_assigned",
        _("A task was given"),
        _("When a colleague gives somebody a task."),
        COLLEAGUE,
        STAFF,
        "why_colleague",
        (
            value("by", _("Who gave the task."), "Sofie"),
            TASK,
            said("due", _("When it is due; nothing if that is not said."), "task_assigned_due"),
        ),
        "staff_link",
        _("See the task"),
        sample={"due_on": "14/03/2026", "address": "/staff/"},
    ),
    Kind(
        "tasks_due",
        _("Tasks that are due"),
        _("Each morning, to whom something is due."),
        COLLEAGUE,
        STAFF,
        "why_colleague",
        (
            said(
                "about", _("How many tasks are due, in a line."), "tasks_due_subject", is_line=True
            ),
            said("tasks_list", _("The tasks that are due."), "tasks_due_list", needed=True),
        ),
        "staff_link",
        _("See my tasks"),
        sample={"tasks": TASKS, "number": 2, "more": 0, "address": "/staff/"},
    ),
    Kind(
        "alarm",
        _("An alarm"),
        _("At once, when something went wrong with money."),
        COLLEAGUE,
        STAFF,
        "why_staff",
        (said("what", _("What went wrong."), "alarm_words", is_line=True, needed=True),),
        "staff_link",
        _("See what happened"),
        sample={"kind": "dispute", "address": "/staff/"},
    ),
)
