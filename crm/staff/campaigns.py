"""Campaigns: their list, the page of each, and making a new one."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.campaigns.editing import make_campaign
from crm.campaigns.goals import goal_for
from crm.campaigns.models import Campaign
from crm.donations.communications import number_campaigns
from crm.staff.campaign_edits import CampaignEdits
from crm.staff.campaign_forms import NewForm
from crm.staff.campaign_page import STATES, WORDS, public_address, state_of, tell
from crm.staff.campaign_pictures import CampaignPictures
from crm.staff.campaign_reports import ReportPages
from crm.staff.embedding import EmbedPage
from crm.staff.pages import StaffAdmin
from crm.staff.site import site


class ArchiveFilter(SimpleListFilter):
    """What was put away is not listed, unless one looks for it."""

    title = gettext_lazy("archive")
    parameter_name = "archive"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("only", gettext_lazy("in the archive")), ("too", gettext_lazy("both"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "too":
            return queryset
        is_archived = self.value() == "only"
        return queryset.filter(archived_at__isnull=not is_archived)

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": _("not in the archive")}, *others]


@admin.register(Campaign, site=site)
class CampaignAdmin(CampaignEdits, CampaignPictures, EmbedPage, ReportPages, StaffAdmin):
    list_display = ("title", "kind", "state", "signatures", "wanted", "opens_at", "closes_at")
    list_filter = ("kind", "is_public", ArchiveFilter)
    ordering = ("-opens_at", "-pk")
    sortable_by = ()
    search_fields = ("slug", "texts__title")

    @display(description=gettext_lazy("campaign"))
    def title(self, campaign: Campaign) -> str:
        return str(campaign)

    @display(description=gettext_lazy("state"), label=STATES)
    def state(self, campaign: Campaign) -> tuple[str, Any]:
        state = state_of(campaign, timezone.now())
        return state, WORDS[state]

    @display(description=gettext_lazy("signatures"))
    def signatures(self, campaign: Any) -> str:
        return intcomma(campaign.total)

    @display(description=gettext_lazy("goal"))
    def wanted(self, campaign: Any) -> str:
        goal = goal_for(campaign.total, campaign.goal, campaign.goal_rises)
        return intcomma(goal) if goal else "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Campaign]:
        return super().get_queryset(request).with_totals().with_texts()

    def get_urls(self) -> list[Any]:
        own = [*self.edit_urls(), *self.picture_urls(), *self.embed_urls(), *self.report_urls()]
        return [*own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Make a campaign, alone or like another; what else it says and asks comes after."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now, like = timezone.now(), liked(request)
        form = NewForm(request.POST or None, initial={"kind": like.kind} if like else {})
        if form.is_valid():
            made = make_campaign(**form.cleaned_data, like=like, at=now, by=request.user)
            number_campaigns(at=now)
            messages.success(request, _("The campaign is made. Nobody else sees it yet."))
            return redirect("admin:crm_campaign_change", made.pk)
        return self.page(request, "form", _("New campaign"), form=form, **words_of_new(like))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A campaign: how it stands, what it says and asks, and what is still missing."""
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        known = self.get_queryset(request).select_related("picture").defer("picture__content")
        campaign = get_object_or_404(known, pk=object_id if object_id.isdecimal() else 0)
        told = tell(campaign, request.user, timezone.now())
        return self.page(request, "campaign", str(campaign), **told)

    def get_view_on_site_url(self, obj: Campaign | None = None) -> str | None:
        """The public page, in the reader's language."""
        return public_address(obj) if obj is not None and obj.is_public else None


def liked(request: HttpRequest) -> Campaign | None:
    """Return the campaign that a new one is to be like."""
    told = request.GET.get("like", "")
    known = Campaign.objects.with_texts().filter(pk=told if told.isdecimal() else 0)
    return known.first()


def words_of_new(like: Campaign | None) -> dict[str, Any]:
    """What the page for a new campaign says around its form."""
    back = reverse("admin:crm_campaign_changelist")
    if like is None:
        return {"submit": _("Make it"), "back_url": back}
    intro = _(
        "It begins with all texts, the picture, the goal and the form of “%(title)s”. Days, "
        "signatures and gifts are its own."
    )
    back = reverse("admin:crm_campaign_change", args=[like.pk])
    return {"submit": _("Make it"), "back_url": back, "intro": intro % {"title": like}}
