"""Importing gifts of the past: the money is exact, and in the books once."""

from datetime import date

import pytest

from crm.donations import tallies
from crm.donations.models import Entry, Gift, GiftDelta, GiftTally
from crm.mailing.models import Mail
from crm.people.models import Supporter
from tests.crm.lists import checked, counts, described, imported, outcomes, reasons
from tests.factories import FundFactory, GiftFactory, SupporterFactory

pytestmark = pytest.mark.django_db
GIFTS = (
    "Email;Nom;Montant;Date;Mode de paiement;Référence;Fonds\n"
    "anne@example.org;Dupont;1.250,50;31/12/2024;virement;A1;shelter\n"
    "anne@example.org;Dupont;25;01/01/2025;espèces;A2;\n"
    ";Peeters;10,5;02/01/2025;;A3;\n"
)
NAMELESS = (
    "Email;Montant;Date\n"
    "anne@example.org;25,00;01/01/2025\n"
    "anne@example.org;25,00;01/01/2025\n"
    "bram@example.org;25,00;01/01/2025\n"
)


def gifts(text=GIFTS, **options):
    return imported(text, kind="gifts", **options)


def sums():
    rows = GiftDelta.objects.values_list("gifts", "gross", "refunds")
    return tuple(sum(column) for column in zip(*rows, strict=True)) or (0, 0, 0)


def test_gifts_are_written_with_their_money():
    fund = FundFactory(code="shelter")

    batch = gifts(system="old")

    first = Gift.objects.get(reference="import:old:A1")
    assert outcomes(batch) == [(2, "c"), (3, "c"), (4, "c")]
    assert (first.amount, first.currency, first.method, first.fund) == (
        125050,
        "EUR",
        "bank_transfer",
        fund,
    )
    assert (first.status, first.received_on) == ("paid", date(2024, 12, 31))
    assert set(Entry.objects.values_list("reference", "kind", "amount", "day")) == {
        ("import:old:A1:payment", "payment", 125050, date(2024, 12, 31)),
        ("import:old:A2:payment", "payment", 2500, date(2025, 1, 1)),
        ("import:old:A3:payment", "payment", 1050, date(2025, 1, 2)),
    }
    assert sums() == (3, 128600, 0)
    assert Supporter.objects.count() == 2
    assert Mail.objects.count() == 0
    while tallies.fold():
        continue
    assert sum(GiftTally.objects.values_list("gross", flat=True)) == 128600


def test_same_gifts_again_are_the_same_gifts():
    FundFactory(code="shelter")
    gifts()

    again = gifts()

    assert counts(again) == {"unchanged": 3}
    assert sums() == (3, 128600, 0)


def test_gifts_without_a_number_are_themselves_again():
    first = gifts(NAMELESS)

    again = gifts(NAMELESS)

    assert counts(first) == {"created": 3}
    assert counts(again) == {"unchanged": 3}
    assert sums() == (3, 7500, 0)


def test_number_twice_in_a_file_is_one_gift():
    batch = gifts(
        "Email,Amount,Date,Reference\na@example.org,5,2025-01-01,X\nb@example.org,5,2025-01-01,X\n"
    )

    assert reasons(batch) == {3: ["twice"]}
    assert Gift.objects.count() == 1


def test_number_of_a_known_gift_with_other_money_is_bad():
    GiftFactory(reference="import:old:A1", amount=100)

    batch = gifts("Email,Amount,Date,Reference\na@b.org,5,2025-01-01,A1\n", system="old")

    assert reasons(batch) == {2: ["gift-differs"]}
    assert Gift.objects.count() == 1


@pytest.mark.parametrize("amount", ["", "0", "-5", "abc", "1,234.567", "12.345,6.7"])
def test_what_is_no_amount_is_bad(amount):
    batch = gifts(f'Email,Amount,Date\nanne@example.org,"{amount}",2025-01-01\n')

    assert reasons(batch) == {2: ["amount"]}
    assert not Supporter.objects.exists()


def test_day_currency_and_fund_are_checked():
    batch = gifts(
        "Email,Amount,Date,Currency,Fund\n"
        "a@example.org,5,,EUR,\n"
        "a@example.org,5,2199-01-01,EUR,\n"
        "a@example.org,5,2025-01-01,XYZ,\n"
        "a@example.org,5,2025-01-01,EUR,none\n"
        "a@example.org,500,2025-01-01,JPY,\n"
    )

    assert reasons(batch) == {2: ["missing"], 3: ["future"], 4: ["unknown"], 5: ["fund"]}
    assert Gift.objects.get().amount == 500


def test_known_donor_keeps_what_we_know():
    donor = SupporterFactory(email="anne@example.org")
    FundFactory(code="shelter")

    gifts()

    donor.refresh_from_db()
    assert donor.gifts.count() == 2
    assert donor.family_name == "Supporter"


def test_check_of_gifts_moves_no_money():
    FundFactory(code="shelter")

    batch = checked(described(GIFTS, kind="gifts"))

    assert counts(batch) == {"created": 3}
    assert not Gift.objects.exists()
    assert not GiftDelta.objects.exists()
