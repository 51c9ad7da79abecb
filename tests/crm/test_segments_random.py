"""Whatever happened to people, conditions select whom a plain reading of the rows selects."""

from collections import defaultdict
from datetime import datetime

import pytest
from django.utils import timezone

from crm.donations.models import Entry
from crm.people.households import Relationship
from crm.people.models import Supporter
from tests.crm.segment_world import WHENS, World
from tests.crm.segments import TODAY, is_, who

pytestmark = pytest.mark.django_db


def is_in(day, when):
    """Whether a day, or the local day of a moment, is meant."""
    if isinstance(day, datetime):
        day = timezone.localtime(day).date()
    if when is None:
        return True
    if day is None:
        return False
    kind = when["kind"]
    if kind == "last":
        return (TODAY - day).days <= when["days"]
    if kind == "older":
        return (TODAY - day).days > when["days"]
    if kind == "between":
        return when.get("from", "0") <= day.isoformat() <= when.get("to", "9")
    return day.year == (2026 if kind == "this_year" else 2025)


def age(born):
    return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))


def kept(gift):
    back = [entry.amount for entry in Entry.objects.filter(gift=gift) if entry.kind != "payment"]
    return gift.amount + sum(back)


def gifts(person):
    paid = [gift for gift in person.gifts.all() if gift.status == "paid" and gift.kind == "money"]
    return [gift for gift in paid if kept(gift) > 0]


def gave(person, values):
    meant = [
        gift
        for gift in gifts(person)
        if is_in(gift.received_on, values.get("when"))
        and gift.method in values.get("methods", [gift.method])
        and gift.campaign_id in values.get("campaigns", [gift.campaign_id])
        and values.get("one_least", 0) <= kept(gift) <= values.get("one_most", 10**9)
    ]
    total = sum(map(kept, meant))
    return bool(meant) and (
        values.get("least", 0) <= total <= values.get("most", 10**9)
        and values.get("times", 0) <= len(meant) <= values.get("times_most", 10**9)
    )


def lapsed(person, values):
    years = {gift.received_on.year for gift in gifts(person)}
    before = {2025} if values["before"] == "last" else set(range(2000, 2026))
    return bool(years & before) and 2026 not in years


def turn(person, values):
    days = sorted(gift.received_on for gift in gifts(person))
    return bool(days) and is_in(days[0 if values["which"] == "first" else -1], values["when"])


def regular(person, values):
    states = {"running": ["active", "past_due"], "failing": ["past_due"]}
    wanted = states.get(values["state"], [values["state"]])
    moment = "ended_at" if values["state"] == "ended" else "started_at"
    return any(
        plan.status in wanted
        and plan.amount >= values.get("least", 0)
        and is_in(getattr(plan, moment), values.get("when"))
        for plan in person.plans.all()
    )


def signed(person, values):
    states = {"any": ["pending", "confirmed"], "pending": ["pending"], "confirmed": ["confirmed"]}
    meant = [
        each
        for each in person.signatures.all()
        if each.status in states[values.get("state", "confirmed")]
        and each.campaign_id in values.get("campaigns", [each.campaign_id])
        and is_in(each.signed_at, values.get("when"))
    ]
    return max(values.get("least", 1), 1) <= len(meant) <= values.get("most", 10**9)


def consent(person, values):
    state = person.consent_states.first()
    if values["answer"] == "never":
        return state is None
    return (
        state is not None
        and state.given == (values["answer"] == "yes")
        and is_in(state.since, values.get("when"))
    )


def postcode(person, values):
    low, high = values.get("from", ""), values.get("to", "")
    length = len(low or high)
    return bool(person.postcode) and (
        (not length or len(person.postcode) == length) and low <= person.postcode <= (high or "~")
    )


def related(person, values):
    rows = [
        row
        for row in Relationship.objects.filter(kind__in=values["kinds"])
        if row.ends_on is None or row.ends_on >= TODAY
    ]
    return any(
        row.supporter_id == person.pk or (row.kind == "partner" and row.other_id == person.pk)
        for row in rows
    )


def born(person, values):
    known = person.birth_date
    return known is not None and values.get("least", 0) <= age(known) <= values.get("most", 200)


def has_address(person, _values):
    return any(
        each.street
        and each.status in ("unverified", "verified")
        and (each.ends_on is None or each.ends_on >= TODAY)
        for each in person.addresses.all()
    )


NAIVE = {
    "gave": gave,
    "never_gave": lambda person, values: not gifts(person),
    "lapsed": lapsed,
    "turn": turn,
    "regular": regular,
    "signed": signed,
    "never_signed": lambda person, values: not signed(person, {"state": "any"}),
    "consent": consent,
    "country": lambda person, values: str(person.country) in values["countries"],
    "postcode": postcode,
    "language": lambda person, values: person.language in values["languages"],
    "kind": lambda person, values: person.kind in values["kinds"],
    "age": born,
    "known": lambda person, values: is_in(person.created_at, values["when"]),
    "tagged": lambda person, values: any(
        each.tag_id in values["tags"] and is_in(each.tagged_at, values.get("when"))
        for each in person.taggings.all()
    ),
    "household": lambda person, values: hasattr(person, "membership"),
    "related": related,
    "has_email": lambda person, values: person.emails.filter(
        address=person.email, status="good"
    ).exists(),
    "bouncing": lambda person, values: person.emails.filter(status="bouncing").exists(),
    "has_phone": lambda person, values: person.phones.filter(status="good").exists(),
    "has_address": has_address,
}


def asked(world):
    """Many conditions, each with values that were drawn."""
    pick = world.chance.choice
    campaigns = [world.campaigns[0].pk, world.campaigns[1].pk]
    tags = [tag.pk for tag in world.tags]
    whens = [when for when in WHENS if when]
    for _number in range(12):
        yield (
            "gave",
            {
                "least": pick([None, 500, 1000, 2501]),
                "most": pick([None, 2501, 5000]),
                "one_least": pick([None, None, 500, 1000]),
                "one_most": pick([None, None, 1000]),
                "times": pick([None, None, 2]),
                "times_most": pick([None, None, 2]),
                "when": pick(WHENS),
                "campaigns": pick([None, None, campaigns]),
                "methods": pick([None, None, ["cash"]]),
            },
        )
        yield (
            "signed",
            {
                "state": pick([None, "pending", "any"]),
                "campaigns": pick([None, campaigns]),
                "when": pick(WHENS),
                "least": pick([None, 1, 2]),
                "most": pick([None, 2]),
            },
        )
    for when in WHENS:
        yield "regular", {"state": pick(["running", "failing", "paused", "ended"]), "when": when,
                          "least": pick([None, 1000])}  # fmt: skip
        yield "consent", {"answer": pick(["yes", "no"]), "purpose": "newsletter", "when": when}
        yield "tagged", {"tags": pick([tags[:1], tags]), "when": when}
    for when in whens:
        yield "turn", {"which": pick(["first", "last"]), "when": when}
        yield "known", {"when": when}
    yield from [
        ("never_gave", {}),
        ("lapsed", {"before": "last"}),
        ("lapsed", {"before": "ever"}),
        ("never_signed", {}),
        ("consent", {"answer": "never", "purpose": "newsletter"}),
        ("country", {"countries": ["BE", "FR"]}),
        ("postcode", {}),
        ("postcode", {"from": "1000", "to": "1299"}),
        ("postcode", {"to": "1299"}),
        ("postcode", {"from": "1299"}),
        ("language", {"languages": ["nl"]}),
        ("kind", {"kinds": ["person"]}),
        *(("age", {"least": least, "most": most}) for least in (None, 18) for most in (None, 17, 22)
          if (least, most) != (18, 17)),
        ("household", {}),
        *(("related", {"kinds": [kind]}) for kind in ("partner", "parent", "member")),
        ("has_email", {}),
        ("bouncing", {}),
        ("has_phone", {}),
        ("has_address", {}),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_conditions_select_whom_a_plain_reading_selects(seed):
    world = World(seed)
    standing = list(Supporter.objects.filter(erased_at=None).order_by("pk"))
    found, expected = defaultdict(list), defaultdict(list)

    for name, drawn in asked(world):
        values = {key: value for key, value in drawn.items() if value is not None}
        said = (name, str(values))
        found[said] = who(is_(name, **values))
        expected[said] = [p.given_name for p in standing if NAIVE[name](p, values)]

    assert found == expected
