"""The form of a task, and how far one may be put off."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.people.notes import Task
from crm.staff import forms as fields
from crm.staff.careful import CarefulForm
from crm.staff.forms import day, somebody
from crm.staff.gift_fields import chosen
from crm.staff.task_words import called

PUT_OFF = {"1": gettext_lazy("A day later"), "7": gettext_lazy("A week later")}


def colleagues() -> QuerySet[Any]:
    """Who may be given a task: active members of staff who may read tasks."""
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    allowed = get_user_model().objects.with_perm("crm.view_task", backend=backend)
    return allowed.filter(is_staff=True).order_by("first_name", "last_name", "username")


class TaskForm(CarefulForm):
    free_text = ("title", "details")
    title = fields.text(gettext_lazy("What to do"), max_length=200)
    supporter = somebody(gettext_lazy("About (may stay empty)"), required=False)
    due_on = day(gettext_lazy("Due on (may stay empty)"), required=False)
    assigned_to = chosen(gettext_lazy("For"), get_user_model().objects.none())
    details = fields.text(
        gettext_lazy("Details"),
        max_length=5000,
        widget=lambda: widgets.UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    field_order = ("title", "details", "is_no_report", "due_on", "assigned_to", "supporter")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = True
        field: Any = self.fields["assigned_to"]
        field.queryset, field.label_from_instance = colleagues(), called
        field.empty_label = gettext_lazy("nobody yet")


class PutOffForm(forms.Form):
    days = forms.ChoiceField(choices=list(PUT_OFF.items()))


def put_off(task: Task, days: int, today: date) -> date:
    """Return the day so many days after the one it was due, or after today if that is past."""
    return max(task.due_on or today, today) + timedelta(days=days)
