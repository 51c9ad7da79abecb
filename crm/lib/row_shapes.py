"""The text of a statement that inserts rows which point to one another, by their shapes."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

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

FIRST = "INSERT INTO {table} ({columns}) SELECT {terms}{where} ON CONFLICT DO NOTHING"
OTHER = "INSERT INTO {table} ({columns}) SELECT {terms} FROM {earlier}{where}"
DRAW = "nextval(pg_get_serial_sequence('{table}', 'id'))"
RESULT = "(SELECT {} FROM row{})"
TOGETHER = "WITH {inserts} SELECT {results} FROM row0"
VALUE, MOMENT, NOTHING, LEFT_OUT = "%s", "%t", "NULL", ""
TERMS = {VALUE, MOMENT, NOTHING, LEFT_OUT}
PLAIN = {CharField: str, TextField: str, UUIDField: UUID, DateTimeField: datetime}


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
def written(
    shapes: tuple[Shape, ...], job: str, *, numbered: bool
) -> tuple[str, list[tuple[int, str]]]:
    """Return the statement for rows of such shapes, and of which rows it answers what.

    `numbered`: its values as PostgreSQL itself counts them.
    """
    drawn: dict[int, str] = {}
    inserts = [f"row{n} AS ({insertion(n, shape, drawn)})" for n, shape in enumerate(shapes)]
    if job:
        inserts.append(f"job AS ({job})")
    answers = given(shapes)
    results = [RESULT.format(name, place) for place, name in answers]
    sql = TOGETHER.format(inserts=", ".join(inserts), results=", ".join(results))
    if numbered:
        first, *parts = sql.split(VALUE)
        sql = first + "".join(f"${n}{part}" for n, part in enumerate(parts, start=1))
        sql = sql.replace(MOMENT, f"${len(parts) + 1}")
    return sql, answers


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
            returned.append(column.name)
        if is_found(term):
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


def given(shapes: tuple[Shape, ...]) -> list[tuple[int, str]]:
    """Return what the statement answers: of each row the id, and what the database found."""
    found = [(place, "id") for place in range(len(shapes))]
    for place, shape in enumerate(shapes):
        for column, term in zip(columns_of(shape.model), shape.terms, strict=True):
            if is_found(term):
                found.append((place, column.field.attname))
    return found


def is_found(term: str | int) -> bool:
    """Whether a value is known only once the database has written it."""
    return isinstance(term, str) and term not in TERMS and term[0] != "'"


@cache
def links_of(model: type[Model]) -> list[Any]:
    return [column.field for column in columns_of(model) if column.is_link]
