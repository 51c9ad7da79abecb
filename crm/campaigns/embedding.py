"""How a petition gets onto another site: what is pasted into a page there."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.campaigns.models import Campaign

# A frame without our script cannot tell on whose page it stands; its browser may.
MARKS = {"utm_source": "partner", "utm_medium": "embed"}
WIDTH, HEIGHT = 600, 900


def path(campaign: Campaign, language: str) -> str:
    """Return the page that stands in the frame, in a language."""
    with translation.override(language):
        return reverse("public:embed", args=[campaign.slug])


def address(campaign: Campaign, language: str) -> str:
    return f"{settings.SITE_URL}{path(campaign, language)}?{urlencode(MARKS)}"


def iframe(campaign: Campaign, language: str, *, width: str, height: int) -> SafeString:
    """Return a plain frame, for pages that take no script."""
    return format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" frameborder="0"></iframe>',
        address(campaign, language),
        width,
        height,
        campaign.text(language).title,
    )


def script(campaign: Campaign, language: str) -> SafeString:
    """Return the script that makes the frame as high as what is in it."""
    return format_html(
        '<script src="{}{}" data-petition="{}" data-language="{}" async></script>',
        settings.SITE_URL,
        reverse("embed-script"),
        campaign.slug,
        language,
    )


def discovery(campaign: Campaign) -> str:
    """Return where a petition's page in the active language has its oEmbed answer."""
    page = settings.SITE_URL + reverse("public:petition", args=[campaign.slug])
    return f"{settings.SITE_URL}{reverse('oembed')}?{urlencode({'url': page, 'format': 'json'})}"
