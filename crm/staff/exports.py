"""Taking lists along: a page that asks what and why, and the list of what was taken."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold import widgets
from unfold.decorators import display

from crm.exchange import exports, handing_over
from crm.exchange.lists import TABLES
from crm.exchange.models import Export
from crm.lib.periods import local_day
from crm.staff.export_everything import EverythingPages
from crm.staff.pages import ReadOnly, StaffAdmin
from crm.staff.site import site

TYPES = {
    exports.Format.CSV: "text/csv; charset=utf-8",
    exports.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NO_FILTERS = {"p", "o", "e", "all"}  # the place in a list, and how it is sorted
SECRET = "…"  # noqa: S105 (stands for what somebody searched for)
LONGEST_VALUE = 40


class ExportForm(forms.Form):
    """What is taken along, as what, and why."""

    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "st-ticks"}),
        error_messages={"required": gettext_lazy("Choose at least one column.")},
    )
    format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=exports.Format.choices,
        initial=exports.Format.XLSX,
        widget=forms.RadioSelect(attrs={"class": "st-radio"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("What do you need it for?"),
        help_text=gettext_lazy(
            "It is kept beside your name in the list of exports. For example: letters of thanks of"
            " December."
        ),
        min_length=exports.SHORTEST_REASON,
        max_length=300,
        widget=widgets.UnfoldAdminTextInputWidget(),
    )

    def __init__(self, *args: Any, what: str, reader: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = TABLES[what].for_reader(reader)
        self.fields["columns"].choices = [(each.name, each.label) for each in offered]  # type: ignore[attr-defined]
        self.initial["columns"] = [each.name for each in offered if each.is_usual]


class ExportsList(StaffAdmin):
    """A part of the pages of a list: it may be taken along as it is filtered."""

    exports = ""  # a name of crm.exchange.lists.TABLES
    list_before_template = "staff/export_link.html"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.export_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", view, name=name), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        told = {"export_url": self.export_url(request)}
        return super().changelist_view(request, {**(extra_context or {}), **told})

    def export_url(self, request: HttpRequest) -> str:
        """Return where the list as it is now may be taken along, "" for who may not."""
        if not exports.may_export(request.user, self.exports):
            return ""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export")
        return f"{address}?{request.GET.urlencode()}" if request.GET else address

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask what and why; then send the list as it is filtered."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not exports.may_export(request.user, self.exports):
            raise PermissionDenied
        found = self.get_changelist_instance(request).get_queryset(request)
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        filters = filters_of(request)
        told = {"what": self.exports, "found": found, "filters": filters, "back_url": back + query}
        return export_page(self, request, **told)


def filters_of(request: HttpRequest) -> dict[str, str]:
    """Return by what a list is filtered; what was searched for may be somebody's name."""
    return {
        name: SECRET if name == "q" else str(value)[:LONGEST_VALUE]
        for name, value in request.GET.items()
        if value and name not in NO_FILTERS
    }


def export_page(
    pages: StaffAdmin,
    request: HttpRequest,
    *,
    what: str,
    found: QuerySet[Any],
    filters: dict[str, Any],
    back_url: str,
) -> HttpResponseBase:
    """Ask what of these rows to take along, and why; then send them."""
    if not exports.may_export(request.user, what):
        raise PermissionDenied
    form = ExportForm(request.POST or None, what=what, reader=request.user)
    if form.is_valid():
        return sent(request, what, found, filters, form.cleaned_data)
    title = _("Export: %(list)s") % {"list": TABLES[what].title}
    told: dict[str, Any] = {
        "form": form,
        "back_url": back_url,
        "number": found.count(),
        "is_filtered": bool(filters),
    }
    return pages.page(request, "export", title, **told)


def sent(
    request: HttpRequest,
    what: str,
    found: QuerySet[Any],
    filters: dict[str, Any],
    asked: dict[str, Any],
) -> StreamingHttpResponse:
    now = timezone.now()
    export = exports.open_export(
        what=what,
        columns=asked["columns"],
        kind_of_file=asked["format"],
        reason=asked["reason"],
        filters=filters,
        at=now,
        by=request.user,
    )
    name = f"{TABLES[what].title}-{local_day(now)}.{export.format}".replace(" ", "-")
    return StreamingHttpResponse(
        exports.content(export, found),
        content_type=TYPES[exports.Format(export.format)],
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )


@admin.register(Export, site=site)
class ExportAdmin(EverythingPages, ReadOnly):
    list_display = ("exported_at", "list", "number", "format", "exported_by", "reason")
    list_before_template = "staff/export_list.html"
    list_filter = ("format",)
    list_select_related = ("exported_by",)
    ordering = ("-exported_at", "-id")
    sortable_by = ()
    fields = ("exported_at", "exported_by", "list", "number", "format", "reason", "told", "filters")
    readonly_fields = ("list", "number", "told")

    @display(description=gettext_lazy("list"))
    def list(self, export: Export) -> Any:
        if export.what == handing_over.WHAT:
            return _("signatures to be handed over")
        table = TABLES.get(export.what)
        return table.title if table else _("everything")

    @display(description=gettext_lazy("rows"))
    def number(self, export: Export) -> str:
        told = ngettext("%(number)d row", "%(number)d rows", export.rows)
        return told % {"number": export.rows}

    @display(description=gettext_lazy("columns"))
    def told(self, export: Export) -> str:
        table = TABLES.get(export.what)
        columns = table.columns if table else ()
        return ", ".join(str(each.label) for each in columns if each.name in export.columns) or "–"
