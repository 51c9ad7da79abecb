"""What conditions cannot be, and what is said of it."""

import pytest
from django.utils import translation

from crm.people.segments import Segment
from crm.segments.known import Known
from crm.segments.tree import Invalid, check, tree_of
from tests.crm.segments import TODAY, all_of, any_of, is_
from tests.people_factories import SegmentFactory

pytestmark = pytest.mark.django_db
NO_AMOUNT = "This is not an amount, such as 25 or 12,50."
NO_CHOICE = "This cannot be chosen, or no longer."
LOWER = "The lower amount is above the higher."
LENGTH = "Both postcodes must be of the same length."
NUMBER = "A number between 1 and 1000, please."
DEEP = "Groups can stand in groups, but not deeper than this."
BACKWARDS = {"from": "2026-02-02", "to": "2026-02-01"}


def known_in(**when):
    return all_of(is_("known", when=when))


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def test_segments_that_go_in_a_circle_are_refused():
    first = SegmentFactory(name="First")
    second = SegmentFactory(conditions=all_of(is_("segment", segments=[first.pk])))
    circle = all_of(is_("segment", segments=[second.pk]))

    with pytest.raises(Invalid, match="“First” is made with this one"):
        check(circle, Known(today=TODAY), within=frozenset([first.pk]))
    Segment.objects.filter(pk=first.pk).update(conditions=circle)  # two saved at once
    with pytest.raises(Invalid, match="circle"):
        tree_of(Segment.objects.get(pk=second.pk), Known(today=TODAY))


@pytest.mark.parametrize(
    ("given", "path", "parameter", "message"),
    [
        (None, (), "", "This is no group of conditions."),
        ({"match": "some", "of": []}, (), "", "This is no group of conditions."),
        (all_of(), (), "", "There is no condition here yet."),
        (all_of(is_("nothing")), (0,), "", "There is no such condition."),
        (all_of([]), (0,), "", "There is no such condition."),
        (all_of(is_("gave", much=1)), (0,), "", "It takes no such thing: much."),
        (all_of(is_("gave", least="100")), (0,), "least", NO_AMOUNT),
        (all_of(is_("gave", least=True)), (0,), "least", NO_AMOUNT),
        (all_of(is_("gave", least=2, most=1)), (0,), "most", LOWER),
        (all_of(is_("gave", campaigns=[99])), (0,), "campaigns", NO_CHOICE),
        (all_of(is_("language")), (0,), "languages", "This is missing."),
        (all_of(is_("language", languages=[["fr"]])), (0,), "languages", NO_CHOICE),
        (known_in(kind="last", days=0), (0,), "when", "How many days? A whole number, please."),
        (known_in(kind="between"), (0,), "when", "From when, or until when? One of both at least."),
        (known_in(kind="between", to="2026-02-30"), (0,), "when", "This is not a day."),
        (known_in(kind="between", **BACKWARDS), (0,), "when", "The first day is after the last."),
        (all_of({"is": "postcode", "from": "100", "to": "2000"}), (0,), "", LENGTH),
        (all_of(is_("signed", least=10**12)), (0,), "least", NUMBER),
        (all_of(any_of(all_of(any_of(is_("gave"))))), (0, 0, 0), "", DEEP),
        (all_of(*[is_("gave")] * 51), (), "", "At most 50 conditions, please."),
    ],
)
def test_conditions_that_cannot_be_are_refused_where_they_are_wrong(
    given, path, parameter, message
):
    with pytest.raises(Invalid) as refusal:
        check(given, Known(today=TODAY))

    assert [tuple(each) for each in refusal.value.problems] == [(path, parameter, message)]


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(Invalid) as refusal:
        check(all_of(is_("language"), any_of(is_("kind"))), Known(today=TODAY))

    assert [each.path for each in refusal.value.problems] == [(0,), (1, 0)]
