"""What an erasure will do, part by part: what is deleted, what is emptied, what must stay."""

from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any

from django.db.models import Max, Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.privacy import beside
from crm.privacy.belongings import (
    Person,
    declared,
    declaring_models,
    person_behind,
    rows_to_erase,
    title_of,
)
from crm.privacy.fates import Fate
from crm.privacy.retention import kept_until

FOR_THE_ACCOUNTS = _("The law on accounts has us keep it.")
NAMES_NOBODY = _("What is left of it names nobody.")


@dataclass(frozen=True)
class Plan:
    """The fates of all that we hold of somebody; those of the accounts stay until `kept_until`."""

    fates: list[Fate]

    @property
    def kept_until(self) -> date | None:
        return max((fate.until for fate in self.fates if fate.until), default=None)

    @property
    def kept(self) -> list[Fate]:
        return [fate for fate in self.fates if fate.kept]

    def as_numbers(self) -> dict[str, Any]:
        """Return the plan without its words, as a request keeps it."""
        return {fate.name: fate.as_numbers() for fate in self.fates}


def plan_erasure(*, supporter: Supporter, is_thorough: bool = False) -> Plan:
    """Return what erasing somebody would do. Nothing is changed.

    `is_thorough`: what names them beside their own rows is looked for too, which takes time.
    """
    person = person_behind(supporter)
    fates = [fate_of(model, person) for model in declaring_models()]
    for part in parts_beside() if is_thorough else ():
        fates += part.plan(person)
    return Plan([fate for fate in fates if fate.rows])


def parts_beside() -> list[Any]:
    """Return the modules that know what names somebody beside their own rows."""
    paths = {declared(model).erased_by for model in declaring_models()} - {""}
    return [beside, *(import_module(path) for path in sorted(paths))]


def fate_of(model: type[Model], person: Person) -> Fate:
    """Return what becomes of a person's rows of one model."""
    data, rows = declared(model), rows_to_erase(model, person)
    name, title = model._meta.label_lower, title_of(model)
    number = rows.count()
    if not number:
        return Fate(name, title)
    if data.is_accounting:
        return Fate(name, title, kept=number, why=FOR_THE_ACCOUNTS, until=last_day(rows))
    deleted = rows.filter(data.drop).count() if data.drop is not None else 0
    left = number - deleted
    why: str | Promise = (data.proof or NAMES_NOBODY) if left else ""
    if data.erase:
        return Fate(name, title, deleted=deleted, emptied=left, why=why)
    return Fate(name, title, deleted=deleted, kept=left, why=why)


def last_day(rows: QuerySet[Model]) -> date | None:
    """Return until when the accounts keep the newest of these rows."""
    dated = declared(rows.model).dated
    newest = rows.aggregate(newest=Max(dated))["newest"] if dated else None
    if newest is None:
        return None
    day = local_day(newest) if isinstance(newest, datetime) else newest
    return kept_until(day.year)
