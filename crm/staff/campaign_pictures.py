"""The picture of a campaign, put there and taken away by staff."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.campaigns.models import Campaign
from crm.campaigns.picturing import remove_picture, set_picture
from crm.lib.images import MOST_BYTES, TooHeavy
from crm.staff.campaign_edits import around
from crm.staff.campaign_forms import NOT_TAKEN, PictureForm
from crm.staff.orders import is_confirmed
from crm.staff.pages import StaffAdmin


class CampaignPictures(StaffAdmin):
    def picture_urls(self) -> list[Any]:
        wrap, where = self.admin_site.admin_view, "<int:campaign_id>/picture"
        return [
            path(f"{where}/", wrap(self.picture_view), name="crm_campaign_picture"),
            path(f"{where}/remove/", wrap(self.remove_picture_view), name="crm_campaign_unpicture"),
        ]

    def pictured(self, request: HttpRequest, campaign_id: int) -> Campaign:
        if not request.user.has_perm("crm.change_campaignpicture"):
            raise PermissionDenied
        known = Campaign.objects.with_texts().select_related("picture")
        return get_object_or_404(known.defer("picture__content"), pk=campaign_id)

    def picture_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """Choose the picture that stands with a campaign."""
        campaign = self.pictured(request, campaign_id)
        is_sent = request.method == "POST"
        form = PictureForm(files=request.FILES if is_sent else None)
        if form.is_valid() and taken(request, campaign, form):
            messages.success(request, _("The picture is shown from now on."))
            return redirect("admin:crm_campaign_change", campaign.pk)
        return self.page(request, "campaign_picture", _("Picture"), form=form, **around(campaign))

    def remove_picture_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """Ask first: the picture is not kept."""
        campaign = self.pictured(request, campaign_id)
        if request.method == "POST" and is_confirmed(request):
            remove_picture(campaign=campaign, at=timezone.now(), by=request.user)
            messages.success(request, _("The picture was removed."))
            return redirect("admin:crm_campaign_change", campaign.pk)
        title, question = _("Remove the picture"), _("The picture is not kept anywhere.")
        return self.page(
            request, "confirm", title, question=question, submit=title, **around(campaign)
        )


def taken(request: HttpRequest, campaign: Campaign, form: PictureForm) -> bool:
    """Show the picture that was sent; or say beside the field why not."""
    upload = form.cleaned_data["upload"]
    try:
        if upload.size > MOST_BYTES:
            raise TooHeavy
        set_picture(campaign=campaign, content=upload.read(), at=timezone.now(), by=request.user)
    except NOT_TAKEN as error:
        form.refuse(error)
        return False
    return True
