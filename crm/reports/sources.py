"""Where views, signers and money came from, from the tallies and what they do not hold yet.

People's steps are of the source that brought them to this campaign. Money is told twice: by the
source that brought its donor this time (last touch), and by the one that first did (first touch).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple

from crm.campaigns.counting import Step
from crm.campaigns.models import Source
from crm.reports.donations import CURRENCY
from crm.reports.query import OF_CAMPAIGN, rows
from crm.reports.rates import hidden, is_told
from crm.reports.scope import Scope

EVERY = "*"  # every channel opened to its sources
MOST = 200  # sources of a channel that a page shows
COUNTED = "counted"  # what the counter counts, on paper too
STEPS = [step.value for step in Step]
SPREADING = [
    Step.VIEW.value,
    Step.SUBMIT.value,
    Step.CONSENT.value,
    Step.SHARE.value,
    Step.BRING.value,
]
MONEY = ["gifts", "gross", "net"]
LAST, FIRST = "last", "first"
# What tells of people, and the sums of money that tell of the same ones.
OF_PEOPLE: dict[str, list[str]] = {
    **{name: [] for name in [COUNTED, *STEPS] if name != Step.VIEW},
    **{f"gifts_{touch}": [f"gross_{touch}", f"net_{touch}"] for touch in (LAST, FIRST)},
}

# Campaigns are listed for the sake of the indexes, which begin with them.
CAMPAIGNS = """ARRAY(
    SELECT id FROM crm_campaign WHERE %(campaign)s::bigint IS NULL OR id = %(campaign)s
)"""
OPENED = "CASE WHEN %(opened)s IN (channel, '*') THEN source_id END"
DAYS = "day >= %(start)s AND day < %(end)s"
STEPPED = f"""
SELECT channel, {OPENED}, step, sum(number)::bigint FROM (
    SELECT source_id, step, sum(number) AS number FROM (
        SELECT source_id, step, number FROM crm_steptally
        WHERE campaign_id = ANY({CAMPAIGNS}) AND step = ANY(%(steps)s) AND {DAYS}
        UNION ALL
        SELECT source_id, step, number FROM crm_signaturedelta
        WHERE step = ANY(%(steps)s) AND (step <> 'confirm' OR way = 'online')
          AND {DAYS} AND {OF_CAMPAIGN}
        UNION ALL
        SELECT source_id, 'counted', number FROM crm_sourcetally
        WHERE campaign_id = ANY({CAMPAIGNS}) AND {DAYS}
        UNION ALL
        SELECT source_id, 'counted', number FROM crm_signaturedelta
        WHERE step = 'confirm' AND {DAYS} AND {OF_CAMPAIGN}
    ) AS noted GROUP BY source_id, step
) AS taken JOIN crm_source ON crm_source.id = source_id
GROUP BY 1, 2, 3
"""
# Whose first source is not written first came by the same.
GAVE = f"""
SELECT coalesce(channel, ''), {OPENED}, touch,
       sum(gifts)::bigint, sum(gross)::bigint, sum(gross + fees + refunds)::bigint
FROM (
    SELECT source_id AS last_id, coalesce(first_source_id, source_id) AS first_id,
           sum(gifts) AS gifts, sum(gross) AS gross, sum(fees) AS fees, sum(refunds) AS refunds
    FROM (
        SELECT day, campaign_id, currency, source_id, first_source_id, gifts, gross, fees, refunds
        FROM crm_giftsourcetally
        UNION ALL
        SELECT day, campaign_id, currency, source_id, first_source_id, gifts, gross, fees, refunds
        FROM crm_giftdelta
    ) AS counted
    WHERE currency = %(currency)s AND {DAYS} AND {OF_CAMPAIGN}
    GROUP BY 1, 2
) AS given
CROSS JOIN LATERAL (VALUES ('last', last_id), ('first', first_id)) AS touched (touch, source_id)
LEFT JOIN crm_source ON crm_source.id = source_id
GROUP BY 1, 2, 3
"""


Found = defaultdict[tuple[str, int | None], Counter[str]]


class Line(NamedTuple):
    """The figures of a channel, or of one source of it; None is what may not be told."""

    channel: str
    figures: Mapping[str, int | None]
    source: Source | None = None
    is_rest: bool = False  # what came by the sources that are not shown one by one
    is_total: bool = False

    @property
    def is_channel(self) -> bool:
        return self.source is None and not self.is_rest and not self.is_total

    def __call__(self, name: str) -> int | None:
        return self.figures.get(name, 0)


class Told(NamedTuple):
    """Channels, those that count most first, each followed by its sources where it is opened."""

    lines: list[Line]
    total: Line

    @property
    def channels(self) -> list[Line]:
        return [line for line in self.lines if line.is_channel]


def steps(scope: Scope, *, opened: str = "", most: int = MOST) -> Told:
    """Every step of people."""
    return table(steps_found(scope, opened, STEPS), most)


def steps_and_money(scope: Scope, *, opened: str = "", most: int = MOST) -> Told:
    """How people sign and spread, and what they and others gave."""
    found = steps_found(scope, opened, SPREADING)
    asked = scope.parameters | {"opened": opened, "currency": CURRENCY}
    for channel, source, touch, *sums in rows(GAVE, asked):
        named = {f"{name}_{touch}": number for name, number in zip(MONEY, sums, strict=True)}
        found[channel, source].update(named)
    return table(found, most)


def steps_found(scope: Scope, opened: str, wanted: list[str]) -> Found:
    found: Found = defaultdict(Counter)
    for channel, source, step, number in rows(
        STEPPED, scope.parameters | {"opened": opened, "steps": wanted}
    ):
        found[channel, source][step] += number
    return found


def table(found: Found, most: int) -> Told:
    """Channels as sums of their sources; of very many sources the last ones are one line."""
    channels: defaultdict[str, Counter[str]] = defaultdict(Counter)
    parts: defaultdict[str, list[tuple[int, Counter[str]]]] = defaultdict(list)
    for (channel, source), figures in found.items():
        channels[channel].update(figures)
        if source is not None:
            parts[channel].append((source, figures))
    sources = Source.objects.in_bulk([pk for (_name, pk) in found if pk is not None])
    lines, total = [], Counter[str]()
    for channel, figures in sorted(channels.items(), key=lambda each: most_first(*each)):
        total.update(figures)
        lines.append(Line(channel, figures))
        known = sorted(parts[channel], key=lambda each: most_first(str(each[0]), each[1]))
        lines += [Line(channel, figures, sources[pk]) for pk, figures in known[:most]]
        if rest := known[most:]:
            lines.append(Line(channel, summed(figures for _pk, figures in rest), is_rest=True))
    return Told(lines, Line("", total, is_total=True))


def summed(many: Iterable[Counter[str]]) -> Counter[str]:
    total = Counter[str]()
    for figures in many:
        total.update(figures)  # unlike a sum of counters, this keeps what is below zero
    return total


def most_first(name: str, figures: Counter[str]) -> tuple[int, int, int, str]:
    return (-figures[COUNTED], -figures["view"], -figures["gross_last"], name)


def masked(told: Told) -> Told:
    """The same for who may not see people: without what would tell of fewer than five of them."""
    lines = [dict(line.figures) for line in told.lines]
    total = dict(told.total.figures)
    for name, more in OF_PEOPLE.items():
        blank = dict.fromkeys([name, *more])
        for place in hidden_lines(told, name):
            lines[place] |= blank
        if not is_told(told.total(name) or 0):
            total |= blank
    kept = [line._replace(figures=each) for line, each in zip(told.lines, lines, strict=True)]
    return Told(kept, told.total._replace(figures=total))


def hidden_lines(told: Told, name: str) -> set[int]:
    """Return the places of lines that may not tell a figure; a channel hides all its sources."""
    numbers = [line(name) or 0 for line in told.lines]
    heads = [place for place, line in enumerate(told.lines) if line.is_channel]
    dark = {heads[each] for each in hidden([numbers[place] for place in heads])}
    for place, end in pairwise([*heads, len(numbers)]):
        parts = numbers[place + 1 : end]
        few = set(range(len(parts))) if place in dark else hidden(parts)
        dark |= {place + 1 + each for each in few}
    return dark
