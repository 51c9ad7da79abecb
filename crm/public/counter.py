"""The counter of a campaign: how many have signed, and how far that is from the goal."""

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma

from crm.campaigns import tallies
from crm.campaigns.goals import goal_for
from crm.campaigns.models import Campaign


@dataclass(frozen=True)
class Counter:
    """`goal` is the one that holds now; `is_next` says that an earlier one is behind us."""

    count: int
    goal: int | None
    is_next: bool = False

    @property
    def text(self) -> str:
        """The count as the reader's language writes it."""
        return intcomma(self.count)

    @property
    def goal_text(self) -> str:
        return intcomma(self.goal) if self.goal else ""

    @property
    def filled(self) -> int:
        """How much of the bar is full; a goal may be exceeded, a bar may not."""
        return min(self.count, self.goal or 0)

    @property
    def is_reached(self) -> bool:
        return self.goal is not None and self.count >= self.goal

    @property
    def etag(self) -> str:
        return f'"{self.count}-{self.goal or 0}"'


def counter_at(campaign: Campaign, count: int) -> Counter:
    """Return the counter of a campaign that so many have signed."""
    goal = goal_for(count, campaign.goal, campaign.goal_rises)
    return Counter(count, goal, is_next=goal != campaign.goal)


def counter_of(campaign: Campaign) -> Counter:
    """Return the counter as it stands now."""
    return counter_at(campaign, tallies.count(campaign))
