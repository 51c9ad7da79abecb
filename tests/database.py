"""The database of the tests: made once and copied, and put right after a test that commits."""

import hashlib
import sys
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

# Plans are compiled only for questions longer than ours, and a lost database is made again.
OPTIONS = "-c jit=off -c synchronous_commit=off"
MADE_FROM = """SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"""
IS_SUPERUSER = "SELECT current_setting('is_superuser')::bool"
FILLED = """SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = %s::regnamespace AND pg_relation_size(oid) > 0"""


def copy_instead_of_migrating() -> None:
    """Let the database of the tests be a copy of one that stays as long as the migrations do."""
    configured = connection.settings_dict
    configured["OPTIONS"] = {**configured["OPTIONS"], "options": OPTIONS}
    original = f"test_{configured['NAME']}_original"
    state = digest_of_migrations()
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [original])
        cursor.execute(MADE_FROM, [original])
        if cursor.fetchone() != (state,):
            make(original, configured)
            # Only now, so that one that was interrupted is made again.
            cursor.execute(f"COMMENT ON DATABASE {quoted(original)} IS '{state}'")
    configured["TEST"]["TEMPLATE"] = original


def make(name: str, configured: dict[str, Any]) -> None:
    """Create a database, in place of one that there is, and migrate it."""
    before, test = configured["NAME"], configured["TEST"]["NAME"]
    configured["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    configured["NAME"], configured["TEST"]["NAME"] = before, test


def digest_of_migrations() -> str:
    """Return what changes with any migration of any app."""
    known = MigrationLoader(None).disk_migrations.values()
    files = sorted({str(sys.modules[each.__module__].__file__) for each in known})
    return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()


def keep_what_migrations_wrote() -> None:
    """Copy every table that has rows into a schema of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS kept CASCADE; CREATE SCHEMA kept")
        for name in filled(cursor, "public"):
            cursor.execute(f"CREATE TABLE kept.{name} AS TABLE public.{name}")


def put_right(_test_case: Any = None) -> None:
    """Empty the tables, and give those that migrations wrote to back what they had.

    Takes the place of a flush, which truncates every table and lets all rights be made again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        kept = filled(cursor, "kept")
        others = [name for name in filled(cursor, "public") if name not in kept]
        cursor.execute("; ".join([*emptying(cursor, others), *map(give_back, kept)]))
    ContentType.objects.clear_cache()


def emptying(cursor: Any, names: list[str]) -> list[str]:
    """Return statements that empty tables, whatever refers to them."""
    cursor.execute(IS_SUPERUSER)
    if cursor.fetchone() == (True,):
        # Far quicker than truncating, which has to do with every table that refers to one of them.
        rows = [f"DELETE FROM public.{name}" for name in names]
        return ["SET LOCAL session_replication_role = replica", *rows]
    return [f"TRUNCATE {', '.join(names)} CASCADE"] if names else []


def give_back(name: str) -> str:
    """Return statements that make a table what it was, and its next number a free one."""
    return f"""
        DELETE FROM public.{name} now WHERE NOT EXISTS
            (SELECT FROM kept.{name} k WHERE k.id = now.id AND k::text = now::text);
        INSERT INTO public.{name} OVERRIDING SYSTEM VALUE SELECT * FROM kept.{name} k
            WHERE NOT EXISTS (SELECT FROM public.{name} now WHERE now.id = k.id);
        SELECT setval(pg_get_serial_sequence('public.{name}', 'id'), max(id))
            FROM public.{name}"""


def filled(cursor: Any, schema: str) -> list[str]:
    """Return the tables of a schema that take any room."""
    cursor.execute(FILLED, [schema])
    return [quoted(name) for (name,) in cursor.fetchall()]


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)
