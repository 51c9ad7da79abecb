"""Asking for the newsletter, and the link of the mail by which it begins."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm.lib.tokens import BadToken
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.consenting import (
    TooYoung,
    ask_for_consent,
    asked_together,
    confirm_consent,
    consent_request_from,
    needs_confirmation,
)
from crm.privacy.models import Channel
from crm.public.donor_door import private
from crm.public.evidence import evidence_of
from crm.public.newsletter_forms import NewsletterForm

SOURCE = "newsletter page"
PAGE = "newsletter"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    form = NewsletterForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return render(
            request, "public/newsletter.html", {"form": form}, status=422 if form.is_bound else 200
        )
    if not form.is_robot:
        ask(form, evidence=evidence_of(request, PAGE), at=timezone.now())
    # The same answer for everybody: nobody learns here whom we know.
    return redirect(f"{reverse('public:newsletter-asked')}?by={answered_by(form)}")


@transaction.atomic
def ask(form: NewsletterForm, *, evidence: dict[str, str], at: datetime) -> None:
    """Take each box that was ticked; a child whom we know gets the same answer as anybody."""
    for purpose, wording in form.chosen.items():
        try:
            ask_for_consent(
                **form.person(),
                purpose=purpose,
                wording=wording,
                language=get_language() or "fr",
                source=SOURCE,
                evidence=evidence,
                at=at,
            )
        except TooYoung:
            continue


def answered_by(form: NewsletterForm) -> str:
    """Return who has to answer a mail before anything is sent."""
    if form.is_child:
        return "parent"
    waits = any(needs_confirmation(purpose, Channel.EMAIL) for purpose in form.chosen)
    return "mail" if waits else "nobody"


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    return private(render(request, "public/newsletter_asked.html", {"by": request.GET.get("by")}))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Mail scanners follow every link: looking changes nothing, the button does."""
    try:
        asked_for = consent_request_from(token)
    except BadToken:
        return private(render(request, "public/newsletter_old.html", status=410))
    state = "ask" if request.method != "POST" else answer_of(asked_for, at=timezone.now())
    page = about(asked_for) | {"state": state}
    status = 409 if state == "too-young" else 200
    return private(render(request, "public/newsletter_confirm.html", page, status=status))


def answer_of(asked_for: ConsentRequest, *, at: datetime) -> str:
    """Let it begin; say so as warmly the second time, and do not claim what was ended since."""
    try:
        if confirm_consent(request=asked_for, at=at):
            return "done"
    except TooYoung:
        return "too-young"
    return "child" if asked_for.parent_email else "ended"


def about(asked_for: ConsentRequest) -> dict[str, Any]:
    together = list(asked_together(asked_for).select_related("wording"))
    return {
        "wordings": [each.wording for each in together if each.wording],
        "asked_for": asked_for,
        "is_parent": bool(asked_for.parent_email),
        "is_confirmed": all(each.confirmed_at for each in together),
    }
