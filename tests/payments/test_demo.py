"""What payments add to the demo: a statement taken in as staff would, Stripe's books, checkouts."""

import io
from collections import Counter
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import F, Q, Sum
from procrastinate.contrib.django.models import ProcrastinateJob

from crm.demo import load
from crm.demo.moments import midnight
from crm.donations.models import Entry, Gift, GiftDelta, GiftTally
from crm.donations.papers import Receipt
from crm.mailing.models import Mail
from crm.people.models import Identifier
from payments.bank.reading import read
from payments.books import Difference, Payout, PayoutLine, Reconciliation
from payments.demo.statement import Move, coda, invented_account
from payments.imports.proposals import gifts_returned_by, proposals_for
from payments.models import Checkout
from payments.reconciliation.payouts import doubtful
from payments.statements import BankFile, BankLine, BankStatement
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 14)
OURS = "BE68539007547034"


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        load.load(today=TODAY, signatures=800, gifts=1200, out=io.StringIO())
        yield
        transaction.set_rollback(True)


def test_statement_is_ours_and_ends_yesterday():
    statement = BankStatement.objects.get()

    assert (statement.account, statement.currency) == (OURS, "EUR")
    assert (statement.opened_on, statement.closed_on) == (date(2026, 2, 28), date(2026, 3, 13))
    assert statement.file.name == "2026-03-13.cod"
    assert statement.file.uploaded_by.username == "fundraiser"


def test_lines_are_matched_by_themselves_or_wait_for_a_reason():
    states = Counter(BankLine.objects.values_list("state", "matched_by"))

    assert states == {
        ("gift", "communication"): 12,
        ("gift", "iban"): 4,
        ("payout", "payout"): 2,
        ("no_gift", "rule"): 4,
        ("waiting", ""): 10,
    }


def test_some_of_what_waits_has_a_donor_proposed_and_some_has_none():
    came = BankLine.objects.waiting().order_by("pk")
    back = BankLine.objects.undecided().get(amount__lt=0)

    proposed = Counter(bool(proposals_for(line)) for line in came)

    assert proposed == {True: 6, False: 3}
    assert gifts_returned_by(back)[0].amount == -back.amount


def test_gifts_by_transfer_have_their_receipts_and_nobody_is_written_to():
    gifts = Gift.objects.filter(bank_line__isnull=False)

    assert gifts.count() == Receipt.objects.filter(gift__in=gifts).count() == 16
    assert not ProcrastinateJob.objects.filter(task_name="donations.thank").exists()
    run_jobs()
    assert not Mail.objects.exists()


def test_tallies_hold_the_bank_gifts_too():
    sums = {"gross": Sum("gross"), "fees": Sum("fees"), "refunds": Sum("refunds")}
    told = GiftTally.objects.aggregate(**sums)

    assert sum(told.values()) == Entry.objects.aggregate(sum=Sum("amount"))["sum"]
    assert not GiftDelta.objects.exists()


def test_payouts_add_up_and_need_not_be_read_again():
    payouts = Payout.objects.annotate(sum=Sum("lines__net"))

    assert payouts.count() == 4
    assert payouts.filter(sum=F("amount"), lines_sum=F("amount"), our_sum=F("amount")).count() == 4
    assert Payout.objects.exclude(bank_line=None).filter(bank_line__amount=F("amount")).count() == 2
    assert doubtful() == set()
    assert not Difference.objects.exists()
    assert Reconciliation.objects.last_finished().until < midnight(TODAY)


def test_lines_of_payouts_are_the_movements_of_gifts():
    lines = PayoutLine.objects.all()
    entries = Entry.objects.filter(transaction__in=lines.values("transaction"))

    assert lines.exists()
    assert entries.aggregate(sum=Sum("amount"))["sum"] == lines.aggregate(sum=Sum("net"))["sum"]
    assert not lines.exclude(net=F("amount") - F("fee")).exists()
    assert not lines.exclude(at__lt=F("payout__created_at")).exists()


def test_checkouts_given_up_keep_no_more_than_they_may():
    week = midnight(TODAY) - timedelta(days=7)
    nobody = Q(email="", given_name="", family_name="")

    assert Counter(Checkout.objects.values_list("state", flat=True)) == {
        "expired": 8,
        "declined": 3,
        "failed": 1,
    }
    assert not Checkout.objects.exclude(supporter=None).exists()
    assert set(Checkout.objects.filter(nobody)) == set(Checkout.objects.filter(started_at__lt=week))


def test_accounts_are_nobodys():
    assert Identifier.objects.filter(system="iban").exists()
    for value in Identifier.objects.filter(system="iban").values_list("value", flat=True):
        account, check = int(value[4:14]), int(value[14:])
        assert check != (account % 97 or 97)


def test_without_an_account_there_is_no_statement(settings):
    with transaction.atomic():
        Checkout.objects.all().delete()
        BankLine.objects.all().delete()
        BankStatement.objects.all().delete()
        BankFile.objects.all().delete()
        Payout.objects.all().delete()
        Reconciliation.objects.all().delete()
        settings.ORGANISATION_IBAN = ""

        apps.get_app_config("payments").load_demo(today=TODAY, out=io.StringIO())

        assert (BankFile.objects.count(), Payout.objects.count()) == (0, 4)
        transaction.set_rollback(True)


@pytest.mark.parametrize("account", [OURS, "FR7630006000011234567890189"])
def test_written_statement_is_read_as_it_was_meant(account):
    day = date(2026, 3, 2)
    moves = [
        Move(day, 2500, "LEFÈVRE CÉLINE", invented_account(7), digits="000000000101"),
        Move(day, -1200, "", "", "FRAIS DE COMPTE"),
    ]

    data = coda(moves, account=account, holder="AMIS", first=date(2026, 3, 1), last=day)

    (statement,) = read(data).statements
    assert (statement.account, statement.opened_on, statement.closed_on) == (
        account,
        date(2026, 3, 1),
        day,
    )
    assert [
        (line.booked_on, line.amount, line.payer_name, line.payer_iban) for line in statement.lines
    ] == [(day, 2500, "LEFÈVRE CÉLINE", invented_account(7)), (day, -1200, "", "")]
    assert [(line.structured, line.communication) for line in statement.lines] == [
        ("000000000101", ""),
        ("", "FRAIS DE COMPTE"),
    ]
    assert statement.closing_balance - statement.opening_balance == 1300
