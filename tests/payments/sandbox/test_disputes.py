import pytest

from tests.payments.sandbox.conftest import refusal


def test_dispute_withdraws_the_money_and_a_fee(sandbox, api, charge):
    paid = charge()

    dispute = sandbox.dispute(paid.id)

    found = api.v1.disputes.retrieve(dispute["id"], {"expand": ["charge"]})
    (money,) = found.balance_transactions
    assert (found.status, found.amount, found.charge.disputed) == ("needs_response", 2500, True)
    assert (money.amount, money.fee, money.net) == (-2500, 2000, -4500)
    assert [one.id for one in api.v1.disputes.list({"charge": paid.id}).data] == [found.id]
    assert sandbox.event_types()[-3:] == [
        "charge.updated",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
    ]
    error = refusal(lambda: api.v1.refunds.create({"charge": paid.id}))
    assert error.code == "charge_disputed"


def test_dispute_that_is_won_brings_the_money_back(sandbox, api, charge):
    dispute = sandbox.dispute(charge().id)

    sandbox.close_dispute(dispute["id"], "won")

    won = api.v1.disputes.retrieve(dispute["id"])
    assert won.status == "won"
    assert [money.amount for money in won.balance_transactions] == [-2500, 2500]
    assert sandbox.event_types()[-2:] == [
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]


def test_dispute_of_a_debit_that_is_lost_stays_lost(sandbox, api, gift):
    sandbox.pay(gift().url, "sepa_debit")
    sandbox.advance(20)
    dispute = sandbox.dispute(api.v1.charges.list().data[0].id)

    sandbox.close_dispute(dispute["id"], "lost")

    lost = api.v1.disputes.retrieve(dispute["id"])
    assert (lost.status, lost.reason) == ("lost", "debit_not_authorized")
    assert [money.amount for money in lost.balance_transactions] == [-2500]


def test_inquiry_takes_nothing_until_it_becomes_a_dispute(sandbox, api, charge):
    paid = charge()

    inquiry = sandbox.dispute(paid.id, inquiry=True)
    before = len(sandbox.lines())
    api.v1.refunds.create({"charge": paid.id, "amount": 500})
    sandbox.escalate(inquiry["id"])

    found = api.v1.disputes.retrieve(inquiry["id"])
    assert (inquiry["status"], before) == ("warning_needs_response", 1)
    assert (found.status, len(found.balance_transactions)) == ("needs_response", 1)
    assert refusal(lambda: api.v1.refunds.create({"charge": paid.id})).code == "charge_disputed"


def test_inquiry_that_is_answered_is_closed_without_a_line(sandbox, api, charge):
    inquiry = sandbox.dispute(charge().id, inquiry=True)

    sandbox.close_dispute(inquiry["id"], "won")

    assert api.v1.disputes.retrieve(inquiry["id"]).status == "warning_closed"
    assert len(sandbox.lines()) == 1
    assert sandbox.event_types()[-1] == "charge.dispute.closed"
    with pytest.raises(Exception, match="400"):
        sandbox.escalate(inquiry["id"])


def test_payment_whose_dispute_was_won_can_be_refunded(sandbox, api, charge):
    paid = charge()
    sandbox.close_dispute(sandbox.dispute(paid.id)["id"], "won")

    refund = api.v1.refunds.create({"charge": paid.id})

    assert refund.amount == 2500


@pytest.mark.parametrize(
    ("outcome", "fee"), [("card", 2000), ("sepa_debit", 750), ("bancontact", 0), ("ideal", 0)]
)
def test_dispute_costs_what_its_method_costs(sandbox, api, charge, outcome, fee):
    paid = charge(outcome)
    sandbox.advance(20)

    (line,) = sandbox.dispute(paid.id)["balance_transactions"]

    assert (line["amount"], line["fee"], line["net"]) == (-2500, fee, -2500 - fee)


def test_dispute_after_a_refund_is_about_what_is_left(sandbox, api, charge):
    paid = charge()
    api.v1.refunds.create({"charge": paid.id, "amount": 1000})

    dispute = sandbox.dispute(paid.id)

    assert dispute["amount"] == 1500
