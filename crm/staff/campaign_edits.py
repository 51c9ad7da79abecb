"""Changing a campaign: each part has a page of its own."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.campaigns import editing
from crm.campaigns.models import Campaign, CampaignText
from crm.people.models import LANGUAGES
from crm.staff.campaign_forms import AskingForm, WhatForm, answers_of, asking
from crm.staff.campaign_page import consents_of
from crm.staff.campaign_words import WordsForm
from crm.staff.editing import Edit
from crm.staff.orders import is_confirmed
from crm.staff.pages import StaffAdmin

WHAT = (
    "kind",
    "slug",
    "goal",
    "goal_rises",
    "suggested_amounts",
    "report_url",
    "is_embeddable",
    "opens_at",
    "closes_at",
)
TO_THE_MINUTE = {"second": 0, "microsecond": 0}


class CampaignEdits(StaffAdmin):
    def edit_urls(self) -> list[Any]:
        wrap, where = self.admin_site.admin_view, "<int:campaign_id>"
        views: dict[str, Callable[..., HttpResponse]] = {
            "what": self.what_view,
            "asking": self.asking_view,
            "publish": self.publish_view,
            "hide": self.hide_view,
            "archive": self.archive_view,
            "restore": self.restore_view,
        }
        addresses = {f"{name}/": (name, view) for name, view in views.items()}
        for words in ("words/", "words/<slug:language>/"):
            addresses[words] = ("words", self.words_view)
        return [
            path(f"{where}/{address}", wrap(view), name=f"crm_campaign_{name}")
            for address, (name, view) in addresses.items()
        ]

    def to_change(self, request: HttpRequest, campaign_id: int) -> Campaign:
        """The campaign, held until the change is written."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Campaign.objects.select_for_update(), pk=campaign_id)

    @transaction.atomic
    def what_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """Correct when a campaign is open, its goal and its address."""
        campaign = self.to_change(request, campaign_id)
        edit = Edit(
            request, partial(WhatForm, campaign=campaign), record=campaign, now=what_of(campaign)
        )
        if edit.is_ready():
            editing.change_campaign(
                campaign=campaign, at=timezone.now(), by=request.user, **edit.values
            )
            return self.saved(request, campaign)
        title = _("Days, goal and address")
        return self.page(request, "form", title, **edit.context, **around(campaign))

    @transaction.atomic
    def words_view(
        self, request: HttpRequest, campaign_id: int, language: str = "fr"
    ) -> HttpResponse:
        """Write what a campaign says in one language."""
        campaign, languages = self.to_change(request, campaign_id), dict(LANGUAGES)
        if language not in languages:
            raise Http404
        text, told = text_and_another(campaign, language)
        make = partial(WordsForm, campaign=campaign, told=told)
        now = {name: getattr(text, name) for name in editing.WORDS}
        edit = EditWords(request, make, record=campaign, now=now)
        if edit.is_ready():
            editing.write_text(
                campaign=campaign,
                language=language,
                at=timezone.now(),
                by=request.user,
                **edit.values,
            )
            return self.saved(request, campaign)
        words: dict[str, Any] = {"language": language, "text": text, "told": told}
        title = _("Words: %(language)s") % {"language": languages[language]}
        return self.page(
            request,
            "campaign_words",
            title,
            versions=LANGUAGES,
            **edit.context,
            **words,
            **around(campaign),
        )

    @transaction.atomic
    def asking_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """Choose what signers are asked, and which consents."""
        campaign = self.to_change(request, campaign_id)
        edit = Edit(request, AskingForm, record=campaign, now=answers_of(campaign))
        if edit.is_ready():
            editing.change_campaign(
                campaign=campaign, at=timezone.now(), by=request.user, **asking(edit.values)
            )
            return self.saved(request, campaign)
        shown: dict[str, Any] = {"consents": consents_of(campaign, every=True)}
        title = _("What the form asks")
        return self.page(
            request, "campaign_asking", title, **edit.context, **shown, **around(campaign)
        )

    def publish_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        told = _("The campaign is public from now on.")
        return self.switched(request, campaign_id, editing.publish, told)

    def hide_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """Ask first: links that are out in the world lead nowhere then."""
        told = _("Nobody else sees the campaign now.")
        if request.method == "POST" and is_confirmed(request):
            return self.switched(request, campaign_id, editing.hide, told)
        question = _(
            "Its page will be there for nobody, also for who comes by a link in a mail or by one "
            "that a signer shared. To end a campaign, let it close or put it into the archive."
        )
        return self.ask(request, campaign_id, _("Hide the campaign"), question)

    def archive_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        """Ask first; what is archived can be taken out again."""
        told = _("The campaign is in the archive.")
        if request.method == "POST" and is_confirmed(request):
            return self.switched(request, campaign_id, editing.archive, told)
        question = _(
            "It is listed nowhere any more and takes no signatures. Its page stays, says that it "
            "is over, and keeps the thanks and the final count."
        )
        return self.ask(request, campaign_id, _("Put it into the archive"), question)

    def restore_view(self, request: HttpRequest, campaign_id: int) -> HttpResponse:
        told = _("The campaign is out of the archive again.")
        return self.switched(request, campaign_id, editing.restore, told)

    def switched(
        self, request: HttpRequest, campaign_id: int, switch: Callable[..., bool], told: str
    ) -> HttpResponse:
        """Do what a button says; pressed twice, it is done once."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        campaign = get_object_or_404(Campaign, pk=campaign_id)
        if switch(campaign=campaign, at=timezone.now(), by=request.user):
            messages.success(request, told)
        return redirect("admin:crm_campaign_change", campaign_id)

    def ask(
        self, request: HttpRequest, campaign_id: int, title: str, question: str
    ) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        campaign = get_object_or_404(Campaign.objects.with_texts(), pk=campaign_id)
        return self.page(
            request, "confirm", title, question=question, submit=title, **around(campaign)
        )

    def saved(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        messages.success(request, _("The change was saved."))
        return redirect("admin:crm_campaign_change", campaign.pk)


class EditWords(Edit):
    """The words of each language are sealed apart."""

    @property
    def salt(self) -> str:
        return f"{super().salt}:{self.request.path}"


def around(campaign: Campaign) -> dict[str, Any]:
    """What the pages of one campaign have in common."""
    back = reverse("admin:crm_campaign_change", args=[campaign.pk])
    return {"campaign": campaign, "subtitle": str(campaign), "back_url": back}


def what_of(campaign: Campaign) -> dict[str, Any]:
    """Return what stands in the record, moments as the form shows them: to the minute."""
    now = {name: getattr(campaign, name) for name in WHAT}
    for name in ("opens_at", "closes_at"):
        now[name] = now[name] and now[name].replace(**TO_THE_MINUTE)
    return now


def text_and_another(campaign: Campaign, language: str) -> tuple[CampaignText, CampaignText | None]:
    """Return the texts in a language, and those in another from which to translate."""
    texts = {text.language: text for text in campaign.texts.all()}
    others = [texts[code] for code, _name in LANGUAGES if code in texts and code != language]
    own = texts.get(language) or CampaignText(campaign=campaign, language=language)
    return own, next(iter(others), None)
