"""All conditions there are, by subject, in the order in which they are offered."""

from typing import Any

from django.utils.translation import gettext_lazy

from crm.segments.condition import Condition
from crm.segments.conditions import belonging, campaigns, consents, gifts, people, reach

SUBJECTS: list[tuple[Any, list[type[Condition]]]] = [
    (
        gettext_lazy("Gifts"),
        [
            gifts.Gave,
            gifts.NeverGave,
            gifts.Lapsed,
            gifts.FirstOrLast,
            gifts.Regular,
            gifts.Pledged,
        ],
    ),
    (gettext_lazy("Campaigns"), [campaigns.Signed, campaigns.NeverSigned]),
    (gettext_lazy("Consents"), [consents.Agreed]),
    (
        gettext_lazy("Person"),
        [
            people.Country,
            people.Region,
            people.PostcodeRange,
            people.Language,
            people.Kind,
            people.Age,
            people.KnownSince,
            people.Origin,
        ],
    ),
    (
        gettext_lazy("How to reach them"),
        [reach.UsableEmail, reach.Bouncing, reach.UsablePhone, reach.UsableAddress],
    ),
    (
        gettext_lazy("Belongs to"),
        [belonging.Tagged, belonging.InHousehold, belonging.Related, belonging.InSegment],
    ),
]
# What tells two conditions of the same words apart in a list.
IN_LISTS = {
    gifts.FirstOrLast: gettext_lazy("gave for the first or last time"),
    gifts.Lapsed: gettext_lazy("gave before, but not this year"),
    gifts.Regular: gettext_lazy("has a regular gift"),
    gifts.Pledged: gettext_lazy("has a pledge"),
    people.Kind: gettext_lazy("is a person, or an organisation"),
    people.Language: gettext_lazy("reads a language"),
    people.Age: gettext_lazy("has an age, or a date of birth"),
    people.PostcodeRange: gettext_lazy("has a postcode, or one of some"),
    belonging.Related: gettext_lazy("is related to somebody"),
}
CONDITIONS = {each.name: each for _subject, conditions in SUBJECTS for each in conditions}


def name_in_lists(condition: type[Condition]) -> str:
    return str(IN_LISTS.get(condition, condition.label))
