"""A petition on other sites: form and counter in a frame, and the script that puts it there.

No cookie is set or read, so that it works where browsers keep those of others away. Only these
pages may stand in a frame of another site.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from crm.campaigns.models import Campaign
from crm.campaigns.sources import Trail
from crm.public.accepting import accept
from crm.public.campaigns import about, find_to_sign
from crm.public.kept import shown_to_all
from crm.public.signature_form import SignatureForm
from crm.public.trail import trail_from, trail_query

SCRIPT = Path(__file__).parent.parent / "static/public/embed.js"
SCRIPT_SECONDS = 3600
THEMES = ("light", "dark")
View = Callable[..., HttpResponse]


def framed(view: View) -> View:
    """Let a page stand in a frame on any site, also when it says that there is nothing to see.

    There is no secret in it that packing could tell.
    """

    @wraps(view)
    def answer(request: HttpRequest, slug: str) -> HttpResponse:
        try:
            return view(request, slug)
        except Http404:
            return render(request, "public/embed_gone.html", status=404)

    free: Any = csp_replace({"frame-ancestors": ["*"]})
    return gzip_page(free(xframe_options_exempt(answer)))


def find(slug: str) -> Campaign:
    """Return a campaign that other sites may show. Raises Http404."""
    campaign = find_to_sign(slug)
    if not campaign.is_embeddable or campaign.archived_at is not None:
        raise Http404(slug)
    return campaign


@csrf_exempt  # signing needs no cookie, and whoever could send this form could send it anyway
@framed
@require_http_methods(["GET", "HEAD", "POST"])
def petition(request: HttpRequest, slug: str) -> HttpResponse:
    """The form and the counter alone; the form is sent to this very page."""
    campaign, now = find(slug), timezone.now()
    if request.method != "POST":
        return shown_to_all(request, lambda: page(request, campaign, at=now))
    form = SignatureForm(request.POST, campaign=campaign)
    if not (campaign.is_open(now) and form.is_valid()):
        return page(request, campaign, form, at=now)
    trail = accept(request, form=form, campaign=campaign, at=now)
    return redirect(onward("public:embed-signed", slug, trail, theme_of(request)))


def page(
    request: HttpRequest, campaign: Campaign, form: SignatureForm | None = None, *, at: datetime
) -> HttpResponse:
    theme = theme_of(request)
    told = about(campaign) | {
        "form": form or SignatureForm(campaign=campaign),
        "form_action": request.path + with_theme("", theme),
        "is_open": campaign.is_open(at),
        "is_early": at < campaign.opens_at,
        "theme": theme,
    }
    return render(request, "public/embed.html", told, status=422 if form else 200)


@framed
@require_safe
def signed(request: HttpRequest, slug: str) -> HttpResponse:
    theme = theme_of(request)
    told = about(find(slug)) | {
        "again_url": onward("public:embed", slug, trail_from(request), theme),
        "theme": theme,
    }
    return render(request, "public/embed_signed.html", told)


def onward(name: str, slug: str, trail: Trail, theme: str) -> str:
    """Return where the frame goes next, with where the visit came from and how it looks."""
    return reverse(name, args=[slug]) + with_theme(trail_query(trail), theme)


def with_theme(query: str, theme: str) -> str:
    return f"{query}{'&' if query else '?'}theme={theme}" if theme else query


def theme_of(request: HttpRequest) -> str:
    """Return whether the page around is only light, or only dark; "" for as its visitor likes."""
    told = request.GET.get("theme", "")
    return told if told in THEMES else ""


@gzip_page
@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """The script, at an address that never changes; it knows our site by that address."""
    content = SCRIPT.read_bytes()
    response = HttpResponse(content, content_type="text/javascript; charset=utf-8")
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["ETag"] = etag = f'"{sha256(content).hexdigest()[:16]}"'
    patch_cache_control(response, public=True, max_age=SCRIPT_SECONDS)
    return get_conditional_response(request, etag=etag, response=response) or response
