"""What an import added is deleted, where nothing was built on it."""

from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models
from pghistory.models import Event

from crm.donations.models import Entry, Gift
from crm.exchange.heeding import FORGET, NOT_REFUSED
from crm.exchange.models import ImportRow
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.duplicates import Suspicion
from crm.people.models import Change, Identifier, Supporter
from crm.people.notes import Note
from crm.people.segments import SegmentMember
from crm.people.tags import Tagging
from crm.privacy.models import Consent, ConsentState

ROWS = "batch_id = %(batch)s AND line >= %(low)s AND line < %(high)s"
# What goes with a person that an import added; the condition finds rows that came otherwise.
FROM_ELSEWHERE: dict[type[models.Model], str] = {
    # What is known of an address, such as that mail is not welcome there, must not be forgotten.
    EmailAddress: "source <> %(source)s OR status <> 'good'",
    Phone: "source <> %(source)s",
    PostalAddress: "source <> %(source)s",
    Tagging: "source <> %(source)s",
    Consent: "source NOT LIKE %(consents)s",
    ConsentState: "false",
    Change: "at <> %(at)s",
    Identifier: "system NOT IN ('row', %(system)s)",
    Note: "written_at <> %(at)s OR modified_at <> %(at)s",
    SegmentMember: "false",
    Suspicion: "false",
    ImportRow: "batch_id <> %(batch)s AND outcome IN ('c', 'u')",
}
SIGNATURES = f"""
SELECT line, signature FROM crm_importrow rows
JOIN crm_signature ON crm_signature.id = signature
WHERE {ROWS} AND modified_at <> %(at)s
"""
UNSIGN = f"""
CREATE TEMP TABLE undone ON COMMIT DROP AS
SELECT signed.* FROM crm_importrow rows JOIN crm_signature signed ON signed.id = signature
WHERE {ROWS} AND modified_at = %(at)s
"""
UNCOUNT = """
INSERT INTO crm_signaturedelta
    (campaign_id, day, source_id, country, region, language, way, number)
SELECT campaign_id, (confirmed_at AT TIME ZONE %(zone)s)::date, source_id, country, region,
       language, way, -count(*)
FROM undone WHERE status = 'confirmed' GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
GIFTS = f"""
CREATE TEMP TABLE undone ON COMMIT DROP AS
SELECT line, gift.*, gift.modified_at <> %(at)s OR {{used}} AS is_used
FROM crm_importrow rows JOIN crm_gift gift ON gift.id = rows.gift
WHERE {ROWS}
"""
UNGIVE = """
INSERT INTO crm_giftdelta
    (day, campaign_id, source_id, first_source_id, currency, is_recurring,
     gifts, gross, fees, refunds)
SELECT entry.day, campaign_id, source_id, first_source_id, entry.currency, false,
       -count(*) FILTER (WHERE entry.kind = 'payment'),
       -coalesce(sum(entry.amount) FILTER (WHERE entry.kind = 'payment'), 0), 0,
       -coalesce(sum(entry.amount) FILTER (WHERE entry.kind = 'refund'), 0)
FROM crm_entry entry JOIN undone ON undone.id = gift_id WHERE NOT is_used
GROUP BY 1, 2, 3, 4, 5
"""
PEOPLE = f"""
CREATE TEMP TABLE undone ON COMMIT DROP AS
SELECT line, person.id, person.merged_into_id IS NOT NULL AS is_merged,
       person.modified_at <> %(at)s OR person.erased_at IS NOT NULL OR {{used}} AS is_used
FROM crm_importrow rows JOIN crm_supporter person ON person.id = rows.supporter_id
WHERE {ROWS} AND is_new_supporter
"""
KNOWN = f"""
CREATE TEMP TABLE undone ON COMMIT DROP AS
SELECT line, supporter_id AS id, after FROM crm_importrow rows
WHERE {ROWS} AND outcome IN ('c', 'u') AND NOT is_new_supporter AND supporter_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM crm_importrow new WHERE new.batch_id = %(batch)s
      AND new.supporter_id = rows.supporter_id AND new.is_new_supporter)
"""
IN_USE = """
SELECT DISTINCT line FROM undone JOIN crm_emailaddress own ON own.supporter_id = undone.id
JOIN crm_supporter person ON person.id = undone.id
WHERE own.source = %(source)s AND own.address = person.email
  AND after -> 'emails' ? own.address
"""
# What somebody has changed since, and addresses to which mail goes, or where it is not welcome.
EDITED = """EXISTS (SELECT FROM {table}event event
    LEFT JOIN pghistory_context context ON context.id = event.pgh_context_id
    WHERE event.pgh_obj_id = {table}.id AND coalesce(context.metadata ->> 'source', '')
        NOT IN (%(source)s, %(source)s || ':undo'))"""
BUILT_ON = {
    "crm_emailaddress": EDITED.format(table="crm_emailaddress")
    + """ OR crm_emailaddress.status <> 'good' OR EXISTS (SELECT FROM crm_mail WHERE "to" = address
        AND crm_mail.supporter_id = crm_emailaddress.supporter_id)""",
    "crm_phone": EDITED.format(table="crm_phone"),
    "crm_postaladdress": EDITED.format(table="crm_postaladdress"),
}
WAS_BUILT_ON = """
SELECT DISTINCT line FROM undone JOIN {table} ON {table}.supporter_id = undone.id
WHERE {table}.source = %(source)s AND {told} AND ({built_on})
"""
# By which field of the file, and which words of a row's journal, something was added.
TOLD = {
    "email": ("crm_emailaddress", "after -> 'emails' ? address"),
    "phone": ("crm_phone", "after -> 'phones' ? number"),
    "street": ("crm_postaladdress", "after ? 'address'"),
}
# An address that became the one we write to stays.
ADDED = (
    f"""DELETE FROM crm_emailaddress USING crm_supporter person
    WHERE person.id = supporter_id AND crm_emailaddress.source = %(source)s
    AND person.email <> address AND supporter_id IN (SELECT id FROM undone)
    AND NOT ({BUILT_ON["crm_emailaddress"]})""",
    f"""DELETE FROM crm_phone WHERE source = %(source)s
    AND supporter_id IN (SELECT id FROM undone) AND NOT ({BUILT_ON["crm_phone"]})""",
    f"""DELETE FROM crm_postaladdress WHERE source = %(source)s
    AND supporter_id IN (SELECT id FROM undone) AND NOT ({BUILT_ON["crm_postaladdress"]})""",
    """DELETE FROM crm_tagging WHERE source = %(source)s
    AND supporter_id IN (SELECT id FROM undone)""",
    """DELETE FROM crm_note USING undone WHERE supporter_id = undone.id
    AND written_at = %(at)s AND modified_at = %(at)s AND text = after ->> 'note'""",
    """DELETE FROM crm_identifier USING undone WHERE supporter_id = undone.id
    AND system = %(system)s AND after -> 'identifiers' ? value""",
)
UNSAID = """
WITH gone AS (
    DELETE FROM crm_consent WHERE source LIKE %(consents)s
    AND supporter_id IN (SELECT id FROM undone) RETURNING supporter_id, id
), left_over AS (
    SELECT supporter_id, id, given, at FROM crm_consent
    WHERE channel = 'email' AND purpose = 'newsletter'
      AND supporter_id IN (SELECT supporter_id FROM gone) AND id NOT IN (SELECT id FROM gone)
), holds AS (
    SELECT DISTINCT ON (supporter_id) supporter_id, given FROM left_over
    ORDER BY supporter_id, id DESC
), since AS (
    SELECT holds.supporter_id, holds.given, (
        SELECT min(at) FROM left_over same WHERE same.supporter_id = holds.supporter_id
        AND same.id > coalesce((SELECT max(id) FROM left_over other
            WHERE other.supporter_id = holds.supporter_id AND other.given <> holds.given), 0)
    ) AS at FROM holds
), forgotten AS (
    DELETE FROM crm_consentstate WHERE channel = 'email' AND purpose = 'newsletter'
    AND supporter_id IN (SELECT supporter_id FROM gone)
    AND supporter_id NOT IN (SELECT supporter_id FROM holds)
)
UPDATE crm_consentstate SET given = since.given, since = since.at FROM since
WHERE since.supporter_id = crm_consentstate.supporter_id
  AND channel = 'email' AND purpose = 'newsletter'
"""
CHANGE = """
INSERT INTO crm_change (supporter_id, kind, at)
SELECT DISTINCT undone.id, 'import.undone', %(now)s::timestamptz FROM undone
JOIN crm_supporter ON crm_supporter.id = undone.id AND modified_at < %(now)s
"""
DATED = """
UPDATE crm_supporter SET modified_at = %(now)s
WHERE modified_at < %(now)s AND id IN (SELECT id FROM undone)
"""


def execute(statement: str, values: dict[str, Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def asked(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def conflict(line: int, reason: str, **told: Any) -> dict[str, Any]:
    return {"line": line, "reason": reason, **told}


def deeds(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Delete the signatures and gifts of some rows, and uncount them; return what was left."""
    return signatures(values) + gifts(values)


def signatures(values: dict[str, Any]) -> list[dict[str, Any]]:
    left = asked(SIGNATURES, values)
    execute("DROP TABLE IF EXISTS undone", values)
    execute(UNSIGN, values)
    execute(UNCOUNT, values)
    execute("DELETE FROM crm_comment WHERE signature_id IN (SELECT id FROM undone)", values)
    execute("DELETE FROM crm_signature WHERE id IN (SELECT id FROM undone)", values)
    return [conflict(line, "signature-changed") for line, _number in left]


def gifts(values: dict[str, Any]) -> list[dict[str, Any]]:
    more = """(SELECT count(*) FROM crm_entry WHERE gift_id = gift.id AND reference NOT IN
        (gift.reference || ':payment', gift.reference || ':refund')) > 0"""
    used = " OR ".join([more, *references(Gift, "gift.id", aside={Entry: ""})])
    execute("DROP TABLE IF EXISTS undone", values)
    execute(GIFTS.format(used=used), values)
    execute(UNGIVE, values)
    gone = "(SELECT id FROM undone WHERE NOT is_used)"
    execute(f"DELETE FROM crm_entry WHERE gift_id IN {gone}", values)
    execute(f"DELETE FROM crm_gift WHERE id IN {gone}", values)
    left = asked("SELECT line FROM undone WHERE is_used", values)
    return [conflict(line, "gift-changed") for (line,) in left]


def additions(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Delete what was added to people who had been known before."""
    execute("DROP TABLE IF EXISTS undone", values)
    execute(KNOWN, values)
    left = asked(IN_USE, values)
    built_on = [
        (line, name)
        for name, (table, told) in TOLD.items()
        for (line,) in asked(
            WAS_BUILT_ON.format(table=table, told=told, built_on=BUILT_ON[table]), values
        )
        if name != "email" or (line,) not in left
    ]
    for statement in (UNSAID, FORGET.format(these=NOT_REFUSED), *ADDED, CHANGE, DATED):
        execute(statement, values)
    return [conflict(line, "address-in-use") for (line,) in left] + [
        conflict(line, "field-changed", field=name) for line, name in built_on
    ]


def people(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Delete the people whom the import added, unless something was built on them."""
    used = " OR ".join(references(Supporter, "person.id", aside=FROM_ELSEWHERE))
    execute("DROP TABLE IF EXISTS undone", values)
    execute(PEOPLE.format(used=used), values)
    gone = "(SELECT id FROM undone WHERE NOT is_used)"
    execute(
        f"UPDATE crm_importrow SET supporter_id = NULL, before = NULL, after = NULL"
        f" WHERE supporter_id IN {gone}",
        values,
    )
    execute(FORGET.format(these="NOT is_used"), values)
    # No history either of people who should never have been here.
    with pgtrigger.ignore(*history_triggers()):
        for table, column in owned():
            execute(f"DELETE FROM {table} WHERE {column} IN {gone}")
        execute(f"DELETE FROM crm_supporter WHERE id IN {gone}")
    left = asked("SELECT line, is_merged FROM undone WHERE is_used", values)
    return [
        conflict(line, "person-merged" if is_merged else "person-changed")
        for line, is_merged in left
    ]


def references(
    model: type[models.Model], key: str, *, aside: dict[type[models.Model], str]
) -> list[str]:
    """Return conditions that hold for a row to which another one points, in SQL.

    `aside` says of which tables only some rows count, and which.
    """
    found = []
    for other, column, is_history in pointing_to(model):
        if is_history or aside.get(other) == "":
            continue
        which = f" AND ({aside[other]})" if other in aside else ""
        table = other._meta.db_table
        found.append(f"EXISTS (SELECT FROM {table} WHERE {column} = {key}{which})")
    return found


def pointing_to(model: type[models.Model]) -> list[tuple[type[models.Model], str, bool]]:
    """Return every column of every app that points to a model, and whether it is history."""
    return [
        (other, str(field.column), issubclass(other, Event))
        for other in apps.get_models()
        if other._meta.managed
        for field in other._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is model
    ]


def owned() -> list[tuple[str, str]]:
    """Return the tables and columns of what goes with a person, history with it."""
    return [
        (other._meta.db_table, column)
        for other, column, is_history in pointing_to(Supporter)
        if is_history or (other in FROM_ELSEWHERE and other is not ImportRow)
    ]


def history_triggers() -> list[str]:
    kept = {Supporter, EmailAddress, Phone, PostalAddress, Tagging, Note}
    return [
        f"{model._meta.label}:{trigger.name}"
        for model, trigger in pgtrigger.registered()
        if model in kept
    ]
