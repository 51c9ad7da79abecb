"""One import of a file of signatures, in one way: `python -m bench.importing WAY FILE`.

Prints the seconds it took, the most memory that this process held, and what is there afterwards.
"""

import csv
import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection, transaction  # noqa: E402 (the apps come first)
from django.utils import timezone  # noqa: E402
from import_export import fields, resources, widgets  # noqa: E402
from import_export.instance_loaders import CachedInstanceLoader  # noqa: E402

from crm.campaigns import tallies  # noqa: E402
from crm.campaigns.models import Campaign, Signature, Source  # noqa: E402
from crm.exchange import imports, running  # noqa: E402
from crm.exchange.models import Import  # noqa: E402
from crm.exchange.options import Options  # noqa: E402
from crm.people.contact_points import EmailAddress  # noqa: E402
from crm.people.models import Supporter  # noqa: E402
from crm.people.operations import newcomer  # noqa: E402

EMPTY = """
TRUNCATE crm_supporter, crm_import, crm_importrow, crm_storedfile, crm_campaign, crm_source,
    crm_signaturedelta, crm_change CASCADE
"""
STAGE = """
CREATE TEMP TABLE staged (
    line serial, email text, given text, family text, postcode text, country text, language text,
    signed text, newsletter text
)
"""
COPY = """
COPY staged (email, given, family, postcode, country, language, signed, newsletter)
FROM STDIN (FORMAT csv, HEADER)
"""
# Everybody once, by the address in lower case; their signature; nothing else.
DISTINCT = """
CREATE TEMP TABLE people AS
SELECT DISTINCT ON (lower(email)) lower(email) AS address, staged.*,
       to_timestamp(signed, 'DD/MM/YYYY HH24:MI') AS signed_at,
       NULL::bigint AS id
FROM staged ORDER BY lower(email), line
"""
KNOWN = """
UPDATE people SET id = known.supporter_id FROM crm_emailaddress known
WHERE known.address = people.address
"""
NUMBER = """
UPDATE people SET id = nextval(pg_get_serial_sequence('crm_supporter', 'id')) WHERE id IS NULL
"""
PEOPLE = """
INSERT INTO crm_supporter
    (id, public_id, kind, given_name, family_name, email, birth_date, language, postcode, country,
     region, source, created_at, modified_at, search_text)
SELECT id, gen_random_uuid(), 'person', given, family, address, NULL, language, postcode, country,
       '', 'floor', now(), now(), lower(concat_ws(' ', given, family, address, postcode))
FROM people ON CONFLICT DO NOTHING
"""
ADDRESSES = """
INSERT INTO crm_emailaddress (supporter_id, address, status, "use", source, added_at)
SELECT id, address, 'good', 'home', 'floor', now() FROM people ON CONFLICT DO NOTHING
"""
SIGNATURES = """
INSERT INTO crm_signature
    (public_id, campaign_id, supporter_id, status, source_id, language, country, region, signed_at,
     confirmed_at, modified_at)
SELECT gen_random_uuid(), %s, id, 'confirmed', %s, language, country, '', signed_at, signed_at,
       now()
FROM people ON CONFLICT DO NOTHING
"""


def ours(path: Path, campaign: Campaign) -> float:
    """Upload as staff do, and run the job; only the job is timed, with its reading of the file."""
    now = timezone.now()
    with path.open("rb") as file:
        chunks = iter(lambda: file.read(1 << 20), b"")
        batch = imports.start(chunks=chunks, name=path.name, at=now, kind="signatures")
    told = {**batch.options, "campaign": campaign.pk, "consent": "Paper form"}
    imports.configure(batch=batch, mapping=batch.mapping, options=Options.from_json(told), at=now)
    imports.request_run(batch=batch, at=now)
    began = time.perf_counter()
    running.run(batch_id=batch.pk, now=now)
    return time.perf_counter() - began


def floor(path: Path, campaign: Campaign) -> float:
    """What PostgreSQL alone needs for people, addresses and signatures."""
    source = Source.objects.create(channel="direct")
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy(COPY) as copy, path.open("rb") as file:
            while block := file.read(1 << 16):
                copy.write(block)
        for statement in ("ANALYZE staged", DISTINCT, KNOWN, NUMBER, PEOPLE, ADDRESSES):
            cursor.execute(statement)
        cursor.execute(SIGNATURES, [campaign.pk, source.pk])
    return time.perf_counter() - began


class SignatureResource(resources.ModelResource):
    """Signatures as django-import-export imports them, with all that makes it fast.

    It finds rows by one field at once, by two only with a query for each row: who has signed is
    therefore asked beforehand, and all that come here are new.
    """

    campaign = fields.Field("campaign_id", "campaign", widget=widgets.IntegerWidget())
    supporter = fields.Field("supporter_id", "supporter", widget=widgets.IntegerWidget())
    source = fields.Field("source_id", "source", widget=widgets.IntegerWidget())

    class Meta:
        model = Signature
        fields = ("campaign", "supporter", "source", "language", "country", "status",
                  "signed_at", "confirmed_at")  # fmt: skip
        import_id_fields = ("campaign", "supporter")
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        skip_html_diff = True
        use_transactions = True
        force_init_instance = True


def library(path: Path, campaign: Campaign) -> float:
    """Let django-import-export do it: people, then their addresses, then their signatures.

    It finds whom it knows by its own loader for many rows, which asks once. What stands in the file
    twice that loader does not see, as nothing is saved before the end: a dictionary does it.
    """
    import tablib  # noqa: PLC0415 (of this side only)

    source = Source.objects.create(channel="direct")
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    dataset = tablib.Dataset(headers=["kind", "email", "given_name", "family_name", "language",
                                      "postcode", "country", "search_text"])  # fmt: skip
    seen: dict[str, dict[str, str]] = {}
    for row in rows:
        seen.setdefault(row["Email"].lower(), row)
    now = timezone.now()
    for row in seen.values():
        new = newcomer(
            at=now,
            email=row["Email"],
            given_name=row["First name"],
            family_name=row["Last name"],
            language=row["Language"],
            postcode=row["Postcode"],
            country=row["Country"],
        )
        dataset.append((new.kind, new.email, new.given_name, new.family_name, new.language,
                        new.postcode, new.country, new.search_text))  # fmt: skip
    checked(PeopleResource().import_data(dataset, raise_errors=True))
    ids = dict(Supporter.objects.values_list("email", "pk"))
    addresses = tablib.Dataset(headers=["supporter", "address"])
    signed = tablib.Dataset(headers=["campaign", "supporter", "source", "language", "country",
                                     "status", "signed_at", "confirmed_at"])  # fmt: skip
    signers = set(campaign.signatures.values_list("supporter_id", flat=True))
    for email, row in seen.items():
        addresses.append((ids[email], email))
        if ids[email] in signers:
            continue
        at = datetime.strptime(row["Signed at"], "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
        signed.append((campaign.pk, ids[email], source.pk, row["Language"], row["Country"],
                       "confirmed", at, at))  # fmt: skip
    checked(AddressResource().import_data(addresses, raise_errors=True))
    checked(SignatureResource().import_data(signed, raise_errors=True))
    return time.perf_counter() - began


class PeopleResource(resources.ModelResource):
    class Meta:
        model = Supporter
        fields = ("kind", "email", "given_name", "family_name", "language", "postcode",
                  "country", "search_text")  # fmt: skip
        import_id_fields = ("email",)
        instance_loader_class = CachedInstanceLoader
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        skip_html_diff = True
        use_transactions = True


class AddressResource(resources.ModelResource):
    supporter = fields.Field("supporter_id", "supporter", widget=widgets.IntegerWidget())

    class Meta:
        model = EmailAddress
        fields = ("supporter", "address")
        import_id_fields = ("address",)
        instance_loader_class = CachedInstanceLoader
        use_bulk = True
        batch_size = 1000
        skip_diff = True
        skip_html_diff = True
        use_transactions = True


def checked(result: Any) -> None:
    if result.has_errors() or result.has_validation_errors():
        raise AssertionError("the library refused rows")


def main(way: str, path: Path) -> None:
    if way != "again":
        with connection.cursor() as cursor:
            cursor.execute(EMPTY)
            cursor.execute("VACUUM ANALYZE")
        Campaign.objects.create(slug="bench", kind=Campaign.Kind.PETITION)
    campaign = Campaign.objects.get()
    ways = {"ours": ours, "again": ours, "floor": floor, "library": library}
    seconds = ways[way](path, campaign)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    last = Import.objects.order_by("-pk").values("state", "created", "unchanged").first() or {}
    found = {
        "seconds": seconds,
        "megabytes": memory,
        "people": Supporter.objects.count(),
        "signatures": Signature.objects.count(),
        "counter": tallies.count(campaign),
        **last,
    }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
