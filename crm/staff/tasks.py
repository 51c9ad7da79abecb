"""Tasks: what is to be done, by whom and until when; and a panel on the profile."""

from datetime import date
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.lib.periods import local_day
from crm.mailing.assigning import change_task, put_down
from crm.people.models import Supporter
from crm.people.notes import Task
from crm.people.noting import finish_task, reopen_task
from crm.staff.editing import Edit
from crm.staff.forms import told_supporter
from crm.staff.pages import StaffAdmin
from crm.staff.returning import came_from, go_back
from crm.staff.site import site
from crm.staff.task_forms import PUT_OFF, PutOffForm, TaskForm, put_off
from crm.staff.task_words import Due, called, due

ON_A_PAGE, ON_A_PANEL = 50, 10
VIEWS = {
    "mine": gettext_lazy("My tasks"),
    "all": gettext_lazy("Everybody's"),
    "done": gettext_lazy("Done"),
}


class Row(NamedTuple):
    task: Task
    due: Due
    who: str


def panel(supporter: Supporter, reader: Any) -> dict[str, Any]:
    """What `staff/panel_tasks.html` shows as `panel`; nothing for who may not read tasks."""
    if not reader.has_perm("crm.view_task"):
        return {}
    waiting = in_order(supporter.tasks.all())[: ON_A_PANEL + 1]
    rows = list(told(waiting, today()))
    return {
        "supporter": supporter,
        "rows": rows[:ON_A_PANEL],
        "has_more": len(rows) > ON_A_PANEL,
        "may_add": reader.has_perm("crm.add_task") and not supporter.erased_at,
        "may_change": reader.has_perm("crm.change_task"),
        "back_url": reverse("admin:crm_supporter_change", args=[supporter.pk]),
    }


def today() -> date:
    return local_day(timezone.now())


def in_order(tasks: Any) -> QuerySet[Task]:
    """What is to be done, what is due longest first."""
    related = tasks.to_do().select_related("supporter", "assigned_to", "done_by")
    return related.order_by(F("due_on").asc(nulls_last=True), "pk")


def told(tasks: Any, day: date) -> Any:
    for task in tasks:
        who = task.done_by if task.done_at else task.assigned_to
        yield Row(task, due(task, day), called(who) if who else "")


def seen(reader: Any, view: str) -> QuerySet[Task]:
    if view == "done":
        done = Task.objects.filter(done_at__isnull=False)
        return done.select_related("supporter", "done_by").order_by("-done_at", "-pk")
    waiting = in_order(Task.objects.all())
    return waiting.filter(assigned_to=reader) if view == "mine" else waiting


@admin.register(Task, site=site)
class TaskAdmin(StaffAdmin):
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:task_id>/done/", wrap(self.done_view), name="crm_task_done"),
            path("<int:task_id>/undo/", wrap(self.undo_view), name="crm_task_undo"),
            path("<int:task_id>/postpone/", wrap(self.postpone_view), name="crm_task_postpone"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """What is to be done: by the reader, by everybody, and what was."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        chosen = request.GET.get("show", "mine")
        view = chosen if chosen in VIEWS else "mine"
        rows = page_of(seen(request.user, view), request)
        return self.page(
            request,
            "tasks",
            _("Tasks"),
            rows=list(told(rows, today())),
            pages=rows,
            view=view,
            views=VIEWS,
            put_off=PUT_OFF,
            may_change=self.has_change_permission(request),
            back_url=request.get_full_path(),
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Write down what is to be done; the form begins with the reader, and the supporter."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        first = {"assigned_to": request.user.pk, "supporter": told_supporter(request)}
        form = TaskForm(request.POST or None, initial=first)
        if form.is_valid():
            put_down(**form.cleaned_data, at=timezone.now(), by=request.user)
            messages.success(request, _("The task is written down."))
            return go_back(request, home_of(told_supporter(request)))
        back = came_from(request, home_of(told_supporter(request)))
        return self.page(request, "form", _("New task"), form=form, back_url=back)

    @transaction.atomic
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Change a task, upon what others changed meanwhile."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        key = object_id if object_id.isdecimal() else 0
        task = get_object_or_404(Task.objects.select_for_update(), pk=key)
        edit = Edit(request, TaskForm, record=task, now=standing(task))
        back = came_from(request, reverse("admin:crm_task_changelist"))
        if edit.is_ready():
            change_task(task=task, at=timezone.now(), by=request.user, **edit.values)
            messages.success(request, _("The task was changed."))
            return go_back(request, back)
        return self.page(request, "form", _("Change the task"), **edit.context, back_url=back)

    def done_view(self, request: HttpRequest, task_id: int) -> HttpResponse:
        if answer := self.refused(request):
            return answer
        task = get_object_or_404(Task, pk=task_id)
        finish_task(task=task, at=timezone.now(), by=request.user)
        messages.success(request, _("Done: %(title)s") % {"title": task.title})
        return go_back(request, reverse("admin:crm_task_changelist"))

    def undo_view(self, request: HttpRequest, task_id: int) -> HttpResponse:
        if answer := self.refused(request):
            return answer
        task = get_object_or_404(Task, pk=task_id)
        reopen_task(task=task, at=timezone.now(), by=request.user)
        messages.success(request, _("To do again: %(title)s") % {"title": task.title})
        return go_back(request, reverse("admin:crm_task_changelist"))

    def postpone_view(self, request: HttpRequest, task_id: int) -> HttpResponse:
        """Put a task off, counted from today if it was due before."""
        if answer := self.refused(request):
            return answer
        task, form = get_object_or_404(Task, pk=task_id), PutOffForm(request.POST)
        if form.is_valid():
            until = put_off(task, int(form.cleaned_data["days"]), today())
            change_task(task=task, at=timezone.now(), by=request.user, due_on=until)
            messages.success(request, _("Put off: %(title)s") % {"title": task.title})
        return go_back(request, reverse("admin:crm_task_changelist"))

    def refused(self, request: HttpRequest) -> HttpResponse | None:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])


def page_of(tasks: QuerySet[Task], request: HttpRequest) -> Page:
    return Paginator(tasks, ON_A_PAGE).get_page(request.GET.get("page"))


def standing(task: Task) -> dict[str, Any]:
    return {
        "title": task.title,
        "details": task.details,
        "due_on": task.due_on,
        "assigned_to": task.assigned_to,
        "supporter": task.supporter,
    }


def home_of(supporter: str) -> str:
    """The page of the supporter whom a task is about, or the list."""
    if supporter:
        return reverse("admin:crm_supporter_change", args=[supporter])
    return reverse("admin:crm_task_changelist")
