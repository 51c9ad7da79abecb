"""From UTM parameters and a referrer to a source."""

from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from django.core.cache import cache
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Source
from crm.lib.rows import insert_unless_there

REMEMBERED = 60  # seconds
CHANNELS = {
    "direct": _("Direct"),
    "facebook": "Facebook",
    "instagram": "Instagram",
    "x": "X",
    "youtube": "YouTube",
    "whatsapp": "WhatsApp",
    "search": _("Search engines"),
    "newsletter": _("Newsletter"),
    "street": _("Street"),
    "partner": _("Partner sites"),
    "share": _("Shared by a signer"),
    "bank": _("Bank transfer"),
    "api": "API",
    "import": _("Imported list"),
    "other": _("Other"),
}
# What tells a channel: a word of utm_source, or the end of the referrer's host.
WORDS = {
    "facebook": "facebook",
    "fb": "facebook",
    "instagram": "instagram",
    "ig": "instagram",
    "x": "x",
    "twitter": "x",
    "youtube": "youtube",
    "whatsapp": "whatsapp",
    "google": "search",
    "newsletter": "newsletter",
    "email": "newsletter",
    "street": "street",
    "partner": "partner",
    "share": "share",
    "bank": "bank",
    "api": "api",
}
HOSTS = {
    "mail.google.com": "other",  # somebody's mail, not a search: the first that fits counts
    "facebook.com": "facebook",
    "fb.me": "facebook",
    "instagram.com": "instagram",
    "t.co": "x",
    "x.com": "x",
    "twitter.com": "x",
    "youtube.com": "youtube",
    "youtu.be": "youtube",
    "whatsapp.com": "whatsapp",
    "wa.me": "whatsapp",
    "google.com": "search",
    "google.be": "search",
    "bing.com": "search",
    "duckduckgo.com": "search",
}


class Trail(NamedTuple):
    """What a visitor's address and browser told about where they come from.

    `share` is the code of a signer's link (crm.campaigns.sharing).
    """

    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    referrer: str = ""
    share: str = ""


def channel_of(trail: Trail) -> str:
    """Name the channel.

    >>> channel_of(Trail(utm_source="Facebook")), channel_of(Trail(utm_medium="email"))
    ('facebook', 'newsletter')
    >>> channel_of(Trail(referrer="https://m.youtube.com/watch")), channel_of(Trail())
    ('youtube', 'direct')
    """
    for word in (trail.utm_source, trail.utm_medium):
        if word.lower() in WORDS:
            return WORDS[word.lower()]
    if trail.share and not trail.utm_source:
        return "share"
    host = host_of(trail.referrer)
    for ending, channel in HOSTS.items():
        if host == ending or host.endswith(f".{ending}"):
            return channel
    if host:
        return "partner"
    return "other" if trail.utm_source else "direct"


def host_of(referrer: str) -> str:
    """Return the referrer's host, which is all of it that we keep.

    >>> host_of("https://www.plan.be/agir?id=1"), host_of("not an address")
    ('www.plan.be', '')
    """
    try:
        return (urlsplit(referrer).hostname or "")[:100]
    except ValueError:
        return ""


def source_of(trail: Trail) -> Source:
    """Find or make the source that a trail leads to."""
    fields = fields_of(trail)
    return find(fields) or remember(find_or_insert(Source(**fields), fields), fields)


def find_source(trail: Trail) -> Source | None:
    """Find the source that a trail leads to, if we know it."""
    return find(fields_of(trail))


def plain_source(trail: Trail) -> Source:
    """Find or make the source that says no more than a trail's channel."""
    fields = fields_of(Trail()) | {"channel": channel_of(trail)}
    return find(fields) or remember(find_or_insert(Source(**fields), fields), fields)


def fields_of(trail: Trail) -> dict[str, str]:
    return {
        "channel": channel_of(trail),
        "utm_source": trail.utm_source.lower()[:60],
        "utm_medium": trail.utm_medium.lower()[:60],
        "utm_campaign": trail.utm_campaign.lower()[:60],
        "referrer_host": host_of(trail.referrer),
    }


def find(fields: dict[str, str]) -> Source | None:
    pk = cache.get(key_of(fields))
    if pk is not None:
        return Source(pk=pk, **fields)
    known = Source.objects.filter(**fields).first()
    return known and remember(known, fields)


def find_or_insert(new: Source, fields: dict[str, str]) -> Source:
    """Insert, unless another visitor was faster."""
    return new if insert_unless_there(new) else Source.objects.get(**fields)


def remember(source: Source, fields: dict[str, str]) -> Source:
    """A source never changes, but one that we have just made may still be rolled back."""
    transaction.on_commit(lambda: cache.set(key_of(fields), source.pk, REMEMBERED))
    return source


def key_of(fields: dict[str, str]) -> str:
    return f"source:{sha256(urlencode(fields).encode()).hexdigest()}"
