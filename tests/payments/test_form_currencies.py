"""In which currency, how often, and between which limits one may give."""

import pytest
from django.core.checks import run_checks

from crm.lib.money import NotAnAmount, parse_amount
from payments.amounts import least, most, offered
from payments.models import Checkout
from tests.factories import CampaignFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def several(settings):
    settings.DONATION_CURRENCIES = ["EUR", "CHF", "JPY"]


def errors(answer):
    form = answer.context["form"]
    return {name: [str(error) for error in found] for name, found in form.errors.items()}


def labels(answer):
    choices = answer.context["form"].fields["amount"].widget.choices
    return [label for _value, label in choices][:-1]


@pytest.mark.parametrize("frequency", ["once", "monthly", "yearly"])
def test_gift_is_given_as_often_as_was_chosen(donor, frequency):
    donor.choose(frequency=frequency)

    assert Checkout.objects.get().frequency == frequency


def test_link_asks_for_a_gift_every_year(client):
    form = client.get("/en/give/?frequency=yearly").context["form"]

    assert form["frequency"].value() == "yearly"


def test_one_currency_leaves_nothing_to_choose(client, donor):
    page = client.get("/en/give/?currency=CHF").content.decode()
    donor.choose()

    assert 'name="currency"' not in page
    assert "Another amount, in euros" in page
    assert Checkout.objects.get().currency == "EUR"


@pytest.mark.parametrize("currency", ["USD", "CHF", "xxx", "eur", "EU", "\x00"])
def test_currency_that_is_not_taken_is_refused_and_named(donor, currency):
    answer = donor.fill_in(currency=currency)

    assert answer.status_code == 422
    if currency != "\x00":
        text = "We cannot take gifts in this currency, only in: EUR."
        assert errors(answer) == {"__all__": [text]}
        assert text in answer.content.decode()
    assert Checkout.objects.count() == 0


def test_currency_that_is_not_taken_is_refused_beside_its_field(donor, several):
    answer = donor.fill_in(currency="USD")

    assert errors(answer) == {
        "currency": ["We cannot take gifts in this currency, only in: EUR, CHF, JPY."]
    }
    assert Checkout.objects.count() == 0


@pytest.mark.parametrize(
    ("currency", "written", "units"),
    [
        ("EUR", "12,50", 1250),
        ("CHF", "CHF 12.50", 1250),
        ("JPY", "2500", 2500),
        ("JPY", "¥2,500", 2500),
    ],
)
def test_amount_is_read_as_its_currency_is_counted(donor, several, currency, written, units):
    session_id = donor.choose(currency=currency, other_amount=written)

    checkout = Checkout.objects.get()
    assert (checkout.amount, checkout.currency) == (units, currency)
    session = donor.stripe.client().v1.checkout.sessions.retrieve(session_id)
    assert (session.amount_total, session.currency) == (units, currency.lower())


@pytest.mark.parametrize(
    ("currency", "written"), [("JPY", "25,50"), ("JPY", "99"), ("JPY", "1000001"), ("CHF", "€ 12")]
)
def test_amount_that_its_currency_does_not_have_is_refused(donor, several, currency, written):
    answer = donor.fill_in(currency=currency, other_amount=written)

    assert list(errors(answer)) == ["other_amount"]
    assert Checkout.objects.count() == 0


def test_amount_that_was_ticked_in_another_currency_is_asked_for_again(donor, several):
    answer = donor.fill_in(currency="CHF", shown="EUR")

    assert errors(answer) == {"amount": ["You changed the currency: choose the amount again."]}
    assert labels(answer) == ["CHF10", "CHF25", "CHF50", "CHF100"]
    assert 'name="shown" value="CHF"' in answer.content.decode()
    assert Checkout.objects.count() == 0
    assert donor.fill_in(currency="CHF", shown="CHF").status_code == 303
    assert Checkout.objects.get().currency == "CHF"


def test_same_form_in_another_currency_is_another_gift(donor, several):
    token = "6ad1b9e2-5f0c-4c63-9c5b-7d7a1de81b0f"
    for currency in ("EUR", "CHF"):
        donor.choose(token=token, currency=currency)

    assert sorted(Checkout.objects.values_list("currency", flat=True)) == ["CHF", "EUR"]


def test_donor_who_comes_back_finds_their_currency(donor, several):
    session_id = donor.choose(currency="JPY", other_amount="3000")

    session = donor.stripe.client().v1.checkout.sessions.retrieve(session_id)
    page = donor.client.get(session.cancel_url.partition("testserver")[2])
    form = page.context["form"]
    assert (form["currency"].value(), form["other_amount"].value()) == ("JPY", "3000")


def test_suggestions_of_a_campaign_are_in_the_usual_currency(several):
    campaign = CampaignFactory(suggested_amounts=[700])

    assert offered(campaign, "EUR") == [700]
    assert offered(campaign, "CHF") == [1000, 2500, 5000, 10000]


@pytest.mark.parametrize(
    ("currency", "smallest", "largest", "amounts"),
    [
        ("EUR", 100, 1_000_000, [1000, 2500, 5000, 10000]),
        ("JPY", 100, 1_000_000, [1000, 2500, 5000, 10000]),
        ("HUF", 17500, 175_000_000, [175_000, 437_500, 875_000, 1_750_000]),
    ],
)
def test_limits_are_sensible_in_each_currency(currency, smallest, largest, amounts):
    assert (least(currency), most(currency)) == (smallest, largest)
    assert offered(None, currency) == amounts


def test_smallest_gift_is_a_setting(donor, settings):
    settings.DONATION_MINIMUM = 500

    assert errors(donor.fill_in(other_amount="4,99")) == {
        "other_amount": ["The smallest gift is €5."]
    }
    assert donor.fill_in(other_amount="5").status_code == 303


@pytest.mark.parametrize("text", ["1,250.0000", "1.2345", "", "KWD", "1'2"])
def test_text_that_is_no_amount_of_three_decimals_is_refused(text):
    with pytest.raises(NotAnAmount):
        parse_amount(text, "KWD")


@pytest.mark.parametrize(
    ("codes", "found"),
    [(["EUR", "CHF"], []), ([], ["E12"]), (["EURO"], ["E12"]), (["EUR", "ISK"], ["E13"])],
)
def test_currencies_that_cannot_work_are_told_at_start(settings, codes, found):
    settings.DONATION_CURRENCIES = codes

    ours = [error.id for error in run_checks() if error.id in {"E12", "E13"}]

    assert ours == found
