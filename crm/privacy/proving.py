"""Searching the whole database for somebody: what an erasure has left, and where.

Every column of every table that can hold a text, a document or bytes is read; nothing of what was
searched for is kept, only where it was found.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Model
from psycopg import sql

from crm.privacy import beside
from crm.privacy.belongings import Person, declared, owner_of, rows_of
from crm.privacy.traces import Traces

# A vector of words is made from a text beside it.
TEXTS = {"text", "character varying", "character", "json", "jsonb", "ARRAY"}
COLUMNS = """
    SELECT c.table_name, c.column_name, c.data_type, c.character_maximum_length
    FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE table_schema = current_schema() AND t.table_type = 'BASE TABLE'
    ORDER BY c.table_name, c.ordinal_position
"""
MOST = 1000  # rows of one table that are looked at
# What staff wrote for themselves, and only they can rewrite; and their own accounts.
WRITTEN = {
    *("crm.task", "crm.batch", "crm.segment", "crm.segmentevent", "crm.export", "crm.tag"),
    *("auth.user", "account.emailaddress"),
}


class Place(NamedTuple):
    """A row in which something was found, and whose it is, by their key."""

    model: str
    pk: Any
    owner: int | None


@dataclass
class Proof:
    """Where somebody was found: in the accounts, in what is about others, in what staff wrote for
    themselves, and, which must not be, elsewhere. `elsewhere` counts rows by table."""

    tables: int = 0
    accounts: Counter = field(default_factory=Counter)
    of_others: list[Place] = field(default_factory=list)
    written: list[Place] = field(default_factory=list)
    elsewhere: Counter = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        return not self.elsewhere

    def as_numbers(self) -> dict[str, Any]:
        """Return what a request keeps: numbers, and where staff may want to look."""
        return {
            "tables": self.tables,
            "accounts": dict(self.accounts),
            "of_others": [list(place) for place in self.of_others],
            "written": [list(place) for place in self.written],
            "elsewhere": dict(self.elsewhere),
        }


class Table(NamedTuple):
    name: str
    texts: list[str]
    bytes: list[str]


def prove(*, person: Person, traces: Traces) -> Proof:
    """Search every table for somebody who was erased."""
    proof = Proof()
    for table in tables(traces):
        proof.tables += 1
        look_into(table, person, traces, proof)
    return proof


def mentions(*, person: Person, traces: Traces) -> list[Place]:
    """Return where others' rows and what staff wrote name somebody who is not erased yet."""
    proof, names = Proof(), {"crm.note", "crm.comment", "crm.relationship", *WRITTEN}
    wanted = {apps.get_model(name)._meta.db_table for name in names}
    for table in tables(traces):
        if table.name in wanted:
            look_into(table, person, traces, proof)
    return [*proof.of_others, *proof.written]


def tables(traces: Traces) -> Iterator[Table]:
    """Yield the tables with those of their columns in which the texts would have room."""
    shortest = min((len(text) for text in traces.texts), default=0)
    found: dict[str, Table] = {}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS)
        for name, column, kind, longest in cursor.fetchall():
            table = found.setdefault(name, Table(name, [], []))
            if kind in TEXTS and (longest is None or longest >= shortest):
                table.texts.append(column)
            elif kind == "bytea":
                table.bytes.append(column)
    yield from (table for table in found.values() if table.texts or table.bytes)


def look_into(table: Table, person: Person, traces: Traces, proof: Proof) -> None:
    """Add what a table holds to the proof, each row where it belongs."""
    model = models_by_table().get(table.name)
    keys = found_in(table, model, traces)
    if not keys:
        return
    if model is None or not hasattr(model, "personal_data"):
        told = [Place(label(model), key, None) for key in keys] if model else []
        if model is not None and label(model) in WRITTEN:
            proof.written += told
        else:
            proof.elsewhere[table.name] += len(keys)
        return
    if declared(model).is_accounting:
        proof.accounts[label(model)] += len(keys)
        return
    sort_by_owner(model, keys, person, proof)


def sort_by_owner(model: type[Model], keys: list[Any], person: Person, proof: Proof) -> None:
    theirs = set(rows_of(model, person).filter(pk__in=keys).values_list("pk", flat=True))
    for row in model._default_manager.filter(pk__in=keys):
        owner = owner_of(row)
        place = Place(label(model), row.pk, owner)
        if row.pk not in theirs and owner is not None:
            proof.of_others.append(place)
        elif row.pk not in theirs and label(model) in WRITTEN:
            proof.written.append(place)
        else:
            proof.elsewhere[model._meta.db_table] += 1


def found_in(table: Table, model: type[Model] | None, traces: Traces) -> list[Any]:
    """Return the keys of the rows of a table in which one of the texts stands."""
    if not traces.texts:
        return []
    if model is Session:
        return [row.pk for row in Session.objects.all() if beside.names(row, traces)]
    key = sql.Identifier(str(model._meta.pk.column)) if model else sql.SQL("ctid::text")
    terms, values = conditions(table, traces)
    query = sql.SQL("SELECT {} FROM {} WHERE {} LIMIT {}").format(
        key, sql.Identifier(table.name), sql.SQL(" OR ").join(terms), sql.Literal(MOST)
    )
    with connection.cursor() as cursor:
        # As text: what puts the history of rows beside a statement reads it as such.
        cursor.execute(query.as_string(), values)
        return [row[0] for row in cursor.fetchall()]


def conditions(table: Table, traces: Traces) -> tuple[list[sql.Composable], list[Any]]:
    terms: list[sql.Composable] = []
    values: list[Any] = []
    if table.texts:
        # Put together and made small once, not once for each column and text.
        cells = sql.SQL(", ").join(
            sql.SQL("{}::text").format(sql.Identifier(c)) for c in table.texts
        )
        terms.append(sql.SQL("lower(concat_ws(chr(10), {})) LIKE ANY(%s)").format(cells))
        values.append([f"%{escaped(text.lower())}%" for text in traces.texts])
    for column in table.bytes:
        for text in traces.texts:
            terms.append(sql.SQL("position(%s IN {}) > 0").format(sql.Identifier(column)))
            values.append(text.encode())
    return terms, values


def escaped(text: str) -> str:
    """Return a text in which LIKE reads every sign as itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def models_by_table() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}


def label(model: type[Model]) -> str:
    return model._meta.label_lower
