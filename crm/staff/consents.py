"""What one supporter agreed to: what holds, and every word of it as it was said."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.people.models import Supporter
from crm.privacy.belongings import records_of
from crm.privacy.choosing import standings_of
from crm.privacy.models import Consent
from crm.privacy.operations import Refusal
from crm.privacy.telling import NotTaken, write_down
from crm.staff import looking
from crm.staff.consent_forms import ConsentForm
from crm.staff.consent_words import words_of

SEES = ("crm.view_supporter", "crm.view_consent")


class ConsentPages:
    """The part of the supporters' pages that is about what they agreed to."""

    admin_site: Any
    page: Callable[..., HttpResponse]

    def consent_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        show, add = wrap(self.consents_view), wrap(self.consent_view)
        return [
            path("<int:supporter_id>/consents/", show, name="crm_supporter_consents"),
            path("<int:supporter_id>/consents/add/", add, name="crm_supporter_consent"),
        ]

    def consents_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """Show exactly what this person agreed to."""
        check(request, *SEES)
        supporter = get_object_or_404(Supporter, pk=supporter_id)
        if supporter.merged_into_id:
            return redirect("admin:crm_supporter_consents", supporter.merged_into_id)
        looking.note(supporter, by=request.user, at=timezone.now())
        said = Consent.objects.filter(supporter__in=records_of(supporter))
        newest = said.select_related("wording").order_by("-at", "-pk")
        told = {
            "supporter": supporter,
            "standings": standings_of(supporter),
            "words": words_of(newest, sees_gifts=request.user.has_perm("crm.view_gift")),
            "may_add": request.user.has_perm("crm.add_consent") and not supporter.erased_at,
        }
        return self.page(request, "consents", _("Consents"), **told)

    def consent_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """Write down what somebody said on paper or by telephone."""
        check(request, *SEES, "crm.add_consent")
        supporter = get_object_or_404(Supporter.objects.current(), pk=supporter_id)
        form = ConsentForm(request.POST or None)
        if form.is_valid() and written(request, supporter, form):
            return redirect("admin:crm_supporter_consents", supporter.pk)
        back = reverse("admin:crm_supporter_consents", args=[supporter.pk])
        intro = _("What people say on our own pages is noted by itself. This is for the rest.")
        told = {"subtitle": supporter, "intro": intro, "back_url": back}
        return self.page(request, "form", _("Record a yes or a no"), form=form, **told)


def check(request: HttpRequest, *rights: str) -> None:
    if not request.user.has_perms(rights):
        raise PermissionDenied


def written(request: HttpRequest, supporter: Supporter, form: ConsentForm) -> bool:
    try:
        write_down(supporter=supporter, by=request.user, **form.told())
    except NotTaken as refused:
        explain(form, refused.reason)
        return False
    messages.success(request, _("It was written down."))
    return True


def explain(form: forms.Form, reason: Refusal) -> None:
    """Say why a "yes" was not taken, and what can be done."""
    form.add_error(None if reason != Refusal.TOO_YOUNG else "parent_name", reason.label)
    if reason in (Refusal.SAID_NO, Refusal.SUPPRESSED):
        way = _(
            "Ask them to choose it themselves: by the link at the foot of our mails, on their own "
            "page, or on the page of the newsletter."
        )
        form.add_error(None, way)
