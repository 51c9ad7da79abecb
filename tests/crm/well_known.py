"""Zelda again, as staff know her: with all that hangs on the record of a person."""

from django.core.files.uploadedfile import SimpleUploadedFile

from crm.donations.batches import Batch, BatchRow
from crm.exchange.models import Import, ImportRow
from crm.mailing.assigning import put_down
from crm.people.addressing import add_address, add_email, add_phone
from crm.people.attaching import attach
from crm.people.belonging import form_household
from crm.people.merging import merge
from crm.people.noting import change_note, write_note
from crm.people.offers import offer
from crm.people.operations import correct, identify, register
from crm.people.relating import relate
from crm.people.segments import SegmentMember
from crm.people.tagging import add_tag, create_tag
from tests.factories import AT, CheckoutFactory, SupporterFactory
from tests.people_factories import SegmentFactory, SuspicionFactory

NAMES = {"given_name": "Zeldarine", "family_name": "Quixworth"}
SECOND = "zr@quixmail.example.org"  # an address that stands in no field of the supporter
# Everything that tells who it was.
TELLING = [
    "Zeldarine",
    "Quixworth",
    "quixmail",
    "1951-07-23",
    "+32479998877",
    "Rue Zygomar",
    "my own words",
    "BE71096123456769",
    "row-hash-of-zelda",
]


def known(by):
    """Return Zelda, about whom there is something in every table that is about people."""
    who = register(email="zelda@quixworth.example.org", at=AT, source="staff", **NAMES)
    correct(supporter=who, at=AT, by=by, birth_date="1951-07-23", own_greeting="my own words")
    correct(supporter=who, at=AT, by=by, form_of_address="madam")
    reached(who, by)
    belongs(who, by)
    worked_on(who, by)
    identify(supporter=who, system="iban", value="BE71096123456769")
    identify(supporter=who, system="row", value="row-hash-of-zelda")
    offer(supporter=who, source="signature:1", at=AT, postcode="my own words")
    twice(who, by)
    in_lists(who)
    return who


def reached(who, by):
    told = {"supporter": who, "source": "staff", "at": AT, "by": by}
    add_email(address=SECOND, **told)
    add_phone(number="+32479998877", **told)
    add_address(street="Rue Zygomar 7", town="Zonnebeke", postcode="8980", country="BE", **told)


def belongs(who, by):
    partner = SupporterFactory(given_name="Partnerine")
    form_household(members=[who, partner], own_name="Zeldarine & Co", at=AT, by=by)
    relate(supporter=partner, other=who, kind="friend", role="my own words", at=AT, by=by)
    add_tag(supporter=who, tag=create_tag(name="volunteer", at=AT), source="staff", at=AT, by=by)


def worked_on(who, by):
    note = write_note(supporter=who, text="Zeldarine is ill", is_confidential=True, at=AT, by=by)
    change_note(note=note, text="my own words", at=AT, by=by)
    colleague = by.__class__.objects.create(
        username="colleague", is_staff=True, email="colleague@example.org"
    )
    put_down(title="Call Zeldarine", supporter=who, assigned_to=colleague, at=AT, by=by)
    upload = SimpleUploadedFile("Letter of Zeldarine.txt", b"my own words, Zeldarine Quixworth")
    attach(supporter=who, upload=upload, at=AT, by=by)


def twice(who, by):
    """One record of hers is still apart, one went into this one."""
    SuspicionFactory(first=who, second=SupporterFactory(given_name="Doubtina"))
    other = register(email="old@quixworth.example.org", at=AT, **NAMES)
    add_phone(supporter=other, number="+32479998877", source="staff", at=AT)
    merge(kept=who, lost=other, at=AT, by=by)


def in_lists(who):
    SegmentMember.objects.create(segment=SegmentFactory(), supporter=who)
    batch = Import.objects.create(kind="supporters", name="list.csv")
    facts = {"before": {"given_name": "Zelda"}, "after": {"given_name": "Zeldarine"}}
    ImportRow.objects.create(batch=batch, line=2, outcome="u", supporter=who, **facts)
    # Rows that name an address of hers, and are nobody's yet.
    CheckoutFactory(email=SECOND)
    letters = Batch.objects.create(
        name="Letters", received_on="2026-03-01", expected_count=1, expected_total=100
    )
    BatchRow.objects.create(batch=letters, position=1, email=SECOND)
