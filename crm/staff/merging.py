"""Merging two records, and taking them apart again."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.people.duplicates import Suspicion
from crm.people.merges import Merge
from crm.people.merging import NotMergeable, merge, preview
from crm.people.models import Supporter
from crm.people.standing import successor
from crm.people.unmerging import NotUndoable, outlook, unmerge
from crm.staff import merge_words
from crm.staff.pages import ReadOnly
from crm.staff.signatures import supporter_link
from crm.staff.site import site

RIGHT = "crm.merge_supporter"
SHOWN = 20


class UndoneFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "undone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", gettext_lazy("merged")), ("yes", gettext_lazy("undone"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(undone_at__isnull=self.value() == "no")


@admin.register(Merge, site=site)
class MergeAdmin(ReadOnly):
    list_display = ("merged_at", "kept_record", "lost_record", "done_by", "state")
    list_display_links = None
    list_filter = (UndoneFilter,)
    list_select_related = ("kept", "lost", "merged_by")
    ordering = ("-pk",)
    sortable_by = ()

    @display(description=gettext_lazy("kept"))
    def kept_record(self, merged: Merge) -> str:
        return supporter_link(merged.kept)

    @display(description=gettext_lazy("merged into it"))
    def lost_record(self, merged: Merge) -> str:
        return f"{merged.lost} (#{merged.lost_id})"

    @display(description=gettext_lazy("merged by"))
    def done_by(self, merged: Merge) -> str:
        if merged.score is not None:
            return _("by the rule, at %(percent)s %%") % {"percent": f"{merged.score * 100:.1f}"}
        return str(merged.merged_by or "–")

    @display(description=gettext_lazy("state"))
    def state(self, merged: Merge) -> Any:
        if merged.undone_at:
            return _("undone")
        return format_html(
            '<a class="st-link" href="{}">{}</a>',
            reverse("admin:crm_merge_undo", args=[merged.pk]),
            _("Undo"),
        )

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.undo_view)
        return [
            path("<int:merge_id>/undo/", view, name="crm_merge_undo"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A merge has no page but that on which it can be undone."""
        return self.undo_view(request, int(object_id) if object_id.isdecimal() else 0)

    def undo_view(self, request: HttpRequest, merge_id: int) -> HttpResponse:
        """Show what undoing would meet; then make two records again."""
        require(request)
        merged = get_object_or_404(Merge.objects.select_related("kept", "lost"), pk=merge_id)
        try:
            if request.method == "POST":
                return undone(request, merged)
            told = undoing(merged, request.user)
        except NotUndoable as error:
            told = {"later": error.later, "is_refused": True}
        title = _("Undo a merge")
        return self.page(request, "merge_undo", title, merge=merged, **told)


class MergePages:
    """The pages of a supporter on which another record becomes part of theirs."""

    admin_site: Any
    page: Any

    def merge_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [
            path("<int:first>/merge/", view(self.choose_view), name="crm_supporter_merge_with"),
            path(
                "<int:first>/merge/<int:second>/",
                view(self.merge_view),
                name="crm_supporter_merge",
            ),
        ]

    def choose_view(self, request: HttpRequest, first: int) -> HttpResponse:
        """Look for the other record of the same person."""
        require(request)
        supporter = get_object_or_404(Supporter, pk=first)
        if heir := successor(supporter):
            return redirect("admin:crm_supporter_merge_with", heir.pk)
        words = request.GET.get("q", "").strip()
        found = others(supporter, words, request.user)
        title = _("Merge with another record")
        return self.page(
            request, "merge_choose", title, supporter=supporter, found=found, words=words
        )

    def merge_view(self, request: HttpRequest, first: int, second: int) -> HttpResponse:
        """Show two records and what they would be as one; then make it so."""
        require(request)
        kept, lost = (get_object_or_404(Supporter, pk=pk) for pk in (first, second))
        choices = merge_words.choices_from(request.POST or request.GET)
        try:
            if request.method == "POST":
                return merged_by_hand(request, kept, lost, choices)
            told = previewing(kept, lost, choices, request.user)
        except NotMergeable as error:
            told = {"refused": merge_words.REASONS[error.reason]}
        return self.page(request, "merge", _("Merge two records"), kept=kept, lost=lost, **told)


def require(request: HttpRequest) -> None:
    if not request.user.has_perm(RIGHT):
        raise PermissionDenied


def others(supporter: Supporter, words: str, reader: Any) -> list[Any]:
    """Return whom the words find, or who was suspected to be the same; never the record itself."""
    current = Supporter.objects.current().filter(kind=supporter.kind).exclude(pk=supporter.pk)
    if words:
        return list(current.search(words, reader).order_by("family_name", "pk")[:SHOWN])
    pairs = Suspicion.objects.open().filter(Q(first=supporter) | Q(second=supporter))
    keys = [pair.second_id if pair.first_id == supporter.pk else pair.first_id for pair in pairs]
    return list(current.filter(pk__in=keys).order_by("family_name", "pk")[:SHOWN])


def previewing(
    kept: Supporter, lost: Supporter, choices: dict[str, str], reader: Any
) -> dict[str, Any]:
    found = preview(kept=kept, lost=lost, at=timezone.now(), choices=choices)
    consents = found.joins.get("crm.privacy.merging", [])
    return {
        "fields": merge_words.fields(kept, lost, found.fields, reader),
        "moves": merge_words.counted(found.moves),
        "drops": merge_words.counted(found.drops),
        "stays": merge_words.counted(found.stays),
        "ended": merge_words.ended(consents, kept, lost),
    }


def merged_by_hand(
    request: HttpRequest, kept: Supporter, lost: Supporter, choices: dict[str, str]
) -> HttpResponse:
    done = merge(kept=kept, lost=lost, at=timezone.now(), by=request.user, choices=choices)
    undo = reverse("admin:crm_merge_undo", args=[done.pk])
    told = _("#%(lost)s is part of this record now.") % {"lost": lost.pk}
    messages.success(request, format_html('{} <a href="{}">{}</a>', told, undo, _("Undo")))
    return redirect("admin:crm_supporter_change", kept.pk)


def undoing(merged: Merge, reader: Any) -> dict[str, Any]:
    if merged.undone_at is not None:
        return {}
    found = outlook(merge=merged, at=timezone.now())
    return {
        "conflicts": [merge_words.conflict(each, reader) for each in found.conflicts],
        "added": merge_words.counted(found.added),
    }


def undone(request: HttpRequest, merged: Merge) -> HttpResponse:
    restore = request.POST.getlist("restore")
    unmerge(merge=merged, at=timezone.now(), by=request.user, restore=restore)
    other = format_html(
        '<a href="{}">{}</a>',
        reverse("admin:crm_supporter_change", args=[merged.lost_id]),
        merged.lost,
    )
    told = _("There are two records again. The other one: ")
    messages.success(request, format_html("{}{}", told, other))
    return redirect("admin:crm_supporter_change", merged.kept_id)
