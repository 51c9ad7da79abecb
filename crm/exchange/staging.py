"""The rows of a file in a table of the session: which of them are about one person, and whom."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction

from crm.exchange.models import Kind
from crm.exchange.options import Options
from crm.exchange.parsing import as_text
from crm.exchange.settling import may_say_nothing

AT_ONCE = 15_000
TOGETHER = 500  # lines that are sent to the database at once
# What a row can hold, as PostgreSQL keeps it.
COLUMNS = {
    "line": "int",
    "bad": "jsonb",
    "skip": "text",
    "email": "text",
    "other_email": "text",
    "identifier": "text",
    "fingerprint": "text",
    "kind": "text",
    "given_name": "text",
    "family_name": "text",
    "form_of_address": "text",
    "language": "text",
    "birth_date": "date",
    "phone": "text",
    "other_phone": "text",
    "street": "text",
    "postcode": "text",
    "town": "text",
    "country": "text",
    "region": "text",
    "search_text": "text",
    "tags": "jsonb",
    "note": "text",
    "newsletter": "boolean",
    "newsletter_at": "timestamptz",
    "known_since": "timestamptz",
    "signed_at": "timestamptz",
    "comment": "text",
    "amount": "bigint",
    "currency": "text",
    "given_on": "timestamptz",
    "method": "text",
    "reference": "text",
    "is_named": "boolean",
    "known_reference": "text",
    "refunded": "bigint",
    "fund_id": "bigint",
}
TABLES = ("import_staged", "import_group", "import_chunk", "import_plan", "import_person")
STAGED = "CREATE TEMP TABLE import_staged ({columns})"
# Whom each key of a row leads to: a supporter whom we know, or the key itself.
KEYS = {
    "email": """coalesce((SELECT 's' || supporter_id FROM crm_emailaddress known
                WHERE known.address = staged.email), 'e' || staged.email)""",
    "other_email": """coalesce((SELECT 's' || supporter_id FROM crm_emailaddress known
                WHERE known.address = staged.other_email), 'e' || staged.other_email)""",
    "identifier": """coalesce((SELECT 's' || supporter_id FROM crm_identifier known
                WHERE known.system = %(system)s AND known.value = staged.identifier),
                'i' || staged.identifier)""",
    "fingerprint": """coalesce((SELECT 's' || supporter_id FROM crm_identifier known
                WHERE known.system = 'row' AND known.value = staged.fingerprint),
                'r' || staged.fingerprint)""",
}
LEFT_TO_DO = """bad IS NULL AND skip IS NULL AND NOT EXISTS (
    SELECT FROM crm_importrow done WHERE done.batch_id = %(batch)s AND done.line = staged.line)"""
# The first line of those that are about one person stands for all of them.
ONE_KEY = """
CREATE TEMP TABLE import_group AS
SELECT line, min(line) OVER same AS head,
       count(*) OVER same = 1 AND left(key, 1) <> 's' AS fresh,
       false AS repeats, left(key, 1) = 's' AS is_known
FROM (SELECT line, coalesce({keys}) COLLATE "C" AS key
      FROM import_staged staged WHERE {todo}) AS keyed
WINDOW same AS (PARTITION BY key)
"""
# Of somebody whom nobody knows the first row adds all, where the others say the very same.
ALIKE = """
UPDATE import_group SET fresh = line = import_group.head, repeats = line <> import_group.head
FROM (SELECT head FROM import_group JOIN import_staged USING (line)
      WHERE NOT fresh AND NOT is_known
      GROUP BY head HAVING count(DISTINCT ({columns})) = 1) AS alike
WHERE alike.head = import_group.head
"""
SEVERAL_KEYS = """
CREATE TEMP TABLE import_key AS
SELECT line, key COLLATE "C" AS key FROM import_staged staged
CROSS JOIN LATERAL (VALUES {values}) AS keys (key)
WHERE key IS NOT NULL AND {todo}
"""
HEADS = "CREATE TEMP TABLE import_group AS SELECT DISTINCT line, line AS head FROM import_key"
# Until nothing moves: each line takes the first head among the lines with which it shares a key.
NEARER = """
WITH by_key AS (
    SELECT key, min(head) AS head FROM import_key JOIN import_group USING (line) GROUP BY key
), by_line AS (
    SELECT line, min(by_key.head) AS head FROM import_key JOIN by_key USING (key) GROUP BY line
)
UPDATE import_group SET head = by_line.head FROM by_line
WHERE by_line.line = import_group.line AND by_line.head < import_group.head
"""
FRESH = """
ALTER TABLE import_group ADD fresh boolean, ADD repeats boolean DEFAULT false;
UPDATE import_group SET fresh = NOT EXISTS (
        SELECT FROM import_key WHERE import_key.line = import_group.line AND left(key, 1) = 's')
    AND NOT EXISTS (SELECT FROM import_group other
        WHERE other.head = import_group.head AND other.line <> import_group.line);
DROP TABLE import_key
"""
# Gifts without a number: the second of several alike in one file is the second one again.
NUMBERED = """
UPDATE import_staged SET reference = reference || ':' || place FROM (
    SELECT line AS at, row_number() OVER (PARTITION BY reference ORDER BY line) AS place
    FROM import_staged WHERE reference IS NOT NULL AND NOT is_named
) AS numbered WHERE at = line
"""
TWICE = """
UPDATE import_staged SET skip = 'twice' FROM (
    SELECT line AS at, row_number() OVER (PARTITION BY reference ORDER BY line) AS place
    FROM import_staged WHERE is_named AND bad IS NULL
) AS numbered WHERE at = line AND place > 1
"""


KNOWN_GIFTS = """
UPDATE import_staged SET skip =
    CASE WHEN gift.amount = import_staged.amount AND gift.currency = import_staged.currency
         THEN 'gift-known' ELSE 'gift-differs' END
FROM crm_gift gift
WHERE bad IS NULL AND skip IS NULL
  AND gift.reference IN (import_staged.reference, import_staged.known_reference)
"""
# Rows about which nothing more is to be found out.
ASIDE = """
INSERT INTO crm_importrow (batch_id, line, outcome, is_new_supporter, after)
SELECT %(batch)s, line,
       CASE WHEN bad IS NOT NULL OR skip = 'gift-differs' THEN 'b'
            WHEN skip = 'gift-known' THEN '=' ELSE 's' END,
       false,
       CASE WHEN bad IS NOT NULL THEN jsonb_build_object('reasons', bad)
            WHEN skip <> 'gift-known' THEN jsonb_build_object(
                'reasons', jsonb_build_array(jsonb_build_object('reason', skip))) END
FROM import_staged WHERE bad IS NOT NULL OR skip IS NOT NULL
ON CONFLICT (batch_id, line) DO NOTHING RETURNING outcome
"""
GROUP = "CREATE TEMP TABLE import_group (line int, head int, fresh boolean, repeats boolean)"
GROUPED = ("line", "head", "fresh", "repeats")
# What another session is given.
LENT = {
    "import_staged": """SELECT {columns} FROM import_staged JOIN import_group USING (line)
        WHERE head >= {low}""",
    "import_group": "SELECT {columns} FROM import_group WHERE head >= {low}",
}


def drop() -> None:
    """Leave nothing of a file in the session."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}, import_key")


def fill(
    rows: Iterator[tuple[int, dict[str, Any]]],
    *,
    used: set[str],
    progress: Callable[[int], None],
) -> int:
    """Put the rows into their table; return how many there are. `used` are fields they may have."""
    present = columns_for(used)
    texts = [name for name in present if COLUMNS[name] == "text"]
    others = [name for name in present if COLUMNS[name] != "text" and name != "line"]
    create(connection)
    columns = ", ".join([*texts, *others, "line"])
    copy = f"COPY import_staged ({columns}) FROM STDIN (FORMAT text, NULL '')"
    read = 0
    while number := copy_some(copy, texts, others, islice(rows, AT_ONCE)):
        read += number
        progress(read)
    return read


def columns_for(used: set[str]) -> list[str]:
    """Return the columns that rows with these fields may fill."""
    return [name for name in COLUMNS if name in used | {"line", "bad", "skip"}]


def create(session: Any) -> None:
    with session.cursor() as cursor:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        cursor.execute(STAGED.format(columns=columns))


def copy_some(
    copy: str, texts: list[str], others: list[str], rows: Iterator[tuple[int, dict[str, Any]]]
) -> int:
    """Copy some rows; return how many."""
    number = 0
    # Where the file is found to be broken, the session goes on.
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(copy) as out:
        lines: list[str] = []
        for line, row in rows:
            get = row.get
            cells = [get(name, "") for name in texts]
            cells += [as_text(row[name]) if name in row else "" for name in others]
            cells.append(str(line))
            lines.append(escaped(cells))
            number += 1
            if len(lines) == TOGETHER:
                out.write("".join(lines))
                lines.clear()
        out.write("".join(lines))
    return number


def escaped(cells: list[str]) -> str:
    """Return a line of COPY's text format."""
    line = "\t".join(cells)
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") != len(cells) - 1:
        line = "\t".join(escape(cell) for cell in cells)
    return line + "\n"


def escape(cell: str) -> str:
    cell = cell.replace("\\", "\\\\").replace("\t", "\\t")
    return cell.replace("\n", "\\n").replace("\r", "\\r")


def group(*, batch: int, kind: str, options: Options, used: set[str]) -> None:
    """Find which rows are about one person, so that they stay together and in their order."""
    values: dict[str, int | str] = {"batch": batch, "system": options.system}
    names = [name for name in KEYS if name in used]
    has_one = not {"other_email", "identifier"} & used
    with connection.cursor() as cursor:
        if kind == Kind.GIFTS:
            cursor.execute(NUMBERED)
            cursor.execute(TWICE)
            cursor.execute(KNOWN_GIFTS)
        cursor.execute(f"ANALYZE import_staged (line, {', '.join(names)})")
        keys = [KEYS[name] for name in names]
        if has_one:
            cursor.execute(ONE_KEY.format(keys=", ".join(keys), todo=LEFT_TO_DO), values)
            if may_say_nothing(kind, options):
                said = [name for name in columns_for(used) if name != "line"]
                cursor.execute(ALIKE.format(columns=", ".join(said)))
        else:
            rows = ", ".join(f"({key})" for key in keys)
            cursor.execute(SEVERAL_KEYS.format(values=rows, todo=LEFT_TO_DO), values)
            find_heads(cursor)
        finish(cursor)


def copy_to(other: Any, *, low: int, used: set[str]) -> None:
    """Give another session the rows of the heads from `low` on, in the same tables."""
    create(other)
    columns = {"import_staged": columns_for(used), "import_group": GROUPED}
    with connection.cursor() as source, other.cursor() as target:
        target.execute(GROUP)
        for table, select in LENT.items():
            names = ", ".join(columns[table])
            rows = f"COPY ({select.format(low=low, columns=names)}) TO STDOUT (FORMAT binary)"
            place = f"COPY {table} ({names}) FROM STDIN (FORMAT binary)"
            with source.copy(rows) as taken, target.copy(place) as given:
                for block in taken:
                    given.write(block)
        finish(target)


def finish(cursor: Any) -> None:
    """Let pieces be found by their heads, and their rows by their lines."""
    cursor.execute("CREATE INDEX ON import_group (head)")
    cursor.execute("CREATE INDEX ON import_staged (line)")
    cursor.execute("ANALYZE import_group")


def set_aside(*, batch: int) -> Counter[str]:
    """Note down the rows that are bad, or left out; return how many of each outcome."""
    with connection.cursor() as cursor:
        cursor.execute(ASIDE, {"batch": batch})
        return Counter(outcome for (outcome,) in cursor)


def find_heads(cursor: Any) -> None:
    cursor.execute(HEADS)
    cursor.execute("CREATE INDEX ON import_group (line)")
    cursor.execute("ANALYZE import_group, import_key")
    while True:
        cursor.execute(NEARER)
        if cursor.rowcount == 0:
            break
    cursor.execute("CREATE INDEX ON import_group (head)")
    cursor.execute("CREATE INDEX ON import_key (line)")
    cursor.execute(FRESH)
