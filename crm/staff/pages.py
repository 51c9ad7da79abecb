"""What the lists and pages of all models have in common."""

from typing import Any

from django.contrib.admin import ShowFacets
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext_lazy
from unfold import paginator
from unfold.admin import ModelAdmin

from crm import audit
from crm.lib.money import format_money

PAGES = 2000
HOW_TO_SEARCH = gettext_lazy("Name, e-mail or postcode")


def money(units: int | None, currency: str = "EUR") -> str:
    """Write an amount in the reader's language; nothing for nothing."""
    return "" if units is None else format_money(units, currency, get_language() or "fr")


def name_of(list_filter: Any) -> str:
    """Return what a filter is called in the address of a list."""
    if isinstance(list_filter, tuple):
        return str(list_filter[0])
    return list_filter if isinstance(list_filter, str) else str(list_filter.parameter_name)


class StaffAdmin(ModelAdmin):
    """Nothing is deleted here, and what is changed is in the audit trail."""

    list_per_page = 50
    list_disable_select_all = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """By what the filters offer only: by other fields, one could guess what a list hides."""
        offered = [name_of(each) for each in self.get_list_filter(request)]
        is_offered = any(lookup == name or lookup.startswith(f"{name}__") for name in offered)
        return is_offered and super().lookup_allowed(lookup, value, request)

    def construct_change_message(self, request: Any, form: Any, formsets: Any, add: bool = False):
        """Return the names of what was changed, never what it was changed to."""
        inline = {
            f"{child.instance._meta.model_name}.{name}"
            for formset in formsets or ()
            for child in formset.forms
            for name in child.changed_data
        }
        return sorted({*form.changed_data, *inline})

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        audit.log(f"{obj._meta.model_name}.added", obj, by=request.user)

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        audit.log(f"{obj._meta.model_name}.changed", obj, by=request.user, fields=message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for obj in queryset:
            audit.log(f"{obj._meta.model_name}.deleted", obj, by=request.user)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        raise Http404  # the audit trail is the history

    def page(
        self, request: HttpRequest, template: str, title: Any, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Render a page of our own inside the frame of the staff pages."""
        frame = self.admin_site.each_context(request)
        context = {**frame, "opts": self.opts, "title": title, "media": self.media, **context}
        return TemplateResponse(request, f"staff/{template}.html", context, status=status)


class InfinitePaginator(paginator.InfinitePaginator):
    """Never counted, and no further than anybody turns: far pages read all that is before them.

    By this name Unfold's templates know that there is no number of results to show.
    """

    @property
    def count(self) -> int:
        return int(PAGES * self.per_page)


class LongList(StaffAdmin):
    """A list that may have millions of rows: they are never counted."""

    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER


class ReadOnly(LongList):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
