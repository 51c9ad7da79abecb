"""Where signers and money came from, as the tallies and what they do not hold yet have it."""

from collections import Counter
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.campaigns import tallies
from crm.campaigns.models import Source
from crm.donations import tallies as gift_tallies
from crm.lib.periods import Period
from crm.reports import sources
from crm.reports.sources import EVERY, Line, Told
from tests.crm.spread_world import note, note_gift, scope, source_of
from tests.factories import CampaignFactory

NAMES = ["view", "submit", "consent", "share", "bring"]


def told(found):
    """The figures of each line that are not 0, by channel and source."""
    return {
        (line.channel, line.source and line.source.pk): {
            name: number for name, number in line.figures.items() if number
        }
        for line in found.lines
    }


@pytest.fixture
def places(db):
    return [
        source_of("facebook", utm_source="facebook"),
        source_of("facebook", utm_source="fb", utm_campaign="may"),
        source_of("direct"),
        source_of("partner", referrer_host="www.plan.be"),
    ]


@pytest.mark.parametrize("is_folded", [False, True])
def test_sources_are_the_sums_of_what_was_noted(campaign, places, is_folded):
    chance, expected = Random(3), {}
    for _count in range(150):
        source = chance.choice(places)
        step = chance.choice([*NAMES, "confirm", "repeat"])
        number = chance.randint(1, 9)
        note(campaign, source, step, number)
        name = "counted" if step == "confirm" else step
        if step != "repeat":
            for key in [(source.channel, source.pk), (source.channel, None)]:
                expected.setdefault(key, Counter())[name] += number
    if is_folded:
        tallies.fold()

    found = sources.steps_and_money(scope(campaign), opened=EVERY)

    assert told(found) == expected


@pytest.mark.parametrize("is_folded", [False, True])
def test_money_is_told_by_last_and_by_first_touch_with_the_same_sum(campaign, places, is_folded):
    facebook, _other, direct, _partner = places
    note_gift(campaign, source=direct, first=facebook, gross=2500, fees=-50)
    note_gift(campaign, source=direct, gross=1000, fees=-30, refunds=-1000)
    note_gift(campaign, gross=700, fees=0)
    if is_folded:
        gift_tallies.fold()

    found = sources.steps_and_money(scope(campaign))

    last = {"gifts_last": 2, "gross_last": 3500, "net_last": 2420}
    first = {"gifts_first": 1, "gross_first": 1000, "net_first": -30}
    unknown = {"gross_last": 700, "net_last": 700, "gross_first": 700, "net_first": 700}
    assert told(found) == {
        ("direct", None): last | first,
        ("facebook", None): {"gifts_first": 1, "gross_first": 2500, "net_first": 2450},
        ("", None): unknown | {"gifts_last": 1, "gifts_first": 1},
    }
    assert {name: found.total(name) for name in last} == {
        "gifts_last": 3,
        "gross_last": 4200,
        "net_last": 3120,
    }
    assert found.total("net_first") == found.total("net_last")


def test_other_campaigns_other_days_and_other_currencies_are_left_out(campaign, places):
    direct, other = places[2], CampaignFactory()
    inside = Period(date(2026, 3, 1), date(2026, 3, 3))
    for day in (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)):
        note(campaign, direct, "view", day=day)
        note(other, direct, "view", 10, day=day)
        note_gift(campaign, source=direct, day=day)
    note_gift(campaign, source=direct, currency="USD")

    one = sources.steps_and_money(scope(campaign, inside))
    every = sources.steps_and_money(scope(None, inside))

    assert (one.total("view"), one.total("gifts_last")) == (2, 2)
    assert (every.total("view"), every.total("gifts_last")) == (22, 2)


def test_paper_is_counted_but_no_step_of_the_funnel(campaign, places):
    note(campaign, places[0], "confirm", 3)
    note(campaign, places[2], "confirm", 40, way="paper")
    unfolded = sources.steps(scope(campaign)).total
    tallies.fold()

    folded = sources.steps(scope(campaign)).total

    for total in (unfolded, folded):
        assert (total("confirm"), total("counted")) == (3, 43)


def test_only_the_channel_that_is_opened_is_told_by_its_sources(campaign, places):
    for number, source in enumerate(places, 1):
        note(campaign, source, "confirm", number)

    found = sources.steps(scope(campaign), opened="facebook")

    lines = [(line.channel, line.source, line("confirm")) for line in found.lines]
    assert lines == [
        ("partner", None, 4),
        ("direct", None, 3),
        ("facebook", None, 3),
        ("facebook", places[1], 2),
        ("facebook", places[0], 1),
    ]


def test_of_very_many_sources_the_last_ones_are_one_line(campaign):
    for number in (1, 2, 3, 4):
        note(campaign, source_of("partner", utm_source=f"p{number}"), "confirm", number)

    found = sources.steps(scope(campaign), opened="partner", most=2)

    lines = [(line.source and line.source.utm_source, line("confirm")) for line in found.lines]
    assert lines == [(None, 10), ("p4", 4), ("p3", 3), (None, 3)]
    assert [line.is_rest for line in found.lines] == [False, False, False, True]


@pytest.mark.parametrize("number", [1, 3])
def test_sources_take_three_statements_however_many_there_are(
    campaign, places, number, django_assert_num_queries
):
    for source in places[:number]:
        note(campaign, source, "view")

    with django_assert_num_queries(3):
        sources.steps_and_money(scope(campaign), opened=EVERY)


numbers = st.lists(st.integers(0, 12), min_size=1, max_size=5)


def of_numbers(channels):
    """A channel with its sources, for each list of numbers of people."""
    lines = []
    for place, parts in enumerate(channels):
        lines.append(Line(f"c{place}", {"submit": sum(parts), "view": sum(parts)}))
        lines += [
            Line(f"c{place}", {"submit": part, "view": part}, Source(utm_source=str(count)))
            for count, part in enumerate(parts)
        ]
    total = sum(map(sum, channels))
    return Told(lines, Line("", {"submit": total, "view": total}, is_total=True))


def tells_of_few(total, parts):
    """Whether a part, or the difference that the whole leaves, is of one to four people."""
    seen = [part for part in parts if part is not None]
    if any(0 < part < 5 for part in seen):
        return True
    return total is not None and 0 < total - sum(seen) < 5


@given(st.lists(numbers, min_size=1, max_size=4))
@settings(max_examples=60)
def test_masked_figures_tell_of_nobody(channels):
    found = sources.masked(of_numbers(channels))

    heads = [line("submit") for line in found.channels]
    assert not tells_of_few(found.total("submit"), heads)
    for channel in found.channels:
        parts = [
            line("submit")
            for line in found.lines
            if line.channel == channel.channel and not line.is_channel
        ]
        assert not tells_of_few(channel("submit"), parts)
        assert channel("submit") is not None or set(parts) == {None}
    assert [line("view") for line in found.lines] == [
        line("view") for line in of_numbers(channels).lines
    ]


def test_money_of_few_is_masked_with_their_number(campaign, places):
    for _count in range(6):
        note_gift(campaign, source=places[0])
    note_gift(campaign, source=places[2])

    found = sources.masked(sources.steps_and_money(scope(campaign)))

    assert {line.channel: (line("gifts_last"), line("net_last")) for line in found.lines} == {
        "facebook": (None, None),
        "direct": (None, None),
    }
    assert (found.total("gifts_last"), found.total("gross_last")) == (7, 17_500)
