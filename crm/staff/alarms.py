"""Alarms: on the home page until somebody closes them, and in a list afterwards."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.mailing import alarms
from crm.mailing.alarms import Alarm
from crm.staff.pages import ReadOnly
from crm.staff.site import site


class OpenFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", gettext_lazy("open"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        return queryset.open() if self.value() == "open" else queryset


@admin.register(Alarm, site=site)
class AlarmAdmin(ReadOnly):
    list_display = ("last_at", "kind", "times", "where", "closed_at", "closed_by")
    list_filter = (OpenFilter, "kind")
    list_select_related = ("closed_by",)
    ordering = ("-last_at", "-id")
    sortable_by = ()
    fields = ("kind", "where", "times", ("first_at", "last_at"), ("closed_at", "closed_by"))
    readonly_fields = ("where",)

    @display(description=gettext_lazy("where"))
    def where(self, alarm: Alarm) -> str:
        if not alarm.address:
            return "–"
        return format_html('<a href="{}" class="st-link">{}</a>', alarm.address, _("See it"))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.close_view)
        return [path("<int:alarm_id>/close/", view, name="crm_alarm_close"), *super().get_urls()]

    def close_view(self, request: HttpRequest, alarm_id: int) -> HttpResponse:
        """Say that somebody has seen to it."""
        if not request.user.has_perm("crm.change_alarm"):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        alarm = get_object_or_404(Alarm, pk=alarm_id)
        alarms.close(alarm=alarm, at=timezone.now(), by=request.user)
        messages.success(request, _("The alarm is closed."))
        return redirect("admin:index")
