"""Inserting a row that may be there already, with all that belongs to it, in one round trip.

A statement is written once for each shape of rows, and prepared once by each connection: when many
come at once, the database neither reads nor plans it anew.
"""

from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import (
    Choices,
    Model,
)
from django.db.models.expressions import DatabaseDefault
from procrastinate.tasks import Task

from crm.lib.row_shapes import (
    LEFT_OUT,
    MOMENT,
    NOTHING,
    VALUE,
    Column,
    Shape,
    columns_of,
    links_of,
    written,
)

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
        # Who notes who acts puts something in front, with values of its own.
        self.is_wrapped = bool(self.connection.execute_wrappers)
        # Most rows are dated by the same one, which is sent once.
        self.moment: datetime | None = None

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
        if value is None:
            return NOTHING
        kind = type(value)
        if kind is DatabaseDefault:
            return LEFT_OUT
        if kind is Answer:
            return self.ask(value)
        if isinstance(value, Choices):
            return f"'{value.value}'"  # a word of our own, which is the same each time
        return self.bind(value, column, is_plain=kind is column.plain)

    def bind(self, value: Any, column: Column, *, is_plain: bool) -> str:
        """Keep a value that the statement is given."""
        if not is_plain:
            value = column.field.get_db_prep_save(value, self.connection)
        elif column.plain is datetime and not self.is_wrapped:
            self.moment = self.moment or value
            if value is self.moment:
                return MOMENT
        self.values.append(value)
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
        if self.moment is not None:
            self.values.append(self.moment)
        sql, answers = written(shapes, job, numbered=not self.is_wrapped)
        with self.connection.cursor() if self.is_wrapped else self.cursor() as cursor:
            cursor.execute(sql, self.values if self.is_wrapped else None)
            found = cursor.fetchone()
        if found is None:
            return False
        for (place, name), value in zip(answers, found, strict=True):
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


def mark_written(row: Model) -> None:
    """Let a row know that it is there, and the ids of the rows that it points to."""
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    for field in links_of(type(row)):
        if field.is_cached(row):
            setattr(row, field.name, field.get_cached_value(row))
