"""Rows that tell nothing new of somebody whom we know, found by one statement.

A file that comes again is full of them. Whatever is in the least doubtful is left to the plan of
its row.
"""

from crm.exchange.models import Kind
from crm.exchange.options import NEW, Options

# Where all that a row says of these is what we know, it says nothing new…
SAME = ("kind", "given_name", "family_name", "form_of_address", "birth_date", "language",
        "postcode", "country")  # fmt: skip
# …unless it says any of these, of which people have several.
MORE = ("other_email", "identifier", "phone", "other_phone", "street", "town", "note", "tags")
SETTLED = f"""
WITH settled AS MATERIALIZED (
    SELECT line, person.id FROM import_chunk chunk
    JOIN crm_emailaddress own ON own.address = chunk.email
    JOIN crm_supporter person ON person.id = own.supporter_id
    LEFT JOIN crm_consentstate said ON said.supporter_id = person.id
        AND said.channel = 'email' AND said.purpose = 'newsletter'
    WHERE NOT fresh AND merged_into_id IS NULL AND erased_at IS NULL
      AND {" AND ".join(f"chunk.{name} IS NULL" for name in MORE)}
      AND {" AND ".join(f"(chunk.{name} IS NULL OR chunk.{name} = person.{name})" for name in SAME)}
      AND (newsletter IS NULL OR said.given IS FALSE OR (said.given AND newsletter))
      AND NOT EXISTS (SELECT FROM import_group other
          WHERE other.head = chunk.head AND other.line <> chunk.line)
      AND NOT EXISTS (SELECT FROM crm_postaladdress
          WHERE crm_postaladdress.supporter_id = person.id AND is_preferred)
      AND (NOT %(signatures)s OR EXISTS (SELECT FROM crm_signature
          WHERE crm_signature.supporter_id = person.id AND campaign_id = %(campaign)s
            AND status <> 'withdrawn'))
    {{lock}}
)
UPDATE import_chunk SET person_id = settled.id, outcome = '='
FROM settled WHERE settled.line = import_chunk.line
"""
# Until the row is noted down nobody changes the person, or merges them into another.
LOCK = "FOR SHARE OF person"


def may_say_nothing(kind: str, options: Options) -> bool:
    """Whether a row of such a file changes nothing where it says what is known: each gift is one
    more, and whoever is known may be left out instead."""
    return kind != Kind.GIFTS and not (kind == Kind.SUPPORTERS and options.mode == NEW)


def statement_of(kind: str, options: Options, *, writes: bool) -> str:
    """Return what settles rows of such a file: nothing, where each has something to add."""
    if options.tags or not may_say_nothing(kind, options):
        return ""
    return SETTLED.format(lock=LOCK if writes else "")
