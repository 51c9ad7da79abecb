"""Where signers and donors come from, as links and browsers tell it."""

from crm.campaigns.models import Source
from crm.campaigns.shares import Medium
from crm.campaigns.sources import Trail, channel_of, host_of
from crm.demo.chance import Weighted

SHARES = [
    (Medium.WHATSAPP.value, 0.46),
    (Medium.FACEBOOK.value, 0.24),
    (Medium.COPY.value, 0.15),
    (Medium.MAIL.value, 0.11),
    (Medium.X.value, 0.04),
]
TRAILS = [
    (Trail(), 1.0),
    (Trail("facebook", "social", "stop-traite"), 0.5),
    (Trail(referrer="https://m.facebook.com/"), 0.27),
    (Trail("facebook", "lead"), 0.03),
    (Trail(referrer="https://l.facebook.com/"), 0.2),
    (Trail("instagram", "social", "stop-traite"), 0.7),
    (Trail(referrer="https://l.instagram.com/"), 0.3),
    (Trail("x", "social", "stop-traite"), 0.4),
    (Trail(referrer="https://t.co/"), 0.6),
    (Trail("youtube", "video", "temoignages"), 0.6),
    (Trail(referrer="https://www.youtube.com/"), 0.4),
    (Trail("whatsapp", "social", "stop-traite"), 1.0),
    (Trail(referrer="https://www.google.com/"), 0.55),
    (Trail(referrer="https://www.google.be/"), 0.3),
    (Trail(referrer="https://www.bing.com/"), 0.1),
    (Trail(referrer="https://duckduckgo.com/"), 0.05),
    (Trail("newsletter", "email", "lettre-mensuelle"), 0.8),
    (Trail("newsletter", "email", "18-octobre"), 0.2),
    (Trail("street", "qr", "bruxelles"), 0.35),
    (Trail("street", "qr", "antwerpen"), 0.25),
    (Trail("street", "qr", "liege"), 0.22),
    (Trail("street", "qr", "gent"), 0.18),
    (Trail(referrer="https://ong-partenaire.example/"), 0.4),
    (Trail(referrer="https://hotel-partner.example/"), 0.3),
    (Trail("partner", "banner", "ecoles"), 0.3),
    # As the share links say it; the media as often as people use them.
    *((Trail("share", medium), weight) for medium, weight in SHARES),
]


def make_sources() -> dict[str, Weighted[int]]:
    """Make the sources there are not yet; return, per channel, how often each comes up."""
    found: dict[str, list[tuple[int, float]]] = {}
    for trail, weight in TRAILS:
        source, _made = Source.objects.get_or_create(
            channel=channel_of(trail),
            utm_source=trail.utm_source,
            utm_medium=trail.utm_medium,
            utm_campaign=trail.utm_campaign,
            referrer_host=host_of(trail.referrer),
        )
        found.setdefault(source.channel, []).append((source.pk, weight))
    return {channel: Weighted(pairs) for channel, pairs in found.items()}
