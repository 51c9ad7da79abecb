"""The campaigns there are, as reports name them, and how far each is towards its goal."""

from typing import NamedTuple

from crm.campaigns.models import Campaign
from crm.reports.query import frame


class Choice(NamedTuple):
    pk: int
    title: str
    goal: int | None
    is_signed: bool


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
        Choice(campaign.pk, str(campaign), campaign.goal, campaign.kind != Campaign.Kind.APPEAL)
        for campaign in Campaign.objects.with_texts()
    ]
    return sorted(found, key=lambda choice: (choice.title.casefold(), choice.pk))


def progress(campaigns: list[Choice]) -> list[Progress]:
    """The confirmed signatures of each campaign, all time, the most first."""
    totals = frame(TOTALS, {}).set_index("campaign_id")["total"].to_dict()
    lines = [Progress(each.title, totals.get(each.pk, 0), each.goal) for each in campaigns]
    return sorted(lines, key=lambda line: -line.total)
