"""The picture of a campaign: put there, and taken away."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from crm.campaigns.editing import note_change
from crm.campaigns.models import Campaign
from crm.campaigns.pictures import CampaignPicture
from crm.lib.images import fit_for_page


@transaction.atomic
def set_picture(*, campaign: Campaign, content: bytes, at: datetime, by: Any) -> CampaignPicture:
    """Show a picture with a campaign, instead of the one before. Raises as `fit_for_page` does."""
    made = fit_for_page(content)
    digest = sha256(made.content).hexdigest()
    shown = {**made._asdict(), "digest": digest, "added_at": at, "added_by": by}
    picture, _is_new = CampaignPicture.objects.update_or_create(campaign=campaign, defaults=shown)
    note_change(campaign, ["picture"], at=at, by=by)
    return picture


@transaction.atomic
def remove_picture(*, campaign: Campaign, at: datetime, by: Any) -> bool:
    """Show no picture with a campaign; return whether there was one."""
    removed, _by_model = CampaignPicture.objects.filter(campaign=campaign).delete()
    if removed:
        note_change(campaign, ["picture"], at=at, by=by)
    return bool(removed)
