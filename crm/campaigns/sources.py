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
    """What a visitor's address and browser told about where they come from."""

    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    referrer: str = ""


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
    fields = {
        "channel": channel_of(trail),
        "utm_source": trail.utm_source.lower()[:60],
        "utm_medium": trail.utm_medium.lower()[:60],
        "utm_campaign": trail.utm_campaign.lower()[:60],
        "referrer_host": host_of(trail.referrer),
    }
    key = f"source:{sha256(urlencode(fields).encode()).hexdigest()}"
    pk = cache.get(key)
    if pk is not None:
        return Source(pk=pk, **fields)
    source = find_or_insert(Source(**fields), fields)
    # A source never changes, but one that we have just made may still be rolled back.
    transaction.on_commit(lambda: cache.set(key, source.pk, REMEMBERED))
    return source


def find_or_insert(new: Source, fields: dict[str, str]) -> Source:
    known = Source.objects.filter(**fields)
    return known.first() or (new if insert_unless_there(new) else known.get())
