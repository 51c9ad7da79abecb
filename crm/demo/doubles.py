"""People who are written down twice, as happens with paper, transfers and second addresses.

Each double was somebody's slip: a letter, an accent, another address. Who is who is found
by the same code as in real life; here for some of them, for the rest by the worker.
"""

from collections import Counter
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import pghistory
from django.contrib.auth import get_user_model
from django.db.models import Count, Prefetch, QuerySet

from crm.access import Role
from crm.demo.chance import dice, public_id
from crm.demo.world import World
from crm.lib import contact
from crm.people import matching
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.deciding import merge_pair, say_different
from crm.people.duplicates import Suspicion
from crm.people.gathering import individuals
from crm.people.levels import family_forms, given_forms, postcode_key
from crm.people.merging import merge
from crm.people.models import Change, Supporter
from crm.people.operations import address_of, newcomer
from crm.people.scoring import SEVERAL, share

DOUBLES, PER_DOUBLE = 150, 12  # at most, and one to so many who live somewhere
FOUND = 24  # of them here
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


def write(world: World) -> None:
    """Write doubles, find some, and decide a few."""
    doubles = write_doubles(world.end - timedelta(hours=14), dice("doubles"))
    count_names()
    for one in doubles[:FOUND]:
        matching.match_one(one, at=world.end - timedelta(hours=13))
    decide(at=world.end - timedelta(hours=9))


def write_doubles(end: datetime, rng: Random) -> list[Supporter]:
    """Write people down once more, with the line in the change feed by which they are found."""
    known = originals(rng, before=end - timedelta(days=30))
    slips = [SLIPS[place % len(SLIPS)](one, rng) for place, one in enumerate(known)]
    new = [
        double(one, slip, place, end, rng)
        for place, (one, slip) in enumerate(zip(known, slips, strict=True))
    ]
    Supporter.objects.bulk_create(new)
    EmailAddress.objects.bulk_create(address_of(one) for one in new if one.email)
    Change.objects.bulk_create(
        Change(supporter=one, kind="registered", at=one.created_at) for one in new
    )
    threes = list(zip(known, new, slips, strict=True))
    PostalAddress.objects.bulk_create(
        copied(one.addresses.all(), other) for one, other, slip in threes if slip.has_street
    )
    Phone.objects.bulk_create(
        copied(one.phones.all(), other)
        for one, other, slip in threes
        if slip.has_phone and one.phones.all()
    )
    return new


def originals(rng: Random, *, before: datetime) -> list[Supporter]:
    """Return who is written down twice: people with a street, half of them with a telephone."""
    homes = PostalAddress.objects.filter(is_preferred=True).exclude(street="")
    people = Supporter.objects.filter(kind=Supporter.Kind.PERSON, addresses__in=homes)
    people = people.filter(created_at__lt=before)
    people = people.annotate(calls=Count("phones")).order_by("pk")
    keys = list(people.values_list("pk", "calls"))
    number = min(DOUBLES, len(keys) // PER_DOUBLE)
    reached = [key for key, calls in keys if calls]
    chosen = {*rng.sample(reached, min(number // 2, len(reached)))}
    others = [key for key, _calls in keys if key not in chosen]
    chosen |= {*rng.sample(others, number - len(chosen))}
    found = Supporter.objects.filter(pk__in=chosen).order_by("pk")
    return list(found.prefetch_related(Prefetch("addresses", queryset=homes), "phones"))


def double(one: Supporter, slip: Slip, place: int, end: datetime, rng: Random) -> Supporter:
    """Return somebody as they were written down once more, some time after the first."""
    new = newcomer(
        at=one.created_at + (end - one.created_at) * rng.uniform(0.2, 0.95),
        given_name=slip.given_name,
        family_name=slip.family_name,
        email=f"{slip.local}.{place}@example.net" if slip.local else "",
        language=one.language,
        postcode=one.postcode,
        country=str(one.country),
        source=rng.choice(["staff", "bank", "signature"]),
    )
    new.public_id = public_id(rng)
    new.birth_date = one.birth_date if slip.has_birth_date else None
    return new


def copied(rows: QuerySet[Any], other: Supporter) -> Any:
    """Return the first of somebody's addresses or telephones as their double has it."""
    row = copy(rows[0])
    row.pk, row._state.adding = None, True
    row.supporter, row.source, row.added_at = other, other.source, other.created_at
    row.is_preferred = True
    return row


def count_names() -> None:
    """Keep how frequent names and postcodes are, as a search through everybody does."""
    people, shares = individuals().count(), {}
    for name, (column, key) in COUNTED.items():
        counted: Counter[str] = Counter()
        for value, number in individuals().values_list(column).annotate(Count("pk")):
            counted[key(value) or ""] += number
        frequent = sorted(each for each in counted.items() if each[0] and each[1] >= SEVERAL)
        shares[name] = {value: share(number, people) for value, number in frequent}
    row = matching.rule()
    row.frequencies = {"people": people, "shares": shares}
    row.save(update_fields=["frequencies"])


def decide(*, at: datetime) -> None:
    """Let staff merge two pairs, call one different, and the rule have merged one."""
    staff = get_user_model().objects.filter(username=Role.FUNDRAISER).first()
    pairs = list(Suspicion.objects.open().select_related("first", "second").order_by("-score"))
    with pghistory.context(user=staff and staff.pk):
        for place, pair in enumerate(pairs[:MERGED]):
            later = at + timedelta(minutes=7 * place, seconds=11)
            merge(kept=pair.first, lost=pair.second, at=later, by=staff)
    sure = [pair for pair in pairs[MERGED:] if pair.score >= SURE]
    by_rule = at - timedelta(hours=4)
    for pair in sure:
        if merge_pair(pair.first_id, pair.second_id, least=SURE, at=by_rule):
            break
    rest = Suspicion.objects.open().order_by("score").first()
    if rest is not None:
        say_different(suspicion=rest, at=at, by=staff)
