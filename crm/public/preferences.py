"""What somebody wants to get from us: a page that the link of a mail opens."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm.lib.tokens import BadToken
from crm.mailing.headers import supporter_of
from crm.people.models import Supporter
from crm.people.operations import correct
from crm.privacy.choosing import choose, standings_of, stop_everything
from crm.public.donor_door import private
from crm.public.evidence import evidence_of
from crm.public.preference_forms import LanguageForm, PreferencesForm

SOURCE = "preferences"
PAGE = "preferences"


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view, which gets `person`, to who has a link that works."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        try:
            person = supporter_of(token)
        except BadToken:
            return private(render(request, "public/preferences_old.html", status=410))
        return private(view(request, token=token, person=person))

    return never_cache(require_http_methods(["GET", "HEAD", "POST"])(guarded))


@by_link
def preferences(request: HttpRequest, token: str, person: Supporter) -> HttpResponse:
    """Show what holds and take what is chosen; looking changes nothing, as mail scanners look."""
    if request.POST.get("action") == "stop":
        stop_everything(supporter=person, **said_here(request))
        return back_to(token, "stopped")
    if request.POST.get("action") == "language":
        return speak(request, token, person)
    standings = standings_of(person)
    form = PreferencesForm(request.POST or None, standings=standings)
    if form.is_bound and form.is_valid():
        held = choose(supporter=person, choices=form.choices(), **said_here(request))
        return back_to(token, "saved" if held else "too-young")
    page = page_of(form, token, person) | {"said": request.GET.get("said", "")}
    return render(request, "public/preferences.html", page, status=422 if form.is_bound else 200)


def speak(request: HttpRequest, token: str, person: Supporter) -> HttpResponse:
    """Write to somebody in the language they choose from now on."""
    form = LanguageForm(request.POST)
    if form.is_valid():
        correct(supporter=person, at=timezone.now(), **form.cleaned_data)
    return back_to(token, "saved" if form.is_valid() else "unclear")


def said_here(request: HttpRequest) -> dict[str, Any]:
    """What proves a word of this page: only the reader of their mailbox has its link."""
    evidence = evidence_of(request, PAGE, by="signed link")
    return {"source": SOURCE, "evidence": evidence, "at": timezone.now()}


def page_of(form: PreferencesForm, token: str, person: Supporter) -> dict[str, Any]:
    return {
        "token": token,
        "form": form,
        "address": masked(person.email),
        "language_form": LanguageForm(initial={"language": person.language}),
    }


def masked(address: str) -> str:
    """Return enough of an address for its owner to know it, whoever else sees the page.

    >>> masked("marie@example.org")
    'm…e@example.org'
    >>> masked("me@example.org")
    'm…@example.org'
    """
    name, at, domain = address.partition("@")
    return f"{name[:1]}…{name[-1:] if len(name) > 2 else ''}{at}{domain}" if at else ""


def back_to(token: str, said: str) -> HttpResponse:
    return redirect(f"{reverse('public:preferences', args=[token])}?said={said}")
