"""The goal of a campaign rises before it is reached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.campaigns.goals import NEARLY, goal_for, next_round

counts = st.integers(0, 10**9)
firsts = st.integers(1, 10**8)


def test_round_numbers_are_those_that_people_use():
    steps = [900]
    while steps[-1] < 100_000:
        steps.append(next_round(steps[-1]))

    assert steps[1:] == [
        *(1_000, 1_500, 2_000, 3_000, 5_000, 7_500),
        *(10_000, 15_000, 20_000, 30_000, 50_000, 75_000, 100_000),
    ]


@pytest.mark.parametrize(
    ("count", "goal"), [(0, 1000), (949, 1000), (950, 1500), (1425, 2000), (102_911, 150_000)]
)
def test_goal_rises_when_it_is_nearly_reached(count, goal):
    assert goal_for(count, 1000, True) == goal


@given(counts, firsts)
def test_goal_that_does_not_rise_stays_as_it_was_set(count, first):
    assert (goal_for(count, first, False), goal_for(count, None, True)) == (first, None)


@given(counts, firsts)
def test_risen_goal_is_ahead_and_the_first_round_number_that_is(count, first):
    goal = goal_for(count, first, True)

    assert count * 100 < goal * NEARLY
    assert goal == first or goal == next_round(goal - 1)
    steps = [first]
    while steps[-1] < goal:
        steps.append(next_round(steps[-1]))
    assert steps[-1] == goal
    assert all(count * 100 >= step * NEARLY for step in steps[:-1])


@given(counts, counts, firsts)
def test_goal_never_falls_while_the_count_grows(one, other, first):
    less, more = sorted([one, other])

    assert goal_for(less, first, True) <= goal_for(more, first, True)
