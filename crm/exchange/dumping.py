"""Everything out of the system, in an open format, as it is at one moment."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql

from crm.exchange.dump_format import (
    EXPLANATION,
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    NOTATION,
    README,
    ROWS,
    VALUES,
    Table,
    migrations,
    sequence_of,
    tables,
)

Told = Callable[[int, int], None]
SEEN_AT_ONCE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


def dump(file: IO[bytes] | str, *, at: datetime, told: Told = lambda done, total: None) -> int:
    """Write everything into a ZIP; return how many rows that are. `told` hears how far it is."""
    every = tables()
    parts = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr(README, EXPLANATION)
        with snapshot() as cursor:
            for number, table in enumerate(every):
                told(number, len(every))
                parts.append(written(archive, table, cursor))
        archive.writestr(MANIFEST, json.dumps(manifest(parts, at), indent=1))
    told(len(every), len(every))
    return sum(part["rows"] for part in parts)


@contextmanager
def snapshot() -> Iterator[Any]:
    """Yield a cursor of a connection of its own, which sees the database as it is now."""
    connection = connections.create_connection(DEFAULT_DB_ALIAS)
    connection.ensure_connection()
    try:
        with connection.connection.transaction(), connection.connection.cursor() as cursor:
            cursor.execute(SEEN_AT_ONCE)
            for setting in NOTATION:
                cursor.execute(setting)
            yield cursor
    finally:
        connection.close()


def written(archive: zipfile.ZipFile, table: Table, cursor: Any) -> dict[str, Any]:
    """Write one table, a piece at a time; return what the manifest says of it."""
    seen, size = hashlib.sha256(), 0
    with archive.open(table.path, "w", force_zip64=True) as part, cursor.copy(query(table)) as copy:
        for piece in copy:
            data = bytes(piece)
            seen.update(data)
            size += len(data)
            part.write(data)
    rows = cursor.rowcount
    return {
        "table": table.name,
        "file": table.path,
        "rows": rows,
        "bytes": size,
        "sha256": seen.hexdigest(),
        "next": next_number(cursor, table),
        "columns": [column._asdict() for column in table.columns],
    }


def query(table: Table) -> sql.Composed:
    names = [column.name for column in table.columns]
    values = [
        sql.SQL("{} AS {}").format(sql.SQL(VALUES[table.name, name]), sql.Identifier(name))
        if (table.name, name) in VALUES
        else sql.Identifier(name)
        for name in names
    ]
    return sql.SQL(
        "COPY (SELECT {} FROM {} WHERE {} ORDER BY {}) TO STDOUT (FORMAT csv, HEADER true)"
    ).format(
        sql.SQL(", ").join(values),
        sql.Identifier(table.name),
        sql.SQL(ROWS.get(table.name, "true")),
        sql.Identifier(table.key),
    )


def next_number(cursor: Any, table: Table) -> int | None:
    """Return the number that the next row gets: those of rows that are gone do not come back."""
    name = sequence_of(cursor, table)
    if name is None:
        return None
    sequence = sql.Identifier(*name.replace('"', "").split("."))
    cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sequence))
    last, is_called = cursor.fetchone()
    return int(last) + is_called


def manifest(parts: list[dict[str, Any]], at: datetime) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "version": settings.VERSION,
        "made_at": at.isoformat(),
        "migrations": migrations(),
        "tables": parts,
    }
