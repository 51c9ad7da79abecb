"""Putting a petition on another site: what to paste there, and how it looks."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.campaigns import embedding
from crm.campaigns.models import Campaign
from crm.people.models import LANGUAGES
from crm.staff.pages import StaffAdmin


class EmbedPage(StaffAdmin):
    def embed_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.embed_view)
        return [path("<int:campaign_id>/embed/", view, name="crm_campaign_embed")]

    def embed_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """The code to copy in each language, and the frame as other sites show it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        signable = Campaign.objects.exclude(kind=Campaign.Kind.APPEAL).with_texts()
        campaign = get_object_or_404(signable, pk=campaign_id)
        told = told_of(campaign, chosen(request))
        return self.page(request, "embed", _("Put it on another site"), **told)


def told_of(campaign: Campaign, language: str) -> dict[str, Any]:
    return {
        "campaign": campaign,
        "language": language,
        "languages": LANGUAGES,
        "has_text": campaign.text(language).language == language,
        "is_shown": campaign.is_public and campaign.is_embeddable and not campaign.archived_at,
        "script": embedding.script(campaign, language),
        "iframe": embedding.iframe(campaign, language, width="100%", height=embedding.HEIGHT),
        "preview_url": embedding.path(campaign, language),
        "back_url": reverse("admin:crm_campaign_change", args=[campaign.pk]),
    }


def chosen(request: HttpRequest) -> str:
    told = request.GET.get("language") or get_language()
    return told if told in dict(LANGUAGES) else "fr"
