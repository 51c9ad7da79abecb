"""What is written for the rows of a piece, statement by statement, in one transaction.

`crm_emailaddress` comes first, as when somebody signs: whoever is second waits there.
"""

from dataclasses import dataclass

from crm.exchange.models import Kind
from crm.exchange.options import Options


class Raced(Exception):
    """Somebody took an address or a number between our looking and our writing."""


@dataclass(frozen=True)
class Statement:
    """SQL, the fields without which it has nothing to do, and how many rows it must write."""

    sql: str
    needs: frozenset[str] = frozenset()
    kind: str = ""
    expects: str = ""

    def concerns(self, used: set[str], kind: str, options: Options) -> bool:
        if self.kind and self.kind != kind:
            return False
        present = used | ({"tags"} if options.tags else set())
        return not self.needs or bool(self.needs & present)


def needs(*names: str) -> frozenset[str]:
    return frozenset(names)


EMAIL = """
INSERT INTO crm_emailaddress (supporter_id, address, status, "use", source, added_at)
SELECT person_id, {name}, 'good', 'home', %(source)s, %(at)s
FROM import_chunk WHERE add_{name} ORDER BY {name}
ON CONFLICT (address) DO NOTHING
"""
IDENTIFIER = """
INSERT INTO crm_identifier (supporter_id, system, value)
SELECT person_id, {system}, {name} FROM import_chunk WHERE add_{name} ORDER BY {name}
ON CONFLICT (system, value) DO NOTHING
"""
# UUIDs of version 7, in the order of lines: random ones are spread over the whole of their index,
# which costs the more the larger it is. What is random in them is a secret's hash.
PUBLIC_ID = """(lpad(to_hex(%(moment)s + line), 12, '0') || overlay(overlay(
           substr(encode(sha256((%(secret)s || '{of}' || line)::bytea), 'hex'), 1, 20)
           PLACING '7' FROM 1) PLACING '8' FROM 5))::uuid"""
FRESH = f"""
INSERT INTO crm_supporter
    (id, public_id, kind, given_name, family_name, email, form_of_address, own_greeting,
     birth_date, language, postcode, country, region, source, created_at, modified_at, search_text)
SELECT person_id, {PUBLIC_ID.format(of="supporter")}, coalesce(kind, 'person'),
       coalesce(given_name, ''), coalesce(family_name, ''), coalesce(email, ''),
       coalesce(form_of_address, ''), '', birth_date, coalesce(language, %(language)s),
       coalesce(postcode, ''), coalesce(country, ''), coalesce(region, ''), %(source)s,
       least(coalesce(known_since, signed_at, given_on, %(at)s), %(at)s), %(at)s,
       coalesce(search_text, '')
FROM import_chunk WHERE fresh ORDER BY line
"""
NEW = """
INSERT INTO crm_supporter
    (id, public_id, kind, given_name, family_name, email, form_of_address, own_greeting,
     birth_date, language, postcode, country, region, source, created_at, modified_at, search_text)
SELECT id, gen_random_uuid(), kind, coalesce(given_name, ''), coalesce(family_name, ''),
       coalesce(email, ''), coalesce(form_of_address, ''), '', birth_date, language,
       coalesce(postcode, ''), coalesce(country, ''), coalesce(region, ''), %(source)s,
       least(coalesce(since, %(at)s), %(at)s), %(at)s, coalesce(search_text, '')
FROM import_person WHERE is_new ORDER BY id
"""
CHANGED = """
UPDATE crm_supporter SET
    kind = person.kind, given_name = coalesce(person.given_name, ''),
    family_name = coalesce(person.family_name, ''), email = coalesce(person.email, ''),
    form_of_address = coalesce(person.form_of_address, ''), birth_date = person.birth_date,
    language = person.language, postcode = coalesce(person.postcode, ''),
    country = coalesce(person.country, ''), region = coalesce(person.region, ''),
    search_text = coalesce(person.search_text, ''), modified_at = %(at)s
FROM import_person person WHERE NOT person.is_new AND person.id = crm_supporter.id
"""
# Who was known, and for whom something was added: also that is a change.
TOUCHED = """
UPDATE crm_supporter SET modified_at = %(at)s
WHERE modified_at < %(at)s AND id IN (
    SELECT person_id FROM import_chunk
    WHERE NOT is_new AND outcome IN ('c', 'u') AND person_id IS NOT NULL)
"""
ADDRESS_COLUMNS = """INSERT INTO crm_postaladdress
    (supporter_id, street, postcode, town, country, status, is_preferred, "use", source, added_at)
"""
FRESH_ADDRESS = (
    ADDRESS_COLUMNS
    + """SELECT person_id, coalesce(street, ''), coalesce(postcode, ''), coalesce(town, ''),
       coalesce(country, ''), 'unverified', true, 'home', %(source)s, %(at)s
FROM import_chunk WHERE fresh AND (street IS NOT NULL OR town IS NOT NULL) ORDER BY line
"""
)
NEW_ADDRESS = (
    ADDRESS_COLUMNS
    + """SELECT id, coalesce(street, ''), coalesce(letters_postcode, ''), coalesce(town, ''),
       coalesce(letters_country, ''), 'unverified', true, 'home', %(source)s, %(at)s
FROM import_person WHERE address = 'add' ORDER BY id
"""
)
CHANGED_ADDRESS = """
UPDATE crm_postaladdress SET street = coalesce(person.street, ''),
    postcode = coalesce(letters_postcode, ''), town = coalesce(person.town, ''),
    country = coalesce(letters_country, '')
FROM import_person person
WHERE person.address = 'change' AND person.address_id = crm_postaladdress.id
"""
PHONE = """
INSERT INTO crm_phone
    (supporter_id, number, status, is_preferred, "use", source, added_at)
SELECT person_id, {name}, 'good', add_prefer_{name}, 'home', %(source)s, %(at)s
FROM import_chunk WHERE add_{name} ORDER BY line
ON CONFLICT (supporter_id, number) DO NOTHING
"""
NEW_TAGS = """
INSERT INTO crm_tag (name, description, created_at)
SELECT DISTINCT ON (lower(name)) name, '', %(at)s::timestamptz
FROM import_chunk, jsonb_array_elements_text(add_tags) AS name ORDER BY lower(name)
ON CONFLICT DO NOTHING
"""
TAGGED = """
INSERT INTO crm_tagging (supporter_id, tag_id, source, tagged_at)
SELECT DISTINCT person_id, crm_tag.id, %(source)s, %(at)s::timestamptz
FROM import_chunk, jsonb_array_elements_text(add_tags) AS told
JOIN crm_tag ON lower(crm_tag.name) = lower(told)
ON CONFLICT (supporter_id, tag_id) DO NOTHING
"""
NOTE = """
INSERT INTO crm_note (supporter_id, text, is_confidential, written_at, modified_at)
SELECT person_id, note, false, %(at)s, %(at)s FROM import_chunk WHERE add_note ORDER BY line
"""
SAID_AT = "least(coalesce(newsletter_at, signed_at, %(at)s), %(at)s)"
CONSENT = f"""
INSERT INTO crm_consent
    (supporter_id, channel, purpose, given, wording_id, source, evidence, at)
SELECT person_id, 'email', 'newsletter', say, CASE WHEN say THEN %(wording)s::bigint END,
       %(consent)s, jsonb_build_object('import', %(batch)s::bigint, 'line', line), {SAID_AT}
FROM import_chunk WHERE say IS NOT NULL ORDER BY line
"""
# Somebody may have said yes in one row and no in another: the last word that was taken holds.
STATE = f"""
INSERT INTO crm_consentstate (supporter_id, channel, purpose, given, since)
SELECT DISTINCT ON (person_id) person_id, 'email', 'newsletter', say, {SAID_AT}
FROM import_chunk WHERE say IS NOT NULL ORDER BY person_id, line DESC
ON CONFLICT (supporter_id, channel, purpose)
DO UPDATE SET given = excluded.given, since = excluded.since
"""
SAID = """
INSERT INTO crm_change (supporter_id, kind, at)
SELECT person_id, CASE WHEN say THEN 'newsletter.subscribed' ELSE 'newsletter.unsubscribed' END,
       %(at)s
FROM import_chunk WHERE say IS NOT NULL ORDER BY line
"""
CHANGE = """
INSERT INTO crm_change (supporter_id, kind, at)
SELECT DISTINCT ON (person_id) person_id,
       CASE WHEN is_new THEN 'registered' ELSE 'imported' END, %(at)s::timestamptz
FROM import_chunk WHERE outcome IN ('c', 'u') AND person_id IS NOT NULL
ORDER BY person_id, is_new DESC
"""
REGISTERED = """
INSERT INTO crm_change (supporter_id, kind, at)
SELECT person_id, 'registered', %(at)s FROM import_chunk
WHERE is_new AND outcome NOT IN ('c', 'u') AND person_id IS NOT NULL ORDER BY line
"""
SOURCE = """
INSERT INTO crm_source (channel, utm_source, utm_medium, utm_campaign, referrer_host)
VALUES ('import', '', '', '', '') ON CONFLICT DO NOTHING
"""
IMPORTED = "(SELECT id FROM crm_source WHERE channel = 'import' AND utm_source = '' LIMIT 1)"
SIGNED_AT = "coalesce(signed_at, %(at)s)"
SIGNATURE = f"""
INSERT INTO crm_signature
    (id, public_id, campaign_id, supporter_id, status, way, source_id, language, country, region,
     signed_at, confirmed_at, modified_at)
SELECT signature_id, {PUBLIC_ID.format(of="signature")}, %(campaign)s, person_id, %(status)s,
       CASE WHEN %(status)s = 'confirmed' THEN 'taken-over' ELSE 'online' END,
       {IMPORTED}, {{where}},
       {SIGNED_AT}, CASE WHEN %(status)s = 'confirmed' THEN {SIGNED_AT} END, %(at)s
FROM {{signers}} ORDER BY line
ON CONFLICT (campaign_id, supporter_id) DO NOTHING
"""
FRESH_WHERE = """coalesce(language, %(language)s), coalesce(country, ''), coalesce(region, '')"""
FRESH_SIGNATURE = SIGNATURE.format(
    where=FRESH_WHERE, signers="import_chunk WHERE add_signature AND fresh"
)
KNOWN_SIGNATURE = SIGNATURE.format(
    where="""coalesce(chunk.language, signer.language), coalesce(chunk.country, signer.country),
       CASE WHEN chunk.country IS NULL THEN signer.region ELSE coalesce(chunk.region, '') END""",
    signers="""import_chunk chunk JOIN crm_supporter signer ON signer.id = person_id
WHERE add_signature AND NOT fresh""",
)
COMMENT = """
INSERT INTO crm_comment (signature_id, text, is_public)
SELECT signature_id, comment, false
FROM import_chunk WHERE add_signature AND comment IS NOT NULL ORDER BY line
"""
DELTA = """
INSERT INTO crm_signaturedelta
    (campaign_id, day, source_id, country, region, language, way, number)
"""
FRESH_DELTA = f"""{DELTA}
SELECT %(campaign)s, ({SIGNED_AT} AT TIME ZONE %(zone)s)::date, {IMPORTED},
       coalesce(country, ''), coalesce(region, ''), coalesce(language, %(language)s),
       'taken-over', count(*)
FROM import_chunk WHERE add_signature AND fresh AND %(status)s = 'confirmed'
GROUP BY 2, 4, 5, 6, line / 30000
"""
KNOWN_DELTA = f"""{DELTA}
SELECT campaign_id, (confirmed_at AT TIME ZONE %(zone)s)::date, source_id, country, region,
       signature.language, way, count(*)
FROM crm_signature signature
WHERE %(status)s = 'confirmed'
  AND id IN (SELECT signature_id FROM import_chunk WHERE add_signature AND NOT fresh)
GROUP BY 1, 2, 3, 4, 5, 6, 7, id / 30000
"""
GIFT = f"""
INSERT INTO crm_gift
    (id, public_id, reference, kind, supporter_id, campaign_id, source_id, fund_id, status, method,
     is_anonymous, description, amount, currency, given_at, received_on, modified_at)
SELECT gift_id, gen_random_uuid(), reference, 'money', person_id, %(campaign)s, {IMPORTED},
       coalesce(fund_id, %(fund)s), 'paid', method, false, '', amount, currency, given_on,
       (given_on AT TIME ZONE %(zone)s)::date, %(at)s
FROM import_chunk WHERE add_gift ORDER BY line
ON CONFLICT (reference) DO NOTHING
"""
ENTRY = """
INSERT INTO crm_entry (reference, gift_id, kind, amount, currency, transaction, day, at)
SELECT reference || ':' || moved.kind, gift_id, moved.kind, moved.amount, currency, '',
       (given_on AT TIME ZONE %(zone)s)::date, given_on
FROM import_chunk, LATERAL (VALUES ('payment', amount), ('refund', -coalesce(refunded, 0)))
    AS moved (kind, amount)
WHERE add_gift AND moved.amount <> 0 ORDER BY line, moved.kind
"""
GIFT_DELTA = f"""
INSERT INTO crm_giftdelta
    (day, campaign_id, source_id, currency, is_recurring, gifts, gross, fees, refunds)
SELECT (given_on AT TIME ZONE %(zone)s)::date, %(campaign)s::bigint, {IMPORTED}, currency, false,
       count(*), sum(amount), 0, -sum(coalesce(refunded, 0))
FROM import_chunk WHERE add_gift GROUP BY 1, currency, line / 30000
"""
STATEMENTS = (
    Statement(EMAIL.format(name="email"), needs("email"), expects="add_email"),
    Statement(EMAIL.format(name="other_email"), needs("other_email"), expects="add_other_email"),
    Statement(FRESH),
    Statement(NEW),
    Statement(CHANGED),
    Statement(TOUCHED),
    Statement(
        IDENTIFIER.format(name="identifier", system="%(system)s"),
        needs("identifier"),
        expects="add_identifier",
    ),
    Statement(
        IDENTIFIER.format(name="fingerprint", system="'row'"),
        expects="add_fingerprint",
    ),
    Statement(FRESH_ADDRESS, needs("street", "town")),
    Statement(NEW_ADDRESS, needs("street", "town")),
    Statement(CHANGED_ADDRESS, needs("street", "town", "postcode")),
    Statement(PHONE.format(name="phone"), needs("phone")),
    Statement(PHONE.format(name="other_phone"), needs("other_phone")),
    Statement(NEW_TAGS, needs("tags")),
    Statement(TAGGED, needs("tags")),
    Statement(NOTE, needs("note")),
    Statement(CONSENT, needs("newsletter")),
    Statement(STATE, needs("newsletter")),
    Statement(SAID, needs("newsletter")),
    Statement(CHANGE),
    Statement(REGISTERED),
    Statement(FRESH_SIGNATURE, kind=Kind.SIGNATURES, expects="add_signature AND fresh"),
    Statement(KNOWN_SIGNATURE, kind=Kind.SIGNATURES, expects="add_signature AND NOT fresh"),
    Statement(COMMENT, needs("comment"), kind=Kind.SIGNATURES),
    Statement(FRESH_DELTA, kind=Kind.SIGNATURES),
    Statement(KNOWN_DELTA, kind=Kind.SIGNATURES),
    Statement(GIFT, kind=Kind.GIFTS, expects="add_gift"),
    Statement(ENTRY, kind=Kind.GIFTS),
    Statement(GIFT_DELTA, kind=Kind.GIFTS),
)
