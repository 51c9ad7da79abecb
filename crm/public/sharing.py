"""Sharing by plain links. Each tells who shared the petition, and by which medium."""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import pgettext

from crm.campaigns.models import Campaign, Signature
from crm.campaigns.shares import Medium
from crm.campaigns.sharing import code_of


class Share(NamedTuple):
    medium: str
    name: str
    url: str


def address(campaign: Campaign, medium: str, signature: Signature | None = None) -> str:
    """Return the petition's address, marked as shared by this medium, and by whom if we know."""
    path = reverse("public:petition", args=[campaign.slug])
    marks = {"utm_source": "share", "utm_medium": medium, "utm_campaign": campaign.slug}
    if signature is not None:
        marks["r"] = code_of(signature)
    return f"{settings.SITE_URL}{path}?{urlencode(marks)}"


def shares(campaign: Campaign, signature: Signature | None = None) -> list[Share]:
    """Return a link for each way to share a campaign, in the reader's language.

    The words before the link are the campaign's own; the reader can still change them.
    """
    text = campaign.text()
    words = text.share_text or text.title
    whatsapp, facebook, x, mail = (
        address(campaign, medium, signature)
        for medium in (Medium.WHATSAPP, Medium.FACEBOOK, Medium.X, Medium.MAIL)
    )
    body = f"{words}\n\n{mail}" if text.share_text else mail
    return [
        Share(Medium.WHATSAPP, "WhatsApp", link("https://wa.me/", text=f"{words} {whatsapp}")),
        Share(
            Medium.FACEBOOK,
            "Facebook",
            link("https://www.facebook.com/sharer/sharer.php", u=facebook),
        ),
        Share(Medium.X, "X", link("https://x.com/intent/post", text=words, url=x)),
        Share(
            Medium.MAIL,
            pgettext("share by", "E-mail"),
            link("mailto:", subject=text.title, body=body),
        ),
    ]


def copied(campaign: Campaign, signature: Signature | None = None) -> str:
    """Return the address that is copied by hand, or by the button beside it."""
    return address(campaign, Medium.COPY, signature)


def link(base: str, **query: str) -> str:
    return f"{base}?{urlencode(query, quote_via=quote)}"
