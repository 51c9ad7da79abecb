"""The campaigns there are, as reports name them, and how far each is towards its goal."""

from typing import NamedTuple

from crm.campaigns.goals import goal_for
from crm.campaigns.models import Campaign
from crm.reports.query import frame


class Choice(NamedTuple):
    pk: int
    title: str
    goal: int | None
    is_signed: bool
    goal_rises: bool = False


class Progress(NamedTuple):
    title: str
    total: int
    goal: int | None


TOTALS = """
SELECT campaign_id, sum(number)::bigint AS total FROM (
    SELECT campaign_id, number FROM crm_daytally
    UNION ALL SELECT campaign_id, number FROM crm_signaturedelta WHERE step = 'confirm'
) AS counted GROUP BY campaign_id
"""


def choices() -> list[Choice]:
    """All campaigns, by title."""
    found = [
        Choice(
            campaign.pk,
            str(campaign),
            campaign.goal,
            campaign.kind != Campaign.Kind.APPEAL,
            campaign.goal_rises,
        )
        for campaign in Campaign.objects.with_texts()
    ]
    return sorted(found, key=lambda choice: (choice.title.casefold(), choice.pk))


def progress(campaigns: list[Choice]) -> list[Progress]:
    """The confirmed signatures of each campaign, all time, the most first; and its goal by now."""
    totals = frame(TOTALS, {}).set_index("campaign_id")["total"].to_dict()
    counted = sorted(
        ((totals.get(each.pk, 0), each) for each in campaigns), key=lambda row: -row[0]
    )
    return [
        Progress(each.title, total, goal_for(total, each.goal, each.goal_rises))
        for total, each in counted
    ]
