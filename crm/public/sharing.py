"""Sharing by plain links. Each tells that a signer shared the petition, and by which medium."""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import pgettext

from crm.campaigns.models import Campaign


class Share(NamedTuple):
    name: str
    url: str


def address(campaign: Campaign, medium: str) -> str:
    """Return the petition's address, marked as shared by this medium."""
    path = reverse("public:petition", args=[campaign.slug])
    marks = {"utm_source": "share", "utm_medium": medium, "utm_campaign": campaign.slug}
    return f"{settings.SITE_URL}{path}?{urlencode(marks)}"


def shares(campaign: Campaign) -> list[Share]:
    """Return a link for each way to share a campaign."""
    title = campaign.text().title
    whatsapp, facebook, x, mail = (
        address(campaign, medium) for medium in ("whatsapp", "facebook", "x", "mail")
    )
    return [
        link("WhatsApp", "https://wa.me/", text=f"{title} {whatsapp}"),
        link("Facebook", "https://www.facebook.com/sharer/sharer.php", u=facebook),
        link("X", "https://x.com/intent/post", text=title, url=x),
        link(pgettext("share by", "E-mail"), "mailto:", subject=title, body=mail),
    ]


def link(name: str, base: str, **query: str) -> Share:
    return Share(name, f"{base}?{urlencode(query, quote_via=quote)}")
