"""Inserting a row that may be there already, with all that belongs to it, in one round trip.

A statement is written once for each shape of rows, and prepared once by each connection: when many
come at once, the database neither reads nor plans it anew.
"""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    CharField,
    DateTimeField,
    Field,
    ForeignKey,
    Model,
    TextField,
    UUIDField,
)
from django.db.models.expressions import DatabaseDefault
from procrastinate.tasks import Task

FIRST = "INSERT INTO {table} ({columns}) SELECT {terms}{where} ON CONFLICT DO NOTHING"
OTHER = "INSERT INTO {table} ({columns}) SELECT {terms} FROM {earlier}{where}"
DRAW = "nextval(pg_get_serial_sequence('{table}', 'id'))"
RESULT = "(SELECT {} FROM row{})"
TOGETHER = "WITH {inserts} SELECT {results} FROM row0"
VALUE, LEFT_OUT = "%s", ""
PLAIN = {CharField: str, TextField: str, UUIDField: UUID, DateTimeField: datetime}
JOB = """INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, scheduled_at)
SELECT %s, %s, {lock}, {moment} FROM row0 ON CONFLICT DO NOTHING"""
AT_ONCE = JOB.format(lock="NULL", moment="NULL")
# Whoever commits later than its moment waits for the clock's job, as what a dead worker left does.
SHARED = JOB.format(
    lock="%s || ':' || floor(extract(epoch FROM now()))",
    moment="date_trunc('second', now()) + interval '2 seconds'",
)


class Answer(NamedTuple):
    """A value that the database finds while it writes: of each `{}` a row, of each `%s` a value."""

    sql: str
    values: tuple[Any, ...] = ()
    rows: tuple[Model, ...] = ()


class Maybe(NamedTuple):
    """A row without which the others are written too: it may be there, or `only_if` be false."""

    row: Model
    only_if: Answer | None = None


class Column(NamedTuple):
    name: str
    field: Any
    plain: type | None  # what goes to the database as it is
    is_link: bool


class Shape(NamedTuple):
    """All of a row but its values: its term for each column says where that comes from."""

    model: type[Model]
    terms: tuple[str | int, ...]  # a number is another row's
    condition: str = ""
    may_be_there: bool = False


class Prepared(psycopg.RawCursor[Any]):
    """Runs a statement with these values, prepared where the connection may prepare any."""

    def __init__(self, connection: psycopg.Connection[Any], values: list[Any]) -> None:
        super().__init__(connection)
        self.values = values

    def execute(self, query: Any, *_nothing: Any, **_options: Any) -> "Prepared":
        return super().execute(query, self.values, prepare=True)


class Statement:
    """Insertions of rows that point to rows before or after them, as one statement."""

    def __init__(self, rows: list[Model]) -> None:
        self.connection = connections[DEFAULT_DB_ALIAS]
        self.rows = rows
        self.places = {id(row): place for place, row in enumerate(rows)}
        self.shapes: list[Shape] = []
        self.values: list[Any] = []

    def insert(self, row: Model, condition: Answer | None, *, may_be_there: bool) -> None:
        terms = tuple([self.term(row, column) for column in columns_of(type(row))])
        told = self.ask(condition) if condition else ""
        self.shapes.append(Shape(type(row), terms, told, may_be_there))

    def term(self, row: Model, column: Column) -> str | int:
        """Return where a column's value comes from, and keep it if that is from here."""
        value = row.__dict__[column.field.attname]
        if value is None and column.is_link:
            target = column.field.get_cached_value(row, default=None)
            if id(target) in self.places:
                return self.places[id(target)]
            value = target and target.pk
        kind = type(value)
        if kind is column.plain or value is None:
            self.values.append(value)
        elif kind is DatabaseDefault:
            return LEFT_OUT
        elif kind is Answer:
            return self.ask(value)
        else:
            self.values.append(column.field.get_db_prep_save(value, self.connection))
        return VALUE

    def ask(self, answer: Answer) -> str:
        self.values += answer.values
        return answer.sql.format(*[f"row{self.places[id(row)]}" for row in answer.rows])

    def defer(self, task: Task, *, is_shared: bool) -> str:
        self.values += [task.queue, task.name, *([task.name] if is_shared else [])]
        return SHARED if is_shared else AT_ONCE

    def execute(self, job: str) -> bool:
        """Write; return whether the first row was new. If so, all that were written have ids."""
        shapes = tuple(self.shapes)
        sql = written(shapes, job)
        if self.connection.execute_wrappers:
            # Who notes who acts puts something in front, with values of its own.
            with self.connection.cursor() as cursor:
                cursor.execute(sql, self.values)
                found = cursor.fetchone()
        else:
            with self.cursor() as cursor:
                cursor.execute(numbered(sql))
                found = cursor.fetchone()
        if found is None:
            return False
        for (place, name), value in zip(given(shapes), found, strict=True):
            setattr(self.rows[place], name, value)
        for row in self.rows:
            if row.pk is not None:
                mark_written(row)
        return True

    def cursor(self) -> Any:
        """Return a cursor that Django knows of: it counts, and tells its own errors."""
        self.connection.ensure_connection()
        with self.connection.wrap_database_errors:
            raw = Prepared(self.connection.connection, self.values)
        logged = self.connection.queries_logged
        wrap = self.connection.make_debug_cursor if logged else self.connection.make_cursor
        return wrap(raw)  # type: ignore[arg-type]


def insert_unless_there(
    first: Model,
    *others: Model | Maybe,
    only_if: Answer | None = None,
    task: Task | None = None,
    is_shared: bool = False,
) -> bool:
    """Insert `first`, unless it is there or `only_if` is false; return whether it was new.

    If it was, the others and a job of the task are written too: all of it, or nothing. The rows
    may point to each other, though none has an id yet. A shared job is one for all who ask for it
    in the same second, and begins a moment later.
    """
    rest = [other if isinstance(other, Maybe) else Maybe(other) for other in others]
    statement = Statement([first, *(other.row for other in rest)])
    statement.insert(first, only_if, may_be_there=True)
    for other, given_as in zip(rest, others, strict=True):
        statement.insert(other.row, other.only_if, may_be_there=other is given_as)
    return statement.execute(statement.defer(task, is_shared=is_shared) if task else "")


@cache
def columns_of(model: type[Model]) -> tuple[Column, ...]:
    """Return the columns that we write; the database fills the others."""
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    fields = [f for f in model._meta.local_concrete_fields if not (f.primary_key or f.generated)]
    return tuple(
        Column(quote(str(field.column)), field, plain_type(field), isinstance(field, ForeignKey))
        for field in fields
    )


def plain_type(field: Field) -> type | None:
    """Return of which type a value needs no preparing, as most of them."""
    return next((plain for kind, plain in PLAIN.items() if isinstance(field, kind)), None)


@cache
def written(shapes: tuple[Shape, ...], job: str) -> str:
    """Return the statement for rows of such shapes."""
    drawn: dict[int, str] = {}
    inserts = [f"row{n} AS ({insertion(n, shape, drawn)})" for n, shape in enumerate(shapes)]
    if job:
        inserts.append(f"job AS ({job})")
    results = [RESULT.format(name, place) for place, name in given(shapes)]
    return TOGETHER.format(inserts=", ".join(inserts), results=", ".join(results))


@cache
def numbered(sql: str) -> str:
    """Return a statement with its values as PostgreSQL itself counts them."""
    parts = sql.split(VALUE)
    return "".join(f"{part}${n}" for n, part in enumerate(parts[:-1], start=1)) + parts[-1]


def insertion(number: int, shape: Shape, drawn: dict[int, str]) -> str:
    """Return the insertion of one row; `drawn` says where the ids of later rows were drawn."""
    columns, terms, returned = [], [], ["id"]
    earlier = dict.fromkeys(["row0"])
    if number in drawn:
        columns, terms = ["id"], [drawn[number]]
        earlier[drawn[number].partition(".")[0]] = None
    for column, term in zip(columns_of(shape.model), shape.terms, strict=True):
        if term == LEFT_OUT:
            continue
        columns.append(column.name)
        if isinstance(term, str):
            terms.append(term)
        elif term < number:
            terms.append(f"row{term}.id")
            earlier[f"row{term}"] = None
        else:
            terms.append(DRAW.format(table=column.field.remote_field.model._meta.db_table))
            drawn[term] = f"row{number}.{column.name}"
        if term != VALUE:
            returned.append(column.name)
    insert = (OTHER if number else FIRST).format(
        table=connections[DEFAULT_DB_ALIAS].ops.quote_name(shape.model._meta.db_table),
        columns=", ".join(columns),
        terms=", ".join(terms),
        earlier=", ".join(earlier),
        where=f" WHERE {shape.condition}" if shape.condition else "",
    )
    conflict = " ON CONFLICT DO NOTHING" if number and shape.may_be_there else ""
    return f"{insert}{conflict} RETURNING {', '.join(returned)}"


@cache
def given(shapes: tuple[Shape, ...]) -> tuple[tuple[int, str], ...]:
    """Return what the statement answers: of each row the id, and what the database found."""
    found = [(place, "id") for place in range(len(shapes))]
    for place, shape in enumerate(shapes):
        for column, term in zip(columns_of(shape.model), shape.terms, strict=True):
            if isinstance(term, str) and term not in {VALUE, LEFT_OUT}:
                found.append((place, column.field.attname))
    return tuple(found)


def mark_written(row: Model) -> None:
    """Let a row know that it is there, and the ids of the rows that it points to."""
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    for column in columns_of(type(row)):
        if column.is_link and column.field.is_cached(row):
            setattr(row, column.field.name, getattr(row, column.field.name))
