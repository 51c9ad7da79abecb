"""Where a visitor came from, carried from page to page in links and forms: no cookie is needed.

The first page's UTM parameters and the host of another site that led here travel on as
`utm_source`, `utm_medium`, `utm_campaign` and `ref`, the code of a signer's share link as `r`.
Of a referrer only the host is kept.
"""

import re
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest

from crm.campaigns.models import Source
from crm.campaigns.sources import Trail, host_of

UTM = ("utm_source", "utm_medium", "utm_campaign")
REFERRER = "ref"
SHARE = "r"
HOST = re.compile(r"[A-Za-z0-9.-]{1,100}")
CODE = re.compile(r"[A-Za-z0-9]{1,30}")
# Coming back from paying is not coming from there.
NOT_A_SOURCE = {"checkout.stripe.com", urlsplit(settings.STRIPE_API_BASE).hostname}


def trail_from(request: HttpRequest) -> Trail:
    """Return the first touch: hidden fields of a form, else the address, else the referrer."""
    told = request.POST if REFERRER in request.POST else request.GET
    fields = {name: clean(told.get(name, "")) for name in UTM}
    host = told.get(REFERRER, "")
    if not HOST.fullmatch(host) or host in NOT_A_SOURCE:
        host = other_host(request)
    code = told.get(SHARE, "")
    return Trail(
        **fields,
        referrer=f"https://{host}/" if host else "",
        share=code if CODE.fullmatch(code) else "",
    )


def trail_of(source: Source) -> Trail:
    """Return the trail that led to a source, so that what follows is counted to it too."""
    host = source.referrer_host
    return Trail(
        utm_source=source.utm_source,
        utm_medium=source.utm_medium,
        utm_campaign=source.utm_campaign,
        referrer=f"https://{host}/" if host else "",
    )


def trail_fields(trail: Trail) -> list[tuple[str, str]]:
    """Return names and values of the hidden fields (see `public/trail.html`)."""
    utm = [(name, getattr(trail, name)) for name in UTM]
    return [*utm, (REFERRER, host_of(trail.referrer)), (SHARE, trail.share)]


def trail_query(trail: Trail) -> str:
    """Return what a link on our own site carries on: "" or "?utm_source=…"."""
    told = urlencode([(name, value) for name, value in trail_fields(trail) if value])
    return f"?{told}" if told else ""


def other_host(request: HttpRequest) -> str:
    """Return the host that led here, if it is another one than ours."""
    host = host_of(request.headers.get("Referer", ""))
    ours = host_of(f"//{request.get_host()}")
    return "" if host == ours or host in NOT_A_SOURCE else host


def clean(text: str) -> str:
    """Shorten what anybody can write into an address; a NUL cannot be stored."""
    return text.replace("\x00", "").strip()[:100]
