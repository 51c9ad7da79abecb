"""Cells that a database would refuse, or that mean nothing: a row is bad, the import goes on."""

import pytest

from crm.donations.models import Gift
from crm.people.models import Supporter
from tests.crm.lists import checked, counts, described, imported, outcomes, reasons, run
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db


def test_two_names_of_an_organisation_that_do_not_fit_into_one():
    text = f"Contact type,First name,Last name\norganisation,{'A' * 90},{'B' * 90}\n"

    batch = imported(text)

    assert (counts(batch), reasons(batch)) == ({"bad": 1}, {2: ["too-long"]})


@pytest.mark.parametrize(
    "when", ["2025-01-01T00:00:00+20:00", "2025-01-01T12:00:00-23:59", "2025-03-30 02:30"]
)
def test_moments_of_any_zone_are_read(campaign, when):
    batch = imported(f"Email,Date\na@example.org,{when}\n", kind="signatures", campaign=campaign.pk)

    assert counts(batch) == {"created": 1}


@pytest.mark.parametrize(
    "day", ["31/02/2000", "29/02/2001", "00/01/2000", "0000-01-01", "0000-00-00", "2000-02-30"]
)
def test_day_that_there_is_not_is_told(day):
    batch = imported(f"Email,Birth date\na@example.org,{day}\n")

    assert reasons(batch) == {2: ["date"]}


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("1.000,5", "EUR", 100050),
        ("0.500", "EUR", 50),
        ("1,000", "JPY", 1000),
        ("1000", "JPY", 1000),
        ("10,5", "JPY", None),
        ("-5", "EUR", None),
        ("0", "EUR", None),
        ("1000000000000000", "EUR", None),
        ("9" * 30, "EUR", None),
    ],
)
def test_amounts(amount, currency, minor):
    text = f'Email,Amount,Currency,Date\na@example.org,"{amount}",{currency},2025-01-01\n'

    imported(text, kind="gifts")

    assert list(Gift.objects.values_list("amount", flat=True)) == ([minor] if minor else [])


def test_tag_is_the_same_again_whatever_its_letters():
    text = "Email,Tags\na@example.org,İstanbul\n"
    imported(text)

    assert counts(imported(text)) == {"unchanged": 1}


def test_dry_run_says_what_the_run_does_and_the_second_run_does_nothing():
    SupporterFactory(email="k@example.org", given_name="")
    other = SupporterFactory(email="o@example.org")
    other.identifiers.create(system="civicrm", value="7")
    text = (
        "Email,Other email,Contact ID,First name,Birth date,Tags,Newsletter\n"
        "K@Example.org,,,Ann,29/02/2000,a,yes\n"
        "k@example.org,n@example.org,,Ann,,A,no\n"
        "N@example.org,,9,Ann,,b,yes\n"
        "k@example.org,,7,,,,\n"
        "new@example.org,,10,New,31/02/2000,,\n"
        "new@example.org,,10,New,28/02/2000,,\n"
        ",,10,Niew,,,\n"
        ",,,Nobody,,,\n"
    )
    batch = checked(described(text, system="civicrm", consent="List"))
    said = list(batch.rows.order_by("line").values_list("line", "outcome", "before", "after"))

    run(batch)

    did = list(batch.rows.order_by("line").values_list("line", "outcome", "before", "after"))
    assert did == said
    assert "".join(outcome for _line, outcome in outcomes(batch)) == "uuubbc=c"
    people = Supporter.objects.count()
    again = imported(text, system="civicrm", consent="List")
    assert "".join(outcome for _line, outcome in outcomes(again)) == "===bb==="
    assert Supporter.objects.count() == people
