"""Undoing the steps of a merge, as far as nothing was changed since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model

from crm.people.models import Supporter
from crm.people.moving import change, field_of, swap, write
from crm.people.steps import (
    Changed,
    Dropped,
    Joined,
    Moved,
    Stayed,
    Step,
    Swapped,
    as_text,
    from_text,
    model_of,
)

EDITED, GONE, ELSEWHERE, TAKEN, REFUSED = "edited", "gone", "elsewhere", "taken", "refused"


@dataclass(frozen=True)
class Conflict:
    """What cannot be as it was, because of what happened since; `key` names it in a choice."""

    kind: str
    model: str
    row: int
    field: str = ""
    now: str | None = None
    before: str | None = None

    @property
    def key(self) -> str:
        return f"{self.model}:{self.row}:{self.field}"

    @property
    def can_be_chosen(self) -> bool:
        """Whether staff may have the old value back all the same."""
        return self.kind == EDITED


class Return:
    """The way back of what a merge did. `restore`: keys of conflicts that take the old value."""

    def __init__(
        self, *, kept: Supporter, lost: Supporter, restore: Iterable[str], at: datetime
    ) -> None:
        self.kept, self.lost, self.restore, self.at = kept, lost, frozenset(restore), at
        self.conflicts: list[Conflict] = []

    def everything(self, steps: list[Step]) -> list[Conflict]:
        ways: dict[type, Any] = {
            Moved: self.move,
            Changed: self.change,
            Dropped: self.put_back,
            Swapped: self.swap,
            Joined: self.part,
            Stayed: self.leave,
        }
        for step in reversed(steps):
            ways[type(step)](step)
        return self.conflicts

    def move(self, step: Moved) -> None:
        model = model_of(step)
        rows = model._base_manager.filter(pk__in=step.rows)
        owners = dict(rows.values_list("pk", step.field))
        here = [pk for pk in step.rows if owners.get(pk, 0) == self.kept.pk]
        for pk in step.rows:
            if pk not in here:
                self.note(ELSEWHERE if pk in owners else GONE, step.model, pk)
        if not self.written(model, here, {step.field: self.lost}):
            for pk in here:
                if not self.written(model, [pk], {step.field: self.lost}):
                    self.note(TAKEN, step.model, pk)

    def change(self, step: Changed) -> None:
        row = model_of(step)._base_manager.filter(pk=step.row).first()
        if row is None:
            self.note(GONE, step.model, step.row)
            return
        values = {}
        for name, (before, after) in step.values.items():
            now = as_text(row, field_of(row, name))
            conflict = Conflict(EDITED, step.model, step.row, name, now, before)
            if now == after or conflict.key in self.restore:
                values[name] = from_text(field_of(row, name), before)
            elif now != before:
                self.conflicts.append(conflict)
        if not self.tried(lambda: change(row, values, self.at)):
            self.note(TAKEN, step.model, step.row)

    def put_back(self, step: Dropped) -> None:
        model = model_of(step)
        row = model(
            **{
                field.attname: from_text(field, step.row[field.attname])
                for field in model._meta.local_concrete_fields
            }
        )
        if not self.tried(lambda: row.save(force_insert=True)):
            self.note(TAKEN, step.model, row.pk)

    def swap(self, step: Swapped) -> None:
        model = model_of(step)
        field: Any = model._meta.get_field(step.field)
        rows = model._base_manager.filter(pk__in=[step.taken, step.left])
        owners = dict(rows.values_list("pk", step.field))
        expected = {step.taken: self.kept.pk, step.left: self.lost.pk}
        if owners == expected:
            swap(model, field, (step.left, self.kept.pk), (step.taken, self.lost.pk))
            return
        for pk in (step.taken, step.left):
            if owners.get(pk) != expected[pk]:
                self.note(ELSEWHERE if pk in owners else GONE, step.model, pk)

    def part(self, step: Joined) -> None:
        module = import_module(step.module)
        if module.part(kept=self.kept, lost=self.lost, data=step.data, at=self.at):
            self.note(REFUSED, step.model, 0)

    def leave(self, step: Stayed) -> None:
        """Nothing was done."""

    def written(self, model: type[Model], keys: list[int], values: dict[str, Any]) -> bool:
        return self.tried(lambda: write(model, keys, values, self.at))

    def tried(self, work: Any) -> bool:
        """Do something, unless a row that was added since stands in its place."""
        try:
            with transaction.atomic():
                work()
        except IntegrityError:
            return False
        return True

    def note(self, kind: str, model: str, row: int) -> None:
        self.conflicts.append(Conflict(kind, model, row))
