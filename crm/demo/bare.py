"""Tables without their indexes and constraints while much is copied into them.

Both are built anew from the rows, which takes a fraction of the time and checks the same. In
PostgreSQL this too is part of the transaction: if it fails, everything is as it was.
"""

from django.db import connection

from crm.lib.progress import Countdown

# What stands on something comes first, so that it can be taken off in this order.
STANDING = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s',
              conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint
WHERE contype IN ('f', 'u') AND conrelid = ANY (%(tables)s::regclass[])
UNION ALL
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = ANY (%(tables)s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
"""


def strip(tables: list[str]) -> list[str]:
    """Take constraints and indexes off; return the statements that put them back."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"tables": tables})
        found = cursor.fetchall()
        for drop, _build in found:
            cursor.execute(drop)
    return [build for _drop, build in reversed(found)]


def rebuild(statements: list[str], told: Countdown) -> None:
    """Put them back, with as much memory as sorting millions of rows takes."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        for statement in statements:
            cursor.execute(statement)
            told.add(1)
