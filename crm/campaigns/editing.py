"""What staff do to campaigns: make, change, show, hide, and put away in the archive."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.campaigns.models import Campaign, CampaignText
from crm.campaigns.pictures import CampaignPicture

WORDS = (
    "title",
    "summary",
    "body",
    "demand",
    "target",
    "picture_alt",
    "thanks",
    "share_text",
    "confirm_mail",
    "thanks_mail",
)
# What a new campaign takes over from the one it is like; its days are its own.
COPIED = (
    "goal",
    "goal_rises",
    "asked",
    "required",
    "purposes",
    "suggested_amounts",
    "report_url",
    "is_embeddable",
)


@transaction.atomic
def make_campaign(
    *,
    kind: str,
    slug: str,
    language: str,
    title: str,
    at: datetime,
    by: Any,
    like: Campaign | None = None,
) -> Campaign:
    """Make a campaign that nobody sees yet, with a title; `like` another in all else, if told."""
    campaign = Campaign(kind=kind, slug=slug, is_public=False, opens_at=at, created_at=at)
    campaign.modified_at = at
    for name in COPIED if like else ():
        setattr(campaign, name, getattr(like, name))
    campaign.save()
    if like is not None:
        copy_contents(like, campaign, at=at)
    campaign.texts.update_or_create(language=language, defaults={"title": title})
    audit.log("campaign.added", campaign, by=by, at=at)
    return campaign


def copy_contents(like: Campaign, campaign: Campaign, *, at: datetime) -> None:
    """Give a campaign the texts and the picture of another."""
    for text in like.texts.all():
        words = {name: getattr(text, name) for name in WORDS}
        CampaignText.objects.create(campaign=campaign, language=text.language, **words)
    for picture in CampaignPicture.objects.filter(campaign=like):
        picture.pk, picture.campaign, picture.added_at = None, campaign, at
        picture.save(force_insert=True)


@transaction.atomic
def change_campaign(*, campaign: Campaign, at: datetime, by: Any, **values: Any) -> list[str]:
    """Write what is different about a campaign; return the names of what was."""
    changed = [name for name, value in values.items() if getattr(campaign, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(campaign, name, values[name])
    campaign.save(update_fields=changed)
    note_change(campaign, changed, at=at, by=by)
    return changed


@transaction.atomic
def write_text(
    *, campaign: Campaign, language: str, at: datetime, by: Any, **words: str
) -> list[str]:
    """Write what a campaign says in a language; return the names of what was changed."""
    text = campaign.texts.filter(language=language).first()
    text = text or CampaignText(campaign=campaign, language=language)
    changed = [name for name, value in words.items() if getattr(text, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(text, name, words[name])
    text.save()
    note_change(campaign, [f"{language}.{name}" for name in changed], at=at, by=by)
    return changed


def note_change(campaign: Campaign, fields: list[str], *, at: datetime, by: Any) -> None:
    """Date a change, and leave in the trail what was changed."""
    campaign.modified_at = at
    campaign.save(update_fields=["modified_at"])
    audit.log("campaign.changed", campaign, by=by, at=at, fields=sorted(fields))


@transaction.atomic
def publish(*, campaign: Campaign, at: datetime, by: Any) -> bool:
    """Let everybody see a campaign; return whether that is new. What is archived stays there."""
    hidden = Campaign.objects.current().filter(pk=campaign.pk, is_public=False)
    return noted(hidden.update(is_public=True, modified_at=at), "published", campaign, at, by)


@transaction.atomic
def hide(*, campaign: Campaign, at: datetime, by: Any) -> bool:
    """Let nobody but staff see a campaign; return whether that is new."""
    public = Campaign.objects.public().filter(pk=campaign.pk)
    return noted(public.update(is_public=False, modified_at=at), "hidden", campaign, at, by)


@transaction.atomic
def archive(*, campaign: Campaign, at: datetime, by: Any) -> bool:
    """Put a campaign away: its page stays and says that it is over; nobody is led there."""
    current = Campaign.objects.current().filter(pk=campaign.pk)
    return noted(current.update(archived_at=at, modified_at=at), "archived", campaign, at, by)


@transaction.atomic
def restore(*, campaign: Campaign, at: datetime, by: Any) -> bool:
    """Take a campaign out of the archive: it is open or closed as its days say."""
    archived = Campaign.objects.exclude(archived_at=None).filter(pk=campaign.pk)
    return noted(archived.update(archived_at=None, modified_at=at), "restored", campaign, at, by)


def noted(rows: int, what: str, campaign: Campaign, at: datetime, by: Any) -> bool:
    """Leave a line in the trail, if anything was changed."""
    if rows:
        audit.log(f"campaign.{what}", campaign, by=by, at=at)
    return bool(rows)


def has_fixed_address(campaign: Campaign) -> bool:
    """Whether links to a campaign are out in the world, which must lead there for ever."""
    return campaign.is_public or campaign.signatures.exists()
