"""Loading the demo: all of it or nothing, the same every time, and never beside real data."""

import io
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from crm.audit import AuditEntry
from crm.campaigns.comments import Comment
from crm.campaigns.counting import StepTally
from crm.campaigns.leads import Lead
from crm.campaigns.models import Campaign, Signature, Source
from crm.campaigns.shares import Share
from crm.campaigns.sheets import Sheet
from crm.demo import load
from crm.demo import tallies as demo_tallies
from crm.donations.communications import Communication
from crm.donations.models import Entry, Gift, Plan
from crm.donations.papers import Receipt
from crm.donations.pledges import Instalment
from crm.people.contact_points import Phone, PostalAddress
from crm.people.duplicates import Suspicion
from crm.people.households import HouseholdMember, Relationship
from crm.people.merges import Merge
from crm.people.models import Supporter
from crm.people.notes import Note, Task
from crm.people.proposals import Proposal
from crm.people.tags import Tagging
from crm.privacy.models import Consent, ConsentState
from tests.factories import CampaignFactory, SupporterFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 14)
SMALL = {"signatures": 200, "gifts": 60}
# What was put under indexes and references again must be named and made as it was.
STRUCTURE = """
SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'crm_%'
UNION ALL
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint WHERE conrelid::regclass::text LIKE 'crm_%'
ORDER BY 1
"""


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def load_small():
    load.load(today=TODAY, out=io.StringIO(), **SMALL)


def structure():
    with connection.cursor() as cursor:
        cursor.execute(STRUCTURE)
        return [row[0] for row in cursor.fetchall()]


def rows():
    """All that the demo wrote, without the numbers that sequences give."""
    return [
        # Who was imported has a number of the database's own choice.
        list(Supporter.objects.exclude(source__startswith="import:").order_by("pk").values_list()),
        list(
            Signature.objects.order_by("pk").values_list(
                "pk", "public_id", "campaign__slug", "supporter", "status", "language", "region",
                "source__channel", "source__utm_campaign", "source__referrer_host",
                "signed_at", "confirmed_at", "modified_at", "newsletter__language", "ended",
                "referrer", "generation", "network", "first_source__channel",
            )
        ),
        list(Share.objects.order_by("pk").values_list("pk", "signature", "medium", "at")),
        list(Sheet.objects.order_by("pk").values_list("public_id", "number", "valid", "place")),
        list(Lead.objects.order_by("lead_id").values_list("lead_id", "signature", "received_at")),
        list(
            StepTally.objects.order_by("campaign", "step", "day", "source__channel", "number")
            .values_list("campaign__slug", "step", "day", "source__channel", "number")
        ),
        list(Comment.objects.order_by("pk").values_list()),
        list(Consent.objects.order_by("pk").values_list("supporter", "given", "source", "at")),
        list(ConsentState.objects.order_by("pk").values_list()),
        list(Plan.objects.order_by("pk").values_list("reference", "amount", "status", "ended_at")),
        list(
            Gift.objects.order_by("pk").values_list(
                "public_id", "reference", "supporter", "plan", "campaign__slug", "status",
                "source__channel", "method", "amount", "given_at", "received_on",
            )
        ),
        list(Entry.objects.order_by("reference").values_list("reference", "gift", "amount", "at")),
        list(
            Receipt.objects.order_by("year", "number").values_list(
                "year", "number", "gift", "donor_name", "amount", "issued_at", "voided_at"
            )
        ),
        list(
            Communication.objects.order_by("pk").values_list(
                "pk", "digits", "supporter", "campaign__slug", "appeal", "created_at"
            )
        ),
        list(Instalment.objects.order_by("pk").values_list("due_on", "amount", "gift")),
        list(Phone.objects.order_by("pk").values_list("supporter", "number", "added_at")),
        list(PostalAddress.objects.order_by("pk").values_list("supporter", "street", "town")),
        list(Relationship.objects.order_by("pk").values_list("supporter", "other", "kind")),
        list(Tagging.objects.order_by("supporter", "tag__name").values_list(
            "supporter", "tag__name", "tagged_at"
        )),
        list(Note.objects.order_by("pk").values_list("supporter", "text", "written_at")),
        list(Task.objects.order_by("pk").values_list("title", "supporter", "due_on")),
        list(Proposal.objects.order_by("pk").values_list("supporter", "field", "value")),
        list(Suspicion.objects.order_by("pk").values_list("first", "second", "score", "state")),
        list(Merge.objects.order_by("pk").values_list("kept", "lost", "score")),
        list(
            HouseholdMember.objects.order_by("pk").values_list(
                "household__public_id", "supporter", "position"
            )
        ),
    ]  # fmt: skip


def test_the_same_day_brings_the_same_rows():
    with transaction.atomic():
        load_small()
        first = rows()
        transaction.set_rollback(True)

    load_small()

    assert rows() == first
    # So few live in no household yet.
    assert [len(table) > 0 for table in first] == [True] * (len(first) - 1) + [False]


def test_loading_leaves_indexes_and_constraints_as_they_were():
    before = structure()

    load_small()

    assert structure() == before


def test_a_second_load_is_refused_and_changes_nothing():
    load_small()
    before = rows()

    with pytest.raises(CommandError, match="There are supporters in this database"):
        call_command("demo", **SMALL)

    assert rows() == before


def test_if_empty_is_quiet_where_the_demo_is(capsys):
    load_small()
    before = rows()

    call_command("demo", "--if-empty", **SMALL)

    assert rows() == before
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("make", [SupporterFactory, CampaignFactory])
def test_real_data_is_refused_as_it_is(make):
    make()

    with pytest.raises(CommandError, match=r"empty one\. Nothing was changed"):
        call_command("demo", **SMALL)

    assert Supporter.objects.count() + Campaign.objects.count() == 1
    assert not get_user_model().objects.exists()


def test_an_account_named_after_a_role_keeps_its_password(staff):
    staff("administrator")

    with pytest.raises(CommandError, match="accounts named after roles"):
        call_command("demo", **SMALL)

    assert not get_user_model().objects.get().has_usable_password()


@pytest.mark.parametrize("options", [[], ["--if-empty"]])
def test_an_installation_that_takes_real_money_is_refused(settings, options):
    settings.STRIPE_SECRET_KEY = "rk_live_1"

    with pytest.raises(CommandError, match="STRIPE_SECRET_KEY is a live key"):
        call_command("demo", *options, **SMALL)

    assert not Supporter.objects.exists()


def test_what_fails_half_way_leaves_nothing(monkeypatch):
    before = structure()

    def fail(**_told):
        raise ZeroDivisionError

    monkeypatch.setattr(demo_tallies, "count", fail)

    with pytest.raises(ZeroDivisionError):
        load_small()

    assert structure() == before
    for model in (Supporter, Campaign, Source, Gift, AuditEntry, get_user_model()):
        assert not model.objects.exists()


def test_the_command_tells_how_to_sign_in(capsys):
    call_command("demo", **SMALL)

    told = capsys.readouterr()
    assert "administrator, password soutien-demo" in told.out
    assert [line.split(" …")[0].strip() for line in told.err.splitlines()] == [
        "campaigns, texts and staff accounts",
        "200 signatures",
        "60 gifts",
        "indexes",
        "daily tallies",
        "pledges, tributes and letters",
        "households, notes and duplicates",
        "partners and networks",
        "trainings",
        "checkouts and Stripe's books",
        "a bank statement",
        "segments, imports and exports",
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_few_is_possible_too(number):
    load.load(today=TODAY, signatures=number, gifts=number, out=io.StringIO())

    confirmed = Signature.objects.confirmed().filter(campaign__slug="stop-traite")
    gifts = Gift.objects.filter(reference__startswith="demo:gift:")
    assert (confirmed.count(), gifts.count()) == (number, number)


def test_fewer_than_none_is_refused():
    with pytest.raises(CommandError, match="fewer than 0"):
        call_command("demo", signatures=-1)
