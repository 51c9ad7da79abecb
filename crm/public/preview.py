"""A campaign's page for its makers: as it will look, also while nobody else can see it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm.public.campaigns import about, signable
from crm.public.signature_form import SignatureForm


@never_cache
@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The page as it looks while the campaign is open. To strangers, there is no such page."""
    user = request.user
    if not (user.is_active and user.is_staff and user.has_perm("crm.change_campaign")):
        raise Http404(slug)
    campaign, now = get_object_or_404(signable(), slug=slug), timezone.now()
    page = about(campaign) | {
        "form": SignatureForm(campaign=campaign),
        "is_open": not campaign.archived_at,
        "is_preview": True,
        "is_seen": campaign.is_public,
        "opens_later": now < campaign.opens_at,
    }
    return render(request, "public/petition.html", page)
