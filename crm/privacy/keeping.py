"""How long everything is kept: the rules that models declare, with staff's word on them.

Nothing is deleted but by `carry_out`, which does so in small steps, each with a transaction of its
own: a table of millions is neither locked nor read into memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import DateTimeField, Field, Model, QuerySet
from django.utils import timezone
from django.utils.functional import Promise

from crm import audit
from crm.lib.periods import local_day, months_later
from crm.lib.personal import Retention
from crm.privacy.retention import first_year_kept
from crm.privacy.retention_rules import RetentionRule, RetentionRun

STEP = 1000
LONGEST = 600  # months


class NoSuchRule(Exception):
    """No model declares a rule of this name."""


class OutOfBounds(Exception):
    """The law wants these rows kept longer, or nobody keeps anything for so long."""


@dataclass(frozen=True)
class Part:
    """What a rule says of the rows of one model."""

    model: type[Model]
    declared: Retention

    @property
    def since(self) -> Field:
        """The field from which the months count."""
        *path, name = self.declared.since.split("__")
        model: Any = self.model
        for step in path:
            model = model._meta.get_field(step).related_model
        field: Field = model._meta.get_field(name)
        return field

    @property
    def is_dated(self) -> bool:
        """Whether one field tells when a row is due."""
        return not self.declared.by


@dataclass(frozen=True)
class Rule:
    """A rule as it holds now. `decided` is what staff said, None where the declaration holds."""

    key: str
    title: str | Promise
    months: int
    is_on: bool
    parts: tuple[Part, ...]
    decided: RetentionRule | None = None

    @property
    def declared(self) -> Retention:
        return self.parts[0].declared

    @property
    def empties(self) -> bool:
        """Whether rows stay, without what they told."""
        return bool(self.declared.empty)

    def with_months(self, months: int) -> "Rule":
        return Rule(self.key, self.title, months, self.is_on, self.parts, self.decided)


def rules() -> list[Rule]:
    """Return all rules, as staff decided, in the order of the models."""
    decided = {row.key: row for row in RetentionRule.objects.select_related("changed_by")}
    parts: dict[str, list[Part]] = {}
    for part in declared_parts():
        parts.setdefault(part.declared.key, []).append(part)
    return [rule_of(key, tuple(found), decided.get(key)) for key, found in parts.items()]


def rule(key: str) -> Rule:
    """Return one rule. Raises NoSuchRule."""
    parts = tuple(part for part in declared_parts() if part.declared.key == key)
    if not parts:
        raise NoSuchRule(key)
    return rule_of(key, parts, RetentionRule.objects.filter(key=key).first())


def declared_parts() -> Iterator[Part]:
    for model in apps.get_models():
        found = getattr(model, "retention", ())
        for retention in (found,) if isinstance(found, Retention) else found:
            yield Part(model, retention)


def rule_of(key: str, parts: tuple[Part, ...], decided: RetentionRule | None) -> Rule:
    said: Any = decided or parts[0].declared
    return Rule(key, parts[0].declared.title, said.months, said.is_on, parts, decided)


def before(rule: Rule, now: datetime) -> datetime:
    """Return the moment before which what a rule is about is kept no longer."""
    then = months_later(now, -rule.months)
    if not rule.declared.full_years:
        return then
    year = min(local_day(then).year, first_year_kept(local_day(now)))
    return timezone.make_aware(datetime(year, 1, 1))  # noqa: DTZ001 (made aware of our own zone)


def due(rule: Rule, now: datetime) -> list[QuerySet[Model]]:
    """Return what is kept no longer, model by model."""
    limit = before(rule, now)
    return [rows_of(part, limit) for part in rule.parts]


def number_due(rule: Rule, now: datetime) -> int:
    return sum(rows.count() for rows in due(rule, now))


def rows_of(part: Part, limit: datetime) -> QuerySet[Model]:
    if part.declared.by:
        return import_module(part.declared.by).due(limit)
    edge: datetime | date = limit
    if not isinstance(part.since, DateTimeField):
        edge = local_day(limit)
    rows = part.model._default_manager.filter(part.declared.of)
    return rows.filter(**{f"{part.declared.since}__lt": edge})


def carry_out(rule: Rule, now: datetime, *, step: int = STEP) -> int:
    """Delete or empty what is due, step by step, and note how many rows it was.

    What was done before something failed is noted too.
    """
    limit, number = before(rule, now), 0
    try:
        for part in rule.parts:
            for done in steps(part, limit, now, step):
                number += done
    finally:
        RetentionRun.objects.create(key=rule.key, before=limit, rows=number, at=now)
    return number


def steps(part: Part, limit: datetime, now: datetime, step: int) -> Iterator[int]:
    """Do what is to be done, and yield on how many rows it was after each step."""
    last, left = 0, part.declared.most
    while True:
        size = min(step, left) if part.declared.most else step
        rows = rows_of(part, limit).filter(pk__gt=last).order_by("pk")
        keys = list(rows.values_list("pk", flat=True)[:size]) if size else []
        if not keys:
            return
        yield take(part, keys, limit, now)
        last, left = keys[-1], left - len(keys)


def take(part: Part, keys: list[Any], limit: datetime, now: datetime) -> int:
    """Do it to these rows, as far as it still holds for them."""
    with transaction.atomic():
        rows = rows_of(part, limit).filter(pk__in=keys)
        if part.declared.by:
            return import_module(part.declared.by).apply(rows, limit, now)
        # Whoever changes a row meanwhile is waited for, and it is looked at again. Once more by
        # their keys: what follows other tables cannot be updated.
        found = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        rows = part.model._default_manager.filter(pk__in=found)
        if part.declared.empty:
            return rows.update(**part.declared.empty)
        rows.delete()
        return len(found)


@transaction.atomic
def decide(*, key: str, months: int, is_on: bool, by: Any, at: datetime) -> RetentionRule:
    """Set how long something is kept, and whether that is carried out every night.

    Raises NoSuchRule and OutOfBounds.
    """
    if not least_of(rule(key), at) <= months <= LONGEST:
        raise OutOfBounds(key)
    told = {"months": months, "is_on": is_on, "changed_at": at, "changed_by": by}
    decided, _is_new = RetentionRule.objects.update_or_create(key=key, defaults=told)
    audit.log("retentionrule.changed", decided, by=by, at=at, months=months, is_on=is_on, rule=key)
    return decided


def least_of(rule: Rule, now: datetime) -> int:
    """Return the fewest months that may be set."""
    if not rule.declared.full_years:
        return rule.declared.least
    today = local_day(now)
    return 12 * (today.year - first_year_kept(today))


def last_runs() -> dict[str, RetentionRun]:
    """Return the newest run of each rule."""
    runs = RetentionRun.objects.order_by("key", "-at").distinct("key")
    return {run.key: run for run in runs}
