"""The open format in which everything leaves and comes back: which tables, and how they look.

A ZIP of one CSV per table, of `manifest.json`, and of `README.md`, which explains it to people.
"""

from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection
from django.db.models import GeneratedField, Model

FORMAT, FORMAT_VERSION = "soutien", 1
MANIFEST, README = "manifest.json", "README.md"
# How values are written, whatever the server's own settings are.
NOTATION = (
    "SET LOCAL DateStyle TO 'ISO, YMD'",
    "SET LOCAL IntervalStyle TO 'iso_8601'",
    "SET LOCAL TimeZone TO 'UTC'",
    "SET LOCAL bytea_output TO 'hex'",
    "SET LOCAL extra_float_digits TO 1",
)
# Sign-ins that run now; they end with the installation.
LEFT_OUT = {"django_session"}
# What a migrated installation holds before anybody uses it. Loading replaces it.
FILLED_BY_MIGRATING = [
    "auth_group_permissions",
    "auth_permission",
    "auth_group",
    "django_content_type",
]
# Exports of everything are no part of the next one.
ROWS = {
    "crm_storedfile": "id NOT IN (SELECT file_id FROM crm_export WHERE file_id IS NOT NULL)",
    "crm_filechunk": "file_id NOT IN (SELECT file_id FROM crm_export WHERE file_id IS NOT NULL)",
}
VALUES = {("crm_export", "file_id"): "NULL::bigint"}
TYPES = """
SELECT table_name, column_name, CASE WHEN data_type = 'ARRAY' THEN udt_name ELSE data_type END
FROM information_schema.columns WHERE table_schema = current_schema()
"""
SEQUENCE = "SELECT pg_get_serial_sequence(%s, %s)"


class Column(NamedTuple):
    name: str
    type: str


class Table(NamedTuple):
    """A table, its key (by which rows are sorted), and its columns without computed ones."""

    name: str
    key: str
    columns: list[Column]

    @property
    def path(self) -> str:
        return f"tables/{self.name}.csv"


def tables() -> list[Table]:
    """Return all tables that hold something of ours, those of other apps that we use too."""
    known = types()
    models = apps.get_models(include_auto_created=True)
    ours = {model._meta.db_table: model for model in models if is_ours(model)}
    return [table_of(model, known) for _name, model in sorted(ours.items())]


def is_ours(model: type[Model]) -> bool:
    # What the queue holds is work under way, not data; its models are not managed by Django.
    meta = model._meta
    return meta.managed and not meta.proxy and meta.db_table not in LEFT_OUT


def table_of(model: type[Model], known: dict[tuple[str, str], str]) -> Table:
    meta = model._meta
    stored = [f for f in meta.local_concrete_fields if not isinstance(f, GeneratedField)]
    names = [str(field.column) for field in stored]
    columns = [Column(name, known[meta.db_table, name]) for name in names]
    return Table(meta.db_table, str(meta.pk and meta.pk.column), columns)


def types() -> dict[tuple[str, str], str]:
    with connection.cursor() as cursor:
        cursor.execute(TYPES)
        return {(table, column): kind for table, column, kind in cursor.fetchall()}


def sequence_of(cursor: Any, table: Table) -> str | None:
    """Return what numbers the rows of a table, if anything does."""
    cursor.execute(SEQUENCE, [table.name, table.key])
    return cursor.fetchone()[0]


def migrations() -> list[str]:
    """Return the migrations that were applied, by which the shape of all tables is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        return [f"{app}.{name}" for app, name in cursor.fetchall()]


EXPLANATION = """\
# Everything from Soutien

This archive holds all data of one installation of Soutien, as it was at one moment, in a form that
any program can read. `manage.py load` makes the same installation of it.

- `tables/NAME.csv`: one file per table, in UTF-8, with a line of column names. Cells are separated
  by commas; text that needs it stands in double quotes, and quotes inside are doubled. An empty
  cell is no value (NULL); `""` is an empty text. Lines are sorted by the table's key.
- Moments are in UTC (`2026-03-01 09:00:00+00`), days are `2026-03-01`, truth is `t` or `f`,
  amounts of money are whole numbers of the smallest unit (cents), lists are `{a,b}`, JSON is
  JSON, and bytes are `\\x` with two hexadecimal digits for each.
- `NAME_id` is the key of a row in another table.
- Files that were stored are `crm_storedfile` (name, size, SHA-256) and, in pieces,
  `crm_filechunk`: the bytes of one file are its pieces by `position`.
- `manifest.json`: version, moment, the migrations that shaped the tables, and for every file its
  size, SHA-256, number of rows and the PostgreSQL type of each column; `next` is the number
  that the next row of a table gets.

Not inside: who is signed in, jobs that wait in the queue (let it run empty before), earlier
exports of everything, and what can be computed again (the index of the search). National numbers
and the like are encrypted here as they are in the database: keep the keys of the installation.

Keep this archive as you keep the database itself: it holds personal data of everyone you know.
"""
