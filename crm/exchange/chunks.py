"""A piece of an import: the rows about some people, what becomes of them, all in one transaction.

Rows about people whom nobody knows, and who stand in one row only, are `fresh`: SQL alone adds
them. What becomes of the others is decided row by row, and then written by the same statements.
"""

import json
import secrets
from collections.abc import Iterator
from datetime import datetime
from itertools import count, islice
from math import ceil
from typing import Any

from django.conf import settings
from django.db import connection

from crm.exchange import heeding, settling
from crm.exchange.folding import folded
from crm.exchange.knowing import SCALARS, Knowledge, Known
from crm.exchange.models import Kind
from crm.exchange.options import Options
from crm.exchange.parsing import as_text
from crm.exchange.planning import UNCHANGED, Plan, Step
from crm.exchange.staging import AT_ONCE, COLUMNS, TOGETHER, escaped
from crm.exchange.writing import SOURCE, STATEMENTS, Raced
from crm.lib import contact
from crm.lib.regions import region_of

FLAGS = (
    "email", "other_email", "phone", "other_phone", "prefer_phone", "prefer_other_phone",
    "identifier", "fingerprint", "note", "signature", "gift",
)  # fmt: skip
NOTHING = "\tf" * len(FLAGS) + "\n"
# Compiling costs more than it saves in statements that run for a moment. Which rows are done is
# written with what they did: a piece that a crash of the machine forgets is taken again. People are
# looked up rather than all read, which would take each piece longer the more of them there are.
SETTINGS = """
SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL random_page_cost = 1.1;
SET LOCAL synchronous_commit = off
"""
# What is decided stands before what the file says: each statement asks for it of each row.
CHUNK = """
CREATE TEMP TABLE import_chunk AS
SELECT line, head, fresh, repeats, fresh AS is_new,
    CASE WHEN fresh AND %(writes)s
         THEN nextval('{crm_supporter}') END AS person_id,
    fresh AND email IS NOT NULL AS add_email,
    fresh AND other_email IS NOT NULL AS add_other_email,
    fresh AND phone IS NOT NULL AS add_phone,
    fresh AND other_phone IS NOT NULL AND other_phone IS DISTINCT FROM phone AS add_other_phone,
    fresh AND phone IS NOT NULL AS add_prefer_phone,
    fresh AND other_phone IS NOT NULL AND phone IS NULL AS add_prefer_other_phone,
    fresh AND identifier IS NOT NULL AS add_identifier,
    fresh AND fingerprint IS NOT NULL AS add_fingerprint,
    fresh AND note IS NOT NULL AS add_note,
    fresh AND %(signatures)s AS add_signature,
    fresh AND %(gifts)s AS add_gift,
    CASE WHEN fresh AND email IS NOT NULL THEN newsletter END AS say,
    CASE WHEN fresh THEN %(tags)s::jsonb || coalesce(tags, '[]') ELSE '[]' END AS add_tags,
    CASE WHEN fresh THEN 'c' END AS outcome, NULL::jsonb AS before, NULL::jsonb AS after,
    CASE WHEN fresh AND %(writes)s AND %(signatures)s
         THEN nextval('{crm_signature}') END AS signature_id,
    CASE WHEN fresh AND %(writes)s AND %(gifts)s
         THEN nextval('{crm_gift}') END AS gift_id, {said}
FROM import_staged staged JOIN import_group USING (line)
WHERE head >= %(low)s AND head < %(high)s
"""
# What says again what stands above it is about the person whom the row above adds.
REPEATED = """
UPDATE import_chunk chunk SET person_id = above.person_id, outcome = '='
FROM import_chunk above WHERE chunk.repeats AND above.line = chunk.head
"""
KNOWN = """
SELECT line, email, other_email, identifier, fingerprint, kind, given_name, family_name,
       form_of_address, language, birth_date, phone, other_phone, street, postcode, town, country,
       tags, note, newsletter, known_since, signed_at, given_on
FROM import_chunk WHERE NOT fresh AND outcome IS NULL ORDER BY head, line
"""
PLANNED = """
CREATE TEMP TABLE import_plan (
    line int, person_id bigint, is_new boolean, outcome text, before jsonb, after jsonb,
    say boolean, add_tags jsonb, {flags}
)
"""
PEOPLE = """
CREATE TEMP TABLE import_person (
    id bigint, is_new boolean, since timestamptz, kind text, given_name text, family_name text,
    email text, form_of_address text, birth_date date, language text, postcode text, country text,
    region text, search_text text, address text, address_id bigint, street text,
    letters_postcode text, town text, letters_country text
)
"""
ADOPT = """
UPDATE import_chunk chunk SET
    person_id = plan.person_id, is_new = plan.is_new, outcome = plan.outcome,
    before = plan.before, after = plan.after, say = plan.say, add_tags = plan.add_tags, {flags}
FROM import_plan plan WHERE plan.line = chunk.line
"""
NUMBERS = """
UPDATE import_chunk SET {column} = nextval('{sequence}')
WHERE add_{what} AND NOT fresh
"""
JOURNAL = """
INSERT INTO crm_importrow
    (batch_id, line, outcome, supporter_id, is_new_supporter, signature, gift, before, after)
SELECT %(batch)s, line, outcome, CASE WHEN person_id > 0 THEN person_id END, is_new,
       signature_id, gift_id, before, after
FROM import_chunk ORDER BY line
"""
# Asked once: for each row it would take longer than to write it.
SEQUENCES = "SELECT name, pg_get_serial_sequence(name, 'id') FROM unnest(%s::text[]) AS name"
SAID = ", ".join(name for name in COLUMNS if name != "line")
NUMBERED = ("crm_supporter", "crm_signature", "crm_gift")
PIECES = """
SELECT min(head), max(head) + 1 FROM (
    SELECT head, (row_number() OVER (ORDER BY head) - 1) / %(size)s AS piece FROM import_group
) AS placed GROUP BY piece ORDER BY 1
"""
OUTCOMES = "SELECT outcome, count(*) FROM import_chunk GROUP BY outcome"
# Somebody came between finding and adding: from now on we look again.
LOOK_AGAIN = """
UPDATE import_group SET fresh = false, repeats = false WHERE head >= %(low)s AND head < %(high)s
"""


def bounds() -> Iterator[tuple[int, int]]:
    """Yield the pieces: from one head up to another, with about so many rows between."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM import_group")
        cursor.execute(PIECES, {"size": size_of_piece(cursor.fetchone()[0])})
        pieces = cursor.fetchall()
    low = 0
    for first, after in pieces:
        # A head may stand on both sides of a border: its rows belong to the first piece.
        if after > max(low, first):
            yield max(low, first), after
        low = max(low, after)


def size_of_piece(rows: int) -> int:
    """Return how many rows of so many are taken at once: where not all are, as often by either of
    two connections."""
    if rows <= AT_ONCE:
        return AT_ONCE
    return ceil(rows / (2 * ceil(rows / (2 * AT_ONCE))))


class Chunk:
    """The rows whose heads lie between two lines."""

    def __init__(
        self,
        *,
        batch: int,
        kind: str,
        options: Options,
        used: set[str],
        at: datetime,
        writes: bool,
    ) -> None:
        self.kind, self.options, self.used, self.writes = kind, options, used, writes
        self.sequences = sequences()
        self.values: dict[str, Any] = {
            "batch": batch,
            "source": f"import:{batch}",
            "at": at,
            "moment": int(at.timestamp() * 1000),
            "zone": settings.TIME_ZONE,
            "writes": writes,
            "signatures": kind == Kind.SIGNATURES,
            "gifts": kind == Kind.GIFTS,
            "tags": json.dumps(list(options.tags)),
            "consent": f"import:{batch}: {options.consent}"[:80],
            "wording": options.wording,
            "language": options.language,
            "system": options.system,
            "campaign": options.campaign,
            "status": options.status,
            "fund": options.fund,
        }

    def take(self, low: int, high: int) -> dict[str, int]:
        """Decide what becomes of the rows, write it if it is to be written, and note it down.

        Returns how many rows came to which outcome. Raises Raced.
        """
        self.values |= {"low": low, "high": high, "secret": secrets.token_hex(16)}
        self.execute(SETTINGS)
        self.execute("DROP TABLE IF EXISTS import_chunk, import_plan, import_person")
        self.execute(CHUNK.format(**self.sequences, said=SAID))
        self.plan()
        if self.writes:
            self.write()
        self.execute(JOURNAL)
        # Not at the end of the transaction, when it keeps others from the import's own row.
        self.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        with connection.cursor() as cursor:
            cursor.execute(OUTCOMES)
            return dict(cursor.fetchall())

    def prepare(self) -> None:
        """Add what rows of all pieces point to, so that no piece waits for another to end."""
        if self.writes and self.kind != Kind.SUPPORTERS:
            self.execute(SOURCE)

    def look_again(self) -> None:
        """Take nobody for unknown any more."""
        self.execute(LOOK_AGAIN)

    def plan(self) -> None:
        """Decide about the rows that are not fresh."""
        self.execute(PEOPLE)
        self.execute(REPEATED)
        if self.is_all_found():
            return
        if settled := settling.statement_of(self.kind, self.options, writes=self.writes):
            self.execute("ANALYZE import_chunk (fresh)")
            self.execute(settled)
        rows = list(self.rows())
        if not rows:
            return
        knowledge = Knowledge(
            kind=self.kind, options=self.options, used=self.used, lock=self.writes
        )
        knowledge.learn(rows)
        plan = Plan(
            kind=self.kind,
            options=self.options,
            knowledge=knowledge,
            numbers=iter(self.numbers(len(rows))),
        )
        flags = ", ".join(f"add_{name} boolean" for name in FLAGS)
        self.execute(PLANNED.format(flags=flags))
        steps = folded(plan.steps(rows), knowledge.people)
        self.copy("import_plan", (planned(step) for step in steps))
        people = (person for person in knowledge.people.values() if person.dirty)
        self.copy("import_person", (written(person) for person in people))
        self.execute("ANALYZE import_plan")
        flags = ", ".join(f"add_{name} = plan.add_{name}" for name in FLAGS)
        self.execute(ADOPT.format(flags=flags))

    def is_all_found(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(bool_and(fresh OR repeats), true) FROM import_chunk")
            return bool(cursor.fetchone()[0])

    def rows(self) -> Iterator[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(KNOWN)
            names = [column.name for column in cursor.description]
            for values in cursor.fetchall():
                row = dict(zip(names, values, strict=True))
                row["tags"] = json.loads(row["tags"]) if row["tags"] else None
                yield row

    def numbers(self, most: int) -> Iterator[int]:
        """Give new people the numbers they will have, or some that nobody has."""
        if not self.writes:
            return count(-1, -1)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                [self.sequences["crm_supporter"], most],
            )
            return iter([number for (number,) in cursor.fetchall()])

    def copy(self, table: str, lines: Iterator[str]) -> None:
        statement = f"COPY {table} FROM STDIN (FORMAT text, NULL '')"
        with connection.cursor() as cursor, cursor.copy(statement) as out:
            while some := "".join(islice(lines, TOGETHER)):
                out.write(some)

    def write(self) -> None:
        """Add and change what was decided. Raises Raced where somebody was faster."""
        for table, what in (("crm_signature", "signature"), ("crm_gift", "gift")):
            if self.values[f"{what}s"]:
                sequence = self.sequences[table]
                self.execute(NUMBERS.format(sequence=sequence, column=f"{what}_id", what=what))
        for statement in STATEMENTS:
            if statement.concerns(self.used, self.kind, self.options):
                done = self.execute(statement.sql)
                if statement.expects and done != self.expected(statement.expects):
                    raise Raced
        heeding.follow(used=self.used, at=self.values["at"])

    def expected(self, flag: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM import_chunk WHERE {flag}")
            return int(cursor.fetchone()[0])

    def execute(self, statement: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, self.values)
            return int(cursor.rowcount)


def sequences() -> dict[str, str]:
    """Return what numbers the rows of each table."""
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCES, [list(NUMBERED)])
        return dict(cursor.fetchall())


def planned(step: Step) -> str:
    """Return a step as a line of its table."""
    if step.outcome == UNCHANGED and not step.is_new:
        return f"{step.line}\t{step.person}\tf\t=\t\t\t\t[]" + NOTHING
    after: dict[str, Any] = step.after or {}
    if step.reason:
        after = {"reasons": [{"reason": step.reason}]}
    cells = [
        step.line,
        step.person,
        step.is_new,
        step.outcome,
        as_json(step.before),
        as_json(after),
        step.say,
        json.dumps(step.tags),
        *(name in step.adds for name in FLAGS),
    ]
    return escaped([as_text(cell) for cell in cells])


def as_json(values: dict[str, Any]) -> str | None:
    return json.dumps(values, default=str) if values else None


def written(person: Known) -> str:
    """Return somebody as a line of their table, with the address that letters go to."""
    address = person.address or {}
    does = "" if not address else "add" if address["id"] is None else "change"
    if does == "change" and not address.get("changed"):
        does = ""
    fields = person.fields
    fields["region"] = region_of(fields["country"], fields["postcode"])
    emails = dict.fromkeys([fields["email"], *sorted(person.emails)])
    said = (fields["given_name"], fields["family_name"], *emails, fields["postcode"])
    words = " ".join(contact.words(" ".join(said)))
    letters = [address.get(name) for name in ("id", "street", "postcode", "town", "country")]
    scalars = (fields[name] for name in SCALARS)
    cells = [person.id, person.is_new, person.since, *scalars, words, does, *letters]
    return escaped([as_text(cell) for cell in cells])
