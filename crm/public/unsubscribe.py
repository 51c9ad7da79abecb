"""One click ends it (RFC 8058): the address that mailboxes post to, and people may open."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from crm.lib.tokens import BadToken
from crm.mailing import kinds
from crm.mailing.headers import mail_of, preferences_path
from crm.mailing.models import Mail
from crm.mailing.unsubscribing import unsubscribe
from crm.people.standing import successor
from crm.public.donor_door import private


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """A POST ends all marketing, whatever its body says; looking changes nothing.

    Nobody signs in for it, no cookie is set, and the answer leads nowhere else.
    """
    try:
        mail_id = mail_of(token)
    except BadToken:
        return answer(request, "bad", _("This link is not complete."), status=404)
    mail = Mail.objects.select_related("supporter").filter(public_id=mail_id).first()
    with translation.override(mail.language if mail else translation.get_language()):
        if request.method != "POST":
            return answer(request, "ask", "")
        unsubscribe(mail_id=mail_id, at=timezone.now())
        told = _("You are unsubscribed: no more newsletters or calls for donations from us.")
        return answer(request, "done", told, preferences=preferences_of(mail))


def answer(
    request: HttpRequest, state: str, text: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """A page for people, or a plain sentence for the program of a mailbox."""
    if request.method == "POST" and "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(f"{text}\n", content_type="text/plain; charset=utf-8", status=status)
    # There is one address for all languages: the page speaks that of the mail.
    page = {"state": state, "language_links": [], **context}
    response = private(render(request, "public/unsubscribe.html", page, status=status))
    response["Content-Language"] = translation.get_language()
    return response


def preferences_of(mail: Mail | None) -> str:
    """Return where somebody may choose again, if we still know who it was."""
    known = mail.supporter if mail and not kinds.is_to_others(mail.template) else None
    person = known and (successor(known) or known)
    if mail is None or person is None or person.erased_at is not None:
        return ""
    return preferences_path(person, mail.language)
