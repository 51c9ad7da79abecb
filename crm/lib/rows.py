"""Inserting a row that may be there already, with all that belongs to it, in one round trip."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, ForeignKey, Model
from django.db.models.expressions import DatabaseDefault
from procrastinate.tasks import Task

FIRST = "INSERT INTO {table} ({columns}) SELECT {terms} ON CONFLICT DO NOTHING RETURNING {given}"
OTHER = "INSERT INTO {table} ({columns}) SELECT {terms} FROM {earlier} RETURNING {given}"
DRAW = "nextval(pg_get_serial_sequence('{table}', 'id'))"
TOGETHER = "WITH {inserts} SELECT {results} FROM {names}"
DEFER = """procrastinate_defer_jobs_v1(ARRAY[
    ROW(%s, %s, 0, NULL, NULL, '{}', NULL)::procrastinate_job_to_defer_v1
])"""


class Statement:
    """Insertions of rows that point to rows before or after them, as one statement."""

    def __init__(self) -> None:
        self.connection = connections[DEFAULT_DB_ALIAS]
        self.rows: list[Model] = []
        self.names: list[str] = []
        self.inserts: list[str] = []
        self.results: list[str] = []
        self.values: list[Any] = []
        # Rows that come after a row which points to them: where their number was drawn.
        self.drawn: list[tuple[Model, str]] = []

    def insert(self, row: Model) -> None:
        """Add a row. Only the first may be there already; where it is, nothing is written."""
        fields = [field for field in row._meta.local_concrete_fields if is_ours(field, row)]
        quote = self.connection.ops.quote_name
        name = f"row{len(self.rows)}"
        known = [place for drawn, place in self.drawn if drawn is row]
        before = len(self.drawn)
        terms = [*known, *(self.term(row, field, name) for field in fields)]
        insert = (OTHER if self.rows else FIRST).format(
            table=quote(row._meta.db_table),
            columns=", ".join(
                [*(["id"] if known else []), *(quote(str(f.column)) for f in fields)]
            ),
            terms=", ".join(terms),
            earlier=", ".join(self.names),
            given=", ".join(["id", *(place.split(".")[1] for _row, place in self.drawn[before:])]),
        )
        self.inserts.append(f"{name} AS ({insert})")
        self.rows.append(row)
        self.names.append(name)
        self.results.append(f"{name}.id")

    def term(self, row: Model, field: Field, name: str) -> str:
        """Return what a column is given: a value, or the id of another row of these."""
        if isinstance(field, ForeignKey) and getattr(row, field.attname) is None:
            target = getattr(row, field.name)
            if target is not None and target in self.rows:
                return f"row{self.rows.index(target)}.id"
            if target is not None:
                self.drawn.append((target, f"{name}.{field.column}"))
                return DRAW.format(table=target._meta.db_table)
        self.values.append(field.get_db_prep_save(field.pre_save(row, add=True), self.connection))
        return "%s"

    def defer(self, task: Task) -> None:
        """Queue a job without arguments."""
        self.results.append(DEFER)
        self.values += [task.queue, task.name]

    def execute(self) -> bool:
        """Write; return whether the first row was new. If so, all rows have their ids."""
        sql = TOGETHER.format(
            inserts=", ".join(self.inserts),
            results=", ".join(self.results),
            names=", ".join(self.names),
        )
        with self.connection.cursor() as cursor:
            cursor.execute(sql, self.values)
            ids = cursor.fetchone()
        if ids is None:
            return False
        for row, pk in zip(self.rows, ids, strict=False):  # after the ids comes the job's
            row.pk = pk
        for row in self.rows:
            mark_written(row)
        return True


def insert_unless_there(first: Model, *others: Model, task: Task | None = None) -> bool:
    """Insert `first`, unless a constraint knows it; return whether it was new.

    If it was, the others and a job of the task are written too: all of it, or nothing. The rows
    may point to each other, though none has an id yet.
    """
    statement = Statement()
    for row in (first, *others):
        statement.insert(row)
    if task is not None:
        statement.defer(task)
    return statement.execute()


def is_ours(field: Field, row: Model) -> bool:
    """Return whether we write this field; the database fills the others."""
    filled = field.primary_key or field.generated
    return not filled and not isinstance(getattr(row, field.attname), DatabaseDefault)


def mark_written(row: Model) -> None:
    """Let a row know that it is there, and the ids of the rows that it points to."""
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    for field in row._meta.local_concrete_fields:
        if isinstance(field, ForeignKey) and field.is_cached(row):
            setattr(row, field.name, getattr(row, field.name))
