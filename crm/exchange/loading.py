"""Everything back into an empty installation, which is then the same as the one it came from."""

import hashlib
import json
import zipfile
import zlib
from typing import IO, Any

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _
from psycopg import sql

from crm.exchange.dump_format import (
    FILLED_BY_MIGRATING,
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    NOTATION,
    README,
    Table,
    migrations,
    sequence_of,
    tables,
)

PIECE = 1 << 18
LONGEST_MANIFEST = 4 << 20
# A table of text packs to a tenth; a bomb, to a thousandth.
MOST_TIMES, HARMLESS = 200, 256 << 20
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
HEADER_IS_RIGHT = "(FORMAT csv, HEADER match)"


class NotLoaded(Exception):
    """Nothing was written; the words say why, in the language of whoever asked."""


def load(path: str) -> int:
    """Fill an empty installation from an archive; return how many rows that are.

    Raises NotLoaded: for an archive that is damaged, was changed or comes from another version,
    and where there is something already.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            told = manifest_of(archive)
            every = {table.name: table for table in tables()}
            check_shape(told, every)
            check_files(archive, told)
            return fill(archive, told, every)
    except DAMAGED as error:
        raise NotLoaded(_("This is no ZIP archive, or it is damaged.")) from error


def manifest_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return what the archive says of itself."""
    names = archive.namelist()
    if names.count(MANIFEST) != 1 or archive.getinfo(MANIFEST).file_size > LONGEST_MANIFEST:
        raise NotLoaded(_("This archive is no export of everything: it has no manifest."))
    try:
        told = json.loads(archive.read(MANIFEST))
        files = [part["file"] for part in told["tables"]]
        known = (told["format"], told["format_version"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotLoaded(_("The manifest of this archive cannot be read.")) from error
    if known != (FORMAT, FORMAT_VERSION):
        raise NotLoaded(_("This archive is in a format that this version does not know."))
    if sorted(names) != sorted([README, MANIFEST, *files]):
        raise NotLoaded(_("The archive does not hold the files that its manifest names."))
    return dict(told)


def check_shape(told: dict[str, Any], every: dict[str, Table]) -> None:
    """Only the same tables with the same columns are loaded."""
    here, there = set(migrations()), set(told["migrations"])
    if here != there:
        raise NotLoaded(
            _(
                "This archive was made by version %(version)s, whose tables have another shape."
                " Load it with that version, then upgrade. Different: %(names)s."
            )
            % {"version": told["version"], "names": ", ".join(sorted(here ^ there)[:5])}
        )
    theirs = {
        part["table"]: [tuple(c.values()) for c in part["columns"]] for part in told["tables"]
    }
    ours = {name: [tuple(column) for column in table.columns] for name, table in every.items()}
    different = sorted(
        name for name in theirs.keys() | ours.keys() if theirs.get(name) != ours.get(name)
    )
    if different:
        told_tables = ", ".join(different[:5])
        raise NotLoaded(
            _("These tables have another shape in the archive: %(names)s.") % {"names": told_tables}
        )


def check_files(archive: zipfile.ZipFile, told: dict[str, Any]) -> None:
    """Read everything once, before a row is written: sizes and checksums are as noted."""
    packed = sum(info.compress_size for info in archive.infolist())
    unpacked = sum(info.file_size for info in archive.infolist())
    if unpacked > max(HARMLESS, packed * MOST_TIMES):
        raise NotLoaded(_("This archive unpacks to more than any export of ours."))
    for part in told["tables"]:
        if archive.getinfo(part["file"]).file_size != part["bytes"] or (
            checksum(archive, part["file"]) != part["sha256"]
        ):
            raise NotLoaded(
                _("“%(name)s” is not as it was written: its checksum is another.")
                % {"name": part["file"]}
            )


def checksum(archive: zipfile.ZipFile, name: str) -> str:
    seen = hashlib.sha256()
    with archive.open(name) as part:
        while piece := part.read(PIECE):
            seen.update(piece)
    return seen.hexdigest()


@transaction.atomic
def fill(archive: zipfile.ZipFile, told: dict[str, Any], every: dict[str, Table]) -> int:
    """Copy all tables, in one transaction; foreign keys are checked at its end."""
    with connection.cursor() as cursor:
        refuse_unless_empty(cursor, every)
        watched = with_triggers(cursor, every)
        switch(cursor, watched, "DISABLE")
        for setting in NOTATION:
            cursor.execute(setting)
        for name in FILLED_BY_MIGRATING:
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        try:
            for part in told["tables"]:
                copy_in(archive, part, every[part["table"]], cursor)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except (DatabaseError, psycopg.Error) as error:
            why = {"error": str(error).partition("\n")[0]}
            raise NotLoaded(_("PostgreSQL refused the data: %(error)s") % why) from error
        follow_transactions(cursor)
        switch(cursor, watched, "ENABLE")
    ContentType.objects.clear_cache()
    return sum(part["rows"] for part in told["tables"])


def refuse_unless_empty(cursor: Any, every: dict[str, Table]) -> None:
    """Lock all tables, so that nobody begins meanwhile, and see that they hold nothing."""
    names = [sql.Identifier(name) for name in sorted(every)]
    cursor.execute(
        sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(names))
    )
    for name in sorted(set(every) - set(FILLED_BY_MIGRATING)):
        cursor.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name)))
        if cursor.fetchone()[0]:
            raise NotLoaded(
                _(
                    "This installation is not empty: there is something in %(table)s. An export of"
                    " everything is loaded into a new one, right after `manage.py migrate`."
                )
                % {"table": name}
            )


def with_triggers(cursor: Any, every: dict[str, Table]) -> list[str]:
    """Return the tables whose changes are written into a history."""
    cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
    return sorted({name for (name,) in cursor.fetchall()} & every.keys())


def switch(cursor: Any, names: list[str], verb: str) -> None:
    for name in names:
        cursor.execute(
            sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(sql.Identifier(name), sql.SQL(verb))
        )


def copy_in(archive: zipfile.ZipFile, part: dict[str, Any], table: Table, cursor: Any) -> None:
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN {}").format(
        sql.Identifier(table.name), columns, sql.SQL(HEADER_IS_RIGHT)
    )
    with archive.open(part["file"]) as source, cursor.copy(statement) as copy:
        pump(source, copy)
    if cursor.rowcount != part["rows"]:
        raise NotLoaded(_("“%(name)s” has another number of rows.") % {"name": part["file"]})
    sequence = sequence_of(cursor, table)
    if sequence is not None and part["next"] is not None:
        is_used = part["next"] > 1
        cursor.execute("SELECT setval(%s, %s, %s)", [sequence, part["next"] - is_used, is_used])


def pump(source: IO[bytes], copy: Any) -> None:
    while piece := source.read(PIECE):
        copy.write(piece)


def follow_transactions(cursor: Any) -> None:
    """Let the feed of changes go on after those that were loaded.

    It is ordered by the numbers of transactions, which another server counts by itself: where it
    has counted less far, those of the past are moved back, all by the same.
    """
    cursor.execute(
        "SELECT greatest(0, max(transaction) - pg_current_xact_id()::text::bigint) FROM crm_change"
    )
    ahead = cursor.fetchone()[0]
    if ahead:
        cursor.execute("UPDATE crm_change SET transaction = transaction - %s", [ahead])
        cursor.execute("UPDATE crm_matchrule SET read_transaction = read_transaction - %s", [ahead])
