"""Supporters: a list that finds them, and pages that add one, tell all of one, and correct them."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.people.models import Supporter
from crm.people.operations import correct
from crm.privacy.models import ConsentState
from crm.staff import looking, newcomers, profile
from crm.staff.belonging import HouseholdPages
from crm.staff.consents import ConsentPages
from crm.staff.contact_points import ContactPointPages
from crm.staff.editing import Edit
from crm.staff.exports import ExportsList
from crm.staff.history import HistoryPage
from crm.staff.merging import MergePages
from crm.staff.pages import HOW_TO_SEARCH, LongList
from crm.staff.relationships import RelationshipPages
from crm.staff.site import site
from crm.staff.supporter_filters import (
    CountryFilter,
    HasGivenFilter,
    NewsletterFilter,
    RegionFilter,
    SegmentFilter,
    TagFilter,
)
from crm.staff.supporter_forms import CorrectForm, hidden_from
from crm.staff.tagging import TaggingList


@admin.register(Supporter, site=site)
class SupporterAdmin(
    ConsentPages,
    ContactPointPages,
    HouseholdPages,
    RelationshipPages,
    HistoryPage,
    MergePages,
    TaggingList,
    ExportsList,
    LongList,
):
    exports = "supporters"
    actions = ("tag_selected",)
    list_display = ("name", "email", "place", "language", "subscribed", "known_since")
    list_filter = (
        "kind",
        "language",
        CountryFilter,
        RegionFilter,
        HasGivenFilter,
        NewsletterFilter,
        TagFilter,
        SegmentFilter,
    )
    ordering = ("-created_at", "-id")
    sortable_by = ()
    search_fields = ("search_text",)  # asked for by Django; get_search_results does the work
    search_help_text = HOW_TO_SEARCH

    @display(description=gettext_lazy("name"))
    def name(self, supporter: Supporter) -> str:
        return str(supporter)

    @display(description=gettext_lazy("lives in"))
    def place(self, supporter: Supporter) -> str:
        return " ".join(filter(None, [str(supporter.country), supporter.postcode])) or "–"

    @display(description=gettext_lazy("newsletter"), label={"yes": "success"})
    def subscribed(self, supporter: Any) -> tuple[str, str]:
        return ("yes", _("yes")) if supporter.yes else ("", "")

    @display(description=gettext_lazy("known since"))
    def known_since(self, supporter: Supporter) -> Any:
        return timezone.localtime(supporter.created_at).date()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Supporter]:
        # As a column, PostgreSQL would read all consents for a page of fifty.
        yes = Prefetch("consent_states", ConsentState.objects.may_be_mailed(), to_attr="yes")
        return super().get_queryset(request).current().prefetch_related(yes)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (queryset.search(search_term, request.user) if search_term else queryset), False

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.correct_view)
        return [
            path("<int:supporter_id>/correct/", view, name="crm_supporter_correct"),
            *self.consent_urls(),
            *self.contact_point_urls(),
            *self.household_urls(),
            *self.relationship_urls(),
            *self.merge_urls(),
            *self.history_urls(),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Write down somebody new, unless we know them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        entry = newcomers.Entry(request, timezone.now())
        if new := entry.written():
            messages.success(request, _("%(name)s is a supporter now.") % {"name": new})
            return redirect("admin:crm_supporter_change", new.pk)
        back = reverse("admin:crm_supporter_changelist")
        title = _("Add a supporter")
        return self.page(request, "supporter_add", title, **entry.context, back_url=back)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Everything that is known of one supporter, as far as the reader may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        supporter = get_object_or_404(Supporter, pk=object_id if object_id.isdecimal() else 0)
        if supporter.merged_into_id:
            return redirect("admin:crm_supporter_change", supporter.merged_into_id)
        looking.note(supporter, by=request.user, at=timezone.now())
        told = profile.tell(supporter, request.user, request.GET)
        return self.page(request, "profile", str(supporter), supporter=supporter, **told)

    @transaction.atomic
    def correct_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """Correct how a supporter is called and addressed."""
        supporter = self.to_change(request, supporter_id)
        form = partial(CorrectForm, without=hidden_from(request.user, supporter))
        now = {name: getattr(supporter, name) for name in CorrectForm.base_fields}
        edit = Edit(request, form, record=supporter, now=now)
        if edit.is_ready():
            correct(supporter=supporter, at=timezone.now(), by=request.user, **edit.values)
            messages.success(request, _("The corrections were saved."))
            return redirect("admin:crm_supporter_change", supporter.pk)
        back = reverse("admin:crm_supporter_change", args=[supporter.pk])
        title = _("Correct")
        return self.page(request, "form", title, subtitle=supporter, **edit.context, back_url=back)

    def to_change(self, request: HttpRequest, supporter_id: int) -> Supporter:
        """Return a supporter whom this reader changes; nobody else does before the commit."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        current = Supporter.objects.current().select_for_update()
        return get_object_or_404(current, pk=supporter_id)
