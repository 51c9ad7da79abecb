"""The picture of a campaign, put there and taken away by staff."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.campaigns.models import Campaign
from crm.campaigns.picturing import remove_picture, set_picture
from crm.lib import images
from crm.staff.campaign_edits import around
from crm.staff.orders import is_confirmed
from crm.staff.pages import StaffAdmin


class PictureForm(forms.Form):
    upload = forms.FileField(
        label=gettext_lazy("Picture"),
        widget=forms.FileInput(
            attrs={"class": "st-file", "accept": "image/jpeg,image/png,image/webp"}
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        told = _(
            "JPEG, PNG or WebP, at most %(most)s. Broad pictures look best, 1200 by 630 pixels or "
            "more. It is made smaller, and what the camera noted in it is removed."
        )
        most = filesizeformat(images.MOST_BYTES)
        self.fields["upload"].help_text = told % {"most": most}

    def refuse(self, error: Exception) -> None:
        """Say beside the field why a picture was not taken."""
        self.add_error("upload", why_not(error))


NOT_TAKEN = (images.NotAPicture, images.TooHeavy, images.TooManyPixels, images.TooSmall)


def why_not(error: Exception) -> str:
    if isinstance(error, images.TooHeavy):
        most = filesizeformat(images.MOST_BYTES)
        return _("This file is too large: at most %(most)s are kept.") % {"most": most}
    if isinstance(error, images.TooManyPixels):
        return _("This picture has too many pixels: save it smaller, at most 50 million.")
    if isinstance(error, images.TooSmall):
        told = _("This picture is too small: each side needs %(least)s pixels at least.")
        return told % {"least": images.LEAST}
    return _("This is no JPEG, PNG or WebP picture, or the file is damaged.")


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
        if upload.size > images.MOST_BYTES:
            raise images.TooHeavy
        set_picture(campaign=campaign, content=upload.read(), at=timezone.now(), by=request.user)
    except NOT_TAKEN as error:
        form.refuse(error)
        return False
    return True
