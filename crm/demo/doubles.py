"""People who are written down twice, as happens with paper, transfers and second addresses.

Each double was somebody's slip: a letter, an order of names, another address. Who is who is found
by the same code as in real life; here for some of them, for the rest by the worker.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pghistory
from django.contrib.auth import get_user_model
from django.db.models import Count

from crm.access import Role
from crm.demo.chance import dice, public_id
from crm.demo.world import World
from crm.lib import contact
from crm.people import addressing, matching
from crm.people.deciding import merge_pair, say_different
from crm.people.duplicates import Suspicion
from crm.people.gathering import individuals
from crm.people.levels import family_forms, given_forms, postcode_key
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.people.operations import insert_newcomer, newcomer
from crm.people.scoring import RARE, SEVERAL, share

DOUBLES, PER_DOUBLE = 150, 12  # at most, and one to so many who live somewhere
FOUND = 36  # of them here
MERGED = 2  # by staff; and one by the rule
SURE = 0.95
COUNTED: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "given": ("given_name", lambda text: given_forms(text)[0]),
    "family": ("family_name", lambda text: family_forms(text)[0]),
    "postcode": ("postcode", postcode_key),
}


class Slip(NamedTuple):
    """How somebody was written down once more: their names, and what else is as it was."""

    given_name: str
    family_name: str
    has_street: bool = True
    has_phone: bool = True
    has_birth_date: bool = True
    local: str = ""  # of another e-mail address


def mistyped(text: str, rng: Random) -> str:
    """Exchange two letters that stand beside one another, not the first."""
    place = rng.randrange(1, max(2, len(text) - 1))
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


def local_of(*names: str) -> str:
    return ".".join("".join(contact.words(name)) for name in names)


SLIPS: list[Callable[[Supporter, Random], Slip]] = [
    lambda one, rng: Slip(one.given_name, mistyped(one.family_name, rng)),
    lambda one, rng: Slip(mistyped(one.given_name, rng), one.family_name, has_phone=False),
    lambda one, _rng: Slip(one.family_name, one.given_name, has_birth_date=False),
    lambda one, _rng: Slip(
        one.given_name, one.family_name, local=local_of(one.given_name[:1], one.family_name)
    ),
    lambda one, _rng: Slip(
        contact.fold(one.given_name).title(), contact.fold(one.family_name).upper(),
        has_phone=False,
    ),
    lambda one, _rng: Slip(
        one.given_name, one.family_name, has_street=False,
        local=local_of(one.family_name, one.given_name),
    ),
]  # fmt: skip


def write(world: World) -> list[Supporter]:
    """Write doubles, find some, and decide a few; return the doubles."""
    rng = dice("doubles")
    doubles = [
        double(one, SLIPS[place % len(SLIPS)](one, rng), place, world.end, rng)
        for place, one in enumerate(originals(rng))
    ]
    count_names()
    for one in doubles[:FOUND]:
        matching.match_one(one, at=world.end - timedelta(hours=3))
    decide(at=world.end - timedelta(hours=2))
    return doubles


def originals(rng: Random) -> list[Supporter]:
    """Return who is written down twice: people with a street, half of them with a telephone."""
    people = Supporter.objects.filter(kind=Supporter.Kind.PERSON, addresses__is_preferred=True)
    people = people.annotate(calls=Count("phones")).order_by("pk")
    keys = list(people.values_list("pk", "calls"))
    number = min(DOUBLES, len(keys) // PER_DOUBLE)
    reached = [key for key, calls in keys if calls]
    chosen = {*rng.sample(reached, min(number // 2, len(reached)))}
    others = [key for key, _calls in keys if key not in chosen]
    chosen |= {*rng.sample(others, number - len(chosen))}
    return list(Supporter.objects.filter(pk__in=chosen).order_by("pk"))


def double(one: Supporter, slip: Slip, place: int, end: datetime, rng: Random) -> Supporter:
    """Write somebody down once more, some time after the first."""
    at = one.created_at + (end - one.created_at) * rng.uniform(0.2, 0.95)
    source = rng.choice(["staff", "bank", "signature"])
    new = newcomer(
        at=at,
        given_name=slip.given_name,
        family_name=slip.family_name,
        email=f"{slip.local}.{place}@example.net" if slip.local else "",
        language=one.language,
        postcode=one.postcode,
        country=str(one.country),
        source=source,
    )
    new.public_id = public_id(rng)
    new.birth_date = one.birth_date if slip.has_birth_date else None
    insert_newcomer(new)
    copy(one, new, slip, source=source, at=at)
    return new


def copy(one: Supporter, new: Supporter, slip: Slip, *, source: str, at: datetime) -> None:
    """Give the double what the slip left as it was."""
    home, phone = one.addresses.filter(is_preferred=True).first(), one.phones.first()
    told: dict[str, Any] = {"supporter": new, "source": source, "at": at}
    if slip.has_street and home is not None:
        addressing.add_address(
            **told,
            street=home.street,
            postcode=home.postcode,
            town=home.town,
            country=str(home.country),
        )
    if slip.has_phone and phone is not None:
        addressing.add_phone(**told, number=phone.number)


def count_names() -> None:
    """Keep how frequent names and postcodes are, as a search through everybody does."""
    people, shares = individuals().count(), {}
    for name, (column, key) in COUNTED.items():
        counted: Counter[str] = Counter()
        for value, number in individuals().values_list(column).annotate(Count("pk")):
            counted[key(value)] += number
        known = {value: share(number, people) for value, number in counted.items()
                 if value and number >= SEVERAL}  # fmt: skip
        shares[name] = {value: part for value, part in sorted(known.items()) if part > RARE}
    row = matching.rule()
    row.frequencies = {"people": people, "shares": shares}
    row.save(update_fields=["frequencies"])


def decide(*, at: datetime) -> None:
    """Let staff merge two pairs, call one different, and the rule have merged one."""
    staff = get_user_model().objects.filter(username=Role.FUNDRAISER).first()
    pairs = list(Suspicion.objects.open().select_related("first", "second").order_by("-score"))
    with pghistory.context(user=staff and staff.pk):
        for pair in pairs[:MERGED]:
            merge(kept=pair.first, lost=pair.second, at=at, by=staff)
    sure = [pair for pair in pairs[MERGED:] if pair.score >= SURE]
    for pair in sure:
        if merge_pair(pair.first_id, pair.second_id, least=SURE, at=at):
            break
    rest = Suspicion.objects.open().order_by("score").first()
    if rest is not None:
        say_different(suspicion=rest, at=at, by=staff)
