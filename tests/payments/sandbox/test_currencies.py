import pytest

from tests.payments.sandbox.conftest import gift_params, paid_intent


@pytest.fixture
def gift_in(api):
    """A function that opens a session for 1000 units of a currency."""

    def open_session(currency, **changes):
        price = {"currency": currency, "unit_amount": 1000, "product_data": {"name": "Gift"}}
        items = [{"quantity": 1, "price_data": price}]
        return api.v1.checkout.sessions.create(gift_params(line_items=items, **changes))

    return open_session


@pytest.mark.parametrize(
    ("currency", "rate", "amount", "fee"),
    [("usd", 0.9, 900, 39), ("jpy", 0.006, 600, 34), ("eur", None, 1000, 40)],
)
def test_foreign_money_is_settled_in_euros_at_a_fixed_rate(
    sandbox, api, gift_in, currency, rate, amount, fee
):
    session = gift_in(currency)

    sandbox.pay(session.url)

    charge = paid_intent(api, session).latest_charge
    line = charge.balance_transaction
    assert (charge.amount, charge.currency) == (1000, currency)
    assert (line.amount, line.fee, line.net) == (amount, fee, amount - fee)
    assert (line.currency, line.exchange_rate) == ("eur", rate)
    assert line.fee_details[0].currency == "eur"


def test_methods_that_only_know_euros_are_not_offered(sandbox, gift_in):
    assert gift_in("usd").payment_method_types == ["card"]
    assert gift_in("jpy").payment_method_types == ["card"]


@pytest.mark.parametrize(("currency", "written"), [("jpy", "¥1,000"), ("usd", "$10.00")])
def test_page_writes_the_currency_with_its_own_digits(sandbox, gift_in, currency, written):
    assert written in sandbox.get(gift_in(currency, locale="en").url).text


def test_refund_and_dispute_of_foreign_money_use_its_rate(sandbox, api, gift_in):
    session = gift_in("jpy")
    sandbox.pay(session.url)
    charge = paid_intent(api, session).latest_charge.id

    api.v1.refunds.create({"charge": charge, "amount": 250})
    sandbox.dispute(charge)

    assert [line["amount"] for line in sandbox.lines()] == [600, -150, -450]
    assert sandbox.pay_out(everything=True) is None
