"""Everything a supporter did, and what was done for them, as one list, newest first, in pages."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy

from crm.people.models import Supporter
from crm.staff import timeline_giving as giving
from crm.staff import timeline_records as records
from crm.staff import timeline_words as words
from crm.staff import timeline_work as work
from crm.staff.events import Asked, Event, Place, place_from
from crm.staff.sources import worded

PAGE = 30
GROUPS = {
    "giving": gettext_lazy("Giving"),
    "signatures": gettext_lazy("Signatures"),
    "consents": gettext_lazy("Consents"),
    "mails": gettext_lazy("Mails"),
    "work": gettext_lazy("Notes, tasks and files"),
    "data": gettext_lazy("The record"),
}


class Teller(NamedTuple):
    """Who tells a part of it, which part that is, and what the reader must be allowed."""

    tell: Callable[[Asked], Iterator[Event]]
    group: str
    fields: tuple[str, ...] = ()


# Of things that happened at one moment, what stands further up here is shown first.
TELLERS = [
    Teller(giving.plans_ended, "giving", ("gifts",)),
    Teller(giving.gifts, "giving", ("gifts",)),
    Teller(giving.plans_begun, "giving", ("gifts",)),
    Teller(giving.credits_of, "giving", ("credits", "money")),
    Teller(giving.pledges_given_up, "giving", ("pledges", "money")),
    Teller(giving.pledges_made, "giving", ("pledges", "money")),
    Teller(words.mails, "mails", ("mails",)),
    Teller(words.signatures, "signatures", ("signatures",)),
    Teller(words.consents, "consents", ("consents",)),
    Teller(work.tasks, "work", ("tasks",)),
    Teller(work.notes, "work", ("notes",)),
    Teller(work.files, "work", ("files",)),
    Teller(records.unmerges, "data", ("merges",)),
    Teller(records.merges, "data", ("merges",)),
    Teller(records.tags, "data", ("tags",)),
    Teller(records.done_by_staff, "data"),
    Teller(records.imports, "data", ("imports",)),
    Teller(records.addresses, "data", ("addresses",)),
    Teller(records.phones, "data", ("phones",)),
    Teller(records.emails, "data"),
    Teller(records.registered, "data"),
]


@dataclass(frozen=True)
class Timeline:
    """A page of it; `older` is where the next begins, as the address of a page says it."""

    events: list[Event]
    groups: list[dict[str, Any]]
    group: str
    older: str
    is_newest: bool


def page(
    supporter: Supporter, ids: list[int], may: dict[str, bool], asked: Mapping[str, str]
) -> Timeline:
    """Return the page that an address asks for, as far as the reader may see it."""
    offered = {teller.group for teller in TELLERS if is_told(teller, may)}
    group = asked.get("kind", "") if asked.get("kind") in offered else ""
    before = place_from(asked.get("before", ""))
    question = Asked(supporter, ids, may, before, PAGE + 1)
    found = sorted(told(question, group), key=lambda pair: pair[0], reverse=True)
    shown = found[:PAGE]
    older = {"before": str(shown[-1][0])} if len(found) > PAGE else {}
    return Timeline(
        events=worded([event for _place, event in shown], sees_gifts=may["gifts"]),
        groups=choices(offered, group),
        group=group,
        older=urlencode({**older, **({"kind": group} if group else {})}) if older else "",
        is_newest=before is None,
    )


def told(asked: Asked, group: str) -> Iterable[tuple[Place, Event]]:
    for rank, teller in enumerate(reversed(TELLERS)):
        if is_told(teller, asked.may) and group in ("", teller.group):
            for event in teller.tell(replace(asked, rank=rank)):
                yield Place(event.at, rank, event.pk), event


def is_told(teller: Teller, may: dict[str, bool]) -> bool:
    return all(may[field] for field in teller.fields)


def choices(offered: set[str], chosen: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "label": label, "is_chosen": name == chosen}
        for name, label in GROUPS.items()
        if name in offered
    ]
