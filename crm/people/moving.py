"""Moving the rows of one record to another, whichever app they belong to."""

from collections import defaultdict
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from django.db import connection
from django.db.models import Exists, Field, ForeignKey, Model, Q, UniqueConstraint
from django.utils.module_loading import import_string

from crm.lib.merging import STAYS, Flag, Merging
from crm.people.models import Supporter
from crm.people.steps import Changed, Dropped, Joined, Moved, Stayed, Step, Swapped, as_text

PARKED = -1  # no supporter has this key; it is looked up only when the transaction ends


@cache
def relations() -> dict[type[Model], tuple[ForeignKey, ...]]:
    """Return every model of every app that points to supporters, and by which fields."""
    found: dict[type[Model], list[ForeignKey]] = defaultdict(list)
    fields: list[Any] = Supporter._meta.get_fields(include_hidden=True)
    for relation in fields:
        if relation.auto_created and not relation.concrete:
            found[relation.related_model].append(relation.field)
    return {model: tuple(fields) for model, fields in found.items()}


def declared(model: type[Model]) -> Merging:
    """What a model says of its rows. History speaks of records: it stays where it is."""
    if model.personal_data.is_history:  # type: ignore[attr-defined]
        return STAYS
    return model.merging  # type: ignore[attr-defined]


@cache
def moving() -> dict[type[Model], tuple[ForeignKey, ...]]:
    return {model: fields for model, fields in relations().items() if declared(model).moves}


def held(kept: Supporter, lost: Supporter) -> list[type[Model]]:
    """Return the models that a merge concerns, in one question to the database.

    Those come first whose rows look at what others of the same supporter say.
    """
    asked = [Exists(model._base_manager.filter(concerned(model, kept, lost))) for model in moving()]
    found = Supporter.objects.filter(pk=lost.pk).values_list(*asked).get()
    models = [
        model
        for model, is_held in zip(moving(), found, strict=True)
        if is_held or declared(model).by
    ]
    return sorted(models, key=lambda model: not declared(model).apart)


def points_to(model: type[Model], supporter: Supporter) -> Q:
    theirs = Q()
    for field in moving()[model]:
        theirs |= Q(**{field.name: supporter.pk})
    return theirs


def concerned(model: type[Model], kept: Supporter, lost: Supporter) -> Q:
    """Rows of the lost record, and those of the kept one that would be about itself."""
    rows = points_to(model, lost)
    for name, path in declared(model).apart:
        rows |= Q(**{name: kept.pk, path: lost.pk})
    return rows


def newest_keys() -> dict[str, int | None]:
    """Return the last key of each model: what has a higher one was added later."""
    ask = "(SELECT max(id) FROM {table})"
    tables = {model._meta.label: model._meta.db_table for model in moving()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(ask.format(table=table) for table in tables.values()))
        return dict(zip(tables, cursor.fetchone(), strict=True))


class Move:
    """One record's rows on their way to another; `steps` is what was done."""

    def __init__(
        self, *, kept: Supporter, lost: Supporter, sides: dict[str, str], at: datetime
    ) -> None:
        self.kept, self.lost, self.sides, self.at = kept, lost, sides, at
        self.steps: list[Step] = []

    def everything(self) -> list[Step]:
        for model in held(self.kept, self.lost):
            merging = declared(model)
            if merging.by:
                module = import_module(merging.by)
                data = module.join(kept=self.kept, lost=self.lost, at=self.at)
                self.steps.append(Joined(merging.by, model._meta.label, data))
            elif is_plain(model):
                self.move_all(model)
            else:
                self.move_each(model)
        return self.steps

    def move_all(self, model: type[Model]) -> None:
        """Move rows of which there may be any number."""
        for field in moving()[model]:
            rows = model._base_manager.filter(**{field.name: self.lost})
            keys = list(rows.order_by("pk").values_list("pk", flat=True))
            self.write(model, keys, {field.attname: self.kept.pk})
            self.steps.append(Moved(model._meta.label, field.name, keys))

    def move_each(self, model: type[Model]) -> None:
        """Move rows of which some may be one too many."""
        rows = model._base_manager.filter(concerned(model, self.kept, self.lost))
        theirs = list(rows.order_by("pk"))
        kinds = {tuple(getattr(row, name) for name in declared(model).alike) for row in theirs}
        staying = {kind for kind in kinds if kind and self.is_known(model, kind)}
        for row in theirs:
            if tuple(getattr(row, name) for name in declared(model).alike) in staying:
                self.steps.append(Stayed(model._meta.label, row.pk))
            else:
                self.move_one(row)

    def is_known(self, model: type[Model], kind: tuple[Any, ...]) -> bool:
        alike = dict(zip(declared(model).alike, kind, strict=True))
        return model._base_manager.filter(points_to(model, self.kept), **alike).exists()

    def move_one(self, row: Model) -> None:
        model, merging = type(row), declared(type(row))
        if self.is_about_itself(row):
            if merging.itself is None:
                self.drop(row)
            else:
                self.change(row, merging.itself(self.at))
            return
        places = self.places(row)
        if (mirror := mirror_of(row, places)) is not None:
            self.settle(row, mirror)
            return
        for constraint in constraints(model):
            rival = clashing(row, places, constraint)
            flag = merging.flags.get(constraint.name)
            if rival is not None and flag is not None:
                self.take_flag(row, rival, flag)
            elif rival is not None:
                self.settle(row, rival)
                return
        self.place(row, places)

    def is_about_itself(self, row: Model) -> bool:
        """Whether a row would make somebody something to themselves."""
        pair = {self.kept.pk, self.lost.pk}
        for name, path in declared(type(row)).apart:
            one, other = (follow(row, way) for way in (name, path))
            if one == self.lost.pk and other in pair:
                return True
            if one == self.kept.pk and other == self.lost.pk:
                return True
        return False

    def places(self, row: Model) -> dict[str, int]:
        """What the row's fields that point to supporters will be."""
        fields = moving()[type(row)]
        keys = [getattr(row, field.attname) for field in fields]
        keys = [self.kept.pk if key == self.lost.pk else key for key in keys]
        if declared(type(row)).ordered:
            keys = sorted(keys)
        return {field.attname: key for field, key in zip(fields, keys, strict=True)}

    def place(self, row: Model, places: dict[str, int]) -> None:
        if declared(type(row)).ordered:
            self.change(row, places)
            return
        for field in moving()[type(row)]:
            if getattr(row, field.attname) == self.lost.pk:
                self.write(type(row), [row.pk], {field.attname: self.kept.pk})
                self.steps.append(Moved(row._meta.label, field.name, [row.pk]))

    def take_flag(self, row: Model, rival: Model, flag: Flag) -> None:
        loser = rival if self.sides.get(flag.follows) == "lost" else row
        self.change(loser, {flag.field: False})

    def settle(self, row: Model, rival: Model) -> None:
        """Decide which of two rows is the kept record's, and what becomes of the other one."""
        merging = declared(type(row))
        if merging.combined is not None:
            self.change(rival, merging.combined(row, rival))
        if not merging.stays:
            self.drop(row)
        elif merging.is_better is not None and merging.is_better(row, rival):
            self.swap(row, rival)
            self.change(rival, merging.left)
        else:
            self.steps.append(Stayed(row._meta.label, row.pk))
            self.change(row, merging.left)

    def swap(self, taken: Model, left: Model) -> None:
        field = moving()[type(taken)][0]
        swap(type(taken), field, (left.pk, self.lost.pk), (taken.pk, self.kept.pk))
        self.steps.append(Swapped(taken._meta.label, field.name, taken.pk, left.pk))

    def change(self, row: Model, values: dict[str, Any]) -> None:
        if step := change(row, values, self.at):
            self.steps.append(step)

    def drop(self, row: Model) -> None:
        # Not by a serializer, whose JSON cuts moments to milliseconds.
        noted = {field.attname: as_text(row, field) for field in row._meta.local_concrete_fields}
        self.steps.append(Dropped(row._meta.label, noted))
        row.delete()

    def write(self, model: type[Model], keys: list[int], values: dict[str, Any]) -> None:
        write(model, keys, values, self.at)


def is_plain(model: type[Model]) -> bool:
    """Whether two rows of a model never get into each other's way."""
    merging = declared(model)
    return not (constraints(model) or merging.apart or merging.alike)


class Alone(UniqueConstraint):
    """One row per supporter, said by the field and not by a constraint of the model."""

    def __init__(self, field: Field) -> None:
        super().__init__(fields=[field.name], name=f"{field.name}_alone")


@cache
def constraints(model: type[Model]) -> tuple[UniqueConstraint, ...]:
    """Return what lets a supporter have only one of some rows."""
    pointing = {field.name for field in moving()[model]}
    single = [Alone(field) for field in moving()[model] if field.unique]
    unique = [each for each in model._meta.constraints if isinstance(each, UniqueConstraint)]
    return (*single, *(each for each in unique if pointing & set(each.fields)))


def clashing(row: Model, places: dict[str, int], constraint: UniqueConstraint) -> Model | None:
    """Return the row that is there already, if this one cannot be put beside it."""
    found = type(row)._base_manager.exclude(pk=row.pk)
    if constraint.condition is not None:
        if not type(row)._base_manager.filter(constraint.condition, pk=row.pk).exists():
            return None
        found = found.filter(constraint.condition)
    for name in constraint.fields:
        attname = row._meta.get_field(name).attname  # type: ignore[union-attr]
        value = places.get(attname, getattr(row, attname))
        if value is None and constraint.nulls_distinct is not False:
            return None
        found = found.filter(
            **({f"{attname}__isnull": True} if value is None else {attname: value})
        )
    return found.first()


def mirror_of(row: Model, places: dict[str, int]) -> Model | None:
    """Return the row that says already, from the other side, what this one would say."""
    mirrored = declared(type(row)).mirrored
    like = mirrored(row) if mirrored is not None else None
    if like is None:
        return None
    one, other = places
    turned = {one: places[other], other: places[one]}
    return type(row)._base_manager.filter(**like, **turned).first()


def follow(row: Any, path: str) -> int | None:
    """Return the key of the supporter at the end of a path."""
    *ways, last = path.split("__")
    for way in ways:
        row = getattr(row, way)
    return getattr(row, f"{last}_id")


def write(model: type[Model], keys: list[int], values: dict[str, Any], at: datetime) -> None:
    dated = declared(model).dated if model in relations() else ""
    now = {dated: at} if dated else {}
    model._base_manager.filter(pk__in=keys).update(**values, **now)


def change(row: Model, values: dict[str, Any], at: datetime) -> Changed | None:
    """Write what is different, tell whoever wants to know, and return what it was."""
    fields = [(field_of(row, name), value) for name, value in values.items()]
    fields = [(field, value) for field, value in fields if getattr(row, field.attname) != value]
    if not fields:
        return None
    before = {field.attname: as_text(row, field) for field, _value in fields}
    for field, value in fields:
        setattr(row, field.attname, value)
    write(type(row), [row.pk], {field.attname: value for field, value in fields}, at)
    if told := declared(type(row)).told:
        import_string(told)(row=row, before=before, at=at)
    after = {field.attname: as_text(row, field) for field, _value in fields}
    return Changed(row._meta.label, row.pk, {name: [before[name], after[name]] for name in before})


def field_of(row: Model, name: str) -> Any:
    """Return a field by its name, or by that of its column."""
    return next(each for each in row._meta.concrete_fields if name in (each.name, each.attname))


def swap(model: type[Model], field: Field, first: tuple[int, int], second: tuple[int, int]) -> None:
    """Give each of two rows, by their keys, another supporter: each the other's."""
    rows = model._base_manager
    rows.filter(pk=first[0]).update(**{field.attname: PARKED})
    rows.filter(pk=second[0]).update(**{field.attname: second[1]})
    rows.filter(pk=first[0]).update(**{field.attname: first[1]})
