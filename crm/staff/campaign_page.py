"""What the page of one campaign shows."""

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from crm.campaigns.completeness import Version, versions_of
from crm.campaigns.goals import goal_for
from crm.campaigns.models import Ask, Campaign
from crm.people.models import LANGUAGES
from crm.privacy.models import Purpose, Wording
from crm.staff.campaign_words import named
from crm.staff.pages import money

STATES = {
    "open": "success",
    "early": "info",
    "closed": "warning",
    "hidden": "warning",
    "archived": "",
}
WORDS = {
    "open": gettext_lazy("open"),
    "early": gettext_lazy("not open yet"),
    "closed": gettext_lazy("closed"),
    "hidden": gettext_lazy("not public"),
    "archived": gettext_lazy("in the archive"),
}
TONES = {"open": "good", "closed": "warn", "hidden": "warn"}
RIGHTS = {
    "may_change": "crm.change_campaign",
    "may_add": "crm.add_campaign",
    "may_change_picture": "crm.change_campaignpicture",
}
# What else there is about a campaign, by who may see it; lists take it as their filter.
PAGES = [
    (gettext_lazy("Signatures"), "crm_signature_changelist", "crm.view_signature"),
    (gettext_lazy("Sheets of paper"), "crm_sheet_changelist", "crm.view_sheet"),
    (gettext_lazy("Packs for the authority"), "crm_delivery_changelist", "crm.view_delivery"),
    (gettext_lazy("Sources"), "crm_campaign_sources", "crm.view_campaign"),
    (gettext_lazy("From view to gift"), "crm_campaign_funnel", "crm.view_campaign"),
    (gettext_lazy("Sharing"), "crm_campaign_sharing", "crm.view_campaign"),
]
OF_APPEALS = {"crm_campaign_sources"}


class Consent(NamedTuple):
    """A box of the form, with what stands beside it in each language ("" where it is left out)."""

    name: Any
    wordings: list[tuple[str, Any, str]]


def state_of(campaign: Campaign, now: datetime) -> str:
    if campaign.archived_at is not None:
        return "archived"
    if not campaign.is_public:
        return "hidden"
    if now < campaign.opens_at:
        return "early"
    return "open" if campaign.is_open(now) else "closed"


def tell(campaign: Any, reader: Any, now: datetime) -> dict[str, Any]:
    """What `staff/campaign.html` shows of a campaign `with_totals`."""
    state = state_of(campaign, now)
    goal = goal_for(campaign.total, campaign.goal, campaign.goal_rises)
    return {
        "campaign": campaign,
        "is_appeal": campaign.kind == Campaign.Kind.APPEAL,
        "state": {"name": state, "words": WORDS[state], "tone": TONES.get(state, "")},
        "goal": goal,
        "filled": min(campaign.total, goal or 0),
        "goal_is_next": goal != campaign.goal,
        "amounts": ", ".join(map(money, campaign.suggested_amounts)),
        "versions": [(version, *written(version)) for version in versions_of(campaign)],
        "asked": [(Ask(name).label, name in campaign.required) for name in campaign.asked],
        "consents": consents_of(campaign),
        "addresses": addresses_of(campaign),
        "previews": previews_of(campaign),
        "pages": pages_of(campaign, reader),
        **{name: reader.has_perm(right) for name, right in RIGHTS.items()},
    }


def written(version: Version) -> tuple[Any, Any, str]:
    """Return a version's language, the one shown instead, and what is missing, in words."""
    languages = dict(LANGUAGES)
    missing = ", ".join(str(named(name).verbose_name) for name in version.missing)
    return languages[version.language], languages.get(version.instead, ""), missing


def consents_of(campaign: Campaign, *, every: bool = False) -> list[Consent]:
    """Return the consents that are asked for, or all, with the wordings that are shown now."""
    newest: QuerySet[Any] = Wording.objects.with_newest().filter(is_newest=True)
    shown = {(each.purpose, each.language): each.text for each in newest}
    return [
        Consent(
            Purpose(purpose).label,
            [(code, name, shown.get((purpose, code), "")) for code, name in LANGUAGES],
        )
        for purpose in (Purpose.values if every else campaign.purposes)
    ]


def addresses_of(campaign: Campaign) -> list[tuple[str, Any, str]]:
    """Return where everybody sees the campaign, in each language."""
    addresses = []
    for code, name in LANGUAGES:
        with translation.override(code):
            addresses.append((code, name, f"{settings.SITE_URL}{public_address(campaign)}"))
    return addresses


def previews_of(campaign: Campaign) -> list[tuple[str, Any, str]]:
    """Return where staff see the page, in each language; an appeal has none of its own."""
    if campaign.kind == Campaign.Kind.APPEAL:
        return []
    previews = []
    for code, name in LANGUAGES:
        with translation.override(code):
            address = reverse("public:petition-preview", args=[campaign.slug])
            previews.append((code, name, address))
    return previews


def pages_of(campaign: Campaign, reader: Any) -> list[tuple[Any, str]]:
    """Return the other pages about a campaign that a reader may see."""
    is_appeal = campaign.kind == Campaign.Kind.APPEAL
    pages = []
    for title, name, right in PAGES:
        if not reader.has_perm(right) or (is_appeal and name not in OF_APPEALS):
            continue
        if name.endswith("_changelist"):
            pages.append((title, f"{reverse(f'admin:{name}')}?campaign={campaign.pk}"))
        else:
            pages.append((title, reverse(f"admin:{name}", args=[campaign.pk])))
    return pages


def public_address(campaign: Campaign) -> str:
    """Return where everybody sees the campaign; an appeal is a choice on the donation page."""
    if campaign.kind == Campaign.Kind.APPEAL:
        return f"{reverse('payments:donate')}?campaign={campaign.slug}"
    return reverse("public:petition", args=[campaign.slug])
