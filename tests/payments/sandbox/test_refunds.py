import pytest

from tests.payments.sandbox.conftest import refusal


def test_full_refund_gives_the_money_but_not_the_fee_back(sandbox, api, charge):
    paid = charge()

    refund = api.v1.refunds.create(
        {"charge": paid.id, "reason": "requested_by_customer", "metadata": {"who": "us"}}
    )

    money = api.v1.balance_transactions.retrieve(refund.balance_transaction)
    after = api.v1.charges.retrieve(paid.id)
    assert (refund.status, refund.amount, refund.metadata["who"]) == ("succeeded", 2500, "us")
    assert (money.amount, money.fee, money.net, money.type) == (-2500, 0, -2500, "refund")
    assert (after.refunded, after.amount_refunded) == (True, 2500)
    assert sandbox.event_types()[-3:] == ["charge.refunded", "charge.updated", "refund.created"]


def test_partial_refunds_add_up_to_the_charge_and_no_further(api, charge):
    paid = charge()

    api.v1.refunds.create({"charge": paid.id, "amount": 1000})
    half = api.v1.charges.retrieve(paid.id, {"expand": ["refunds"]})
    too_much = refusal(lambda: api.v1.refunds.create({"charge": paid.id, "amount": 1501}))
    api.v1.refunds.create({"payment_intent": paid.payment_intent})
    once_more = refusal(lambda: api.v1.refunds.create({"charge": paid.id}))

    assert (half.refunded, half.amount_refunded, len(half.refunds.data)) == (False, 1000, 1)
    assert too_much.user_message == (
        "Refund amount (€15.01) is greater than unrefunded amount on charge (€15.00)"
    )
    assert once_more.code == "charge_already_refunded"
    amounts = [refund.amount for refund in api.v1.refunds.list({"charge": paid.id}).data]
    assert amounts == [1500, 1000]


def test_refunds_and_their_money_come_with_the_payment(api, charge):
    paid = charge()
    api.v1.refunds.create({"charge": paid.id, "amount": 1000})

    expand = ["latest_charge.balance_transaction", "latest_charge.refunds.data.balance_transaction"]
    intent = api.v1.payment_intents.retrieve(paid.payment_intent, {"expand": expand})

    assert intent.latest_charge.balance_transaction.fee == 63
    assert intent.latest_charge.refunds.data[0].balance_transaction.amount == -1000


def test_refund_with_one_key_happens_once(api, charge):
    paid = charge()

    twice = [
        api.v1.refunds.create({"charge": paid.id, "amount": 500}, {"idempotency_key": "r-1"}).id
        for _ in range(2)
    ]

    assert len(set(twice)) == 1
    assert api.v1.charges.retrieve(paid.id).amount_refunded == 500


def test_refund_to_a_bank_account_is_pending_first(sandbox, api, charge):
    refund = api.v1.refunds.create({"charge": charge("bancontact").id})

    sandbox.advance(20)

    assert refund.status == "pending"
    assert api.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert sandbox.event_types()[-2:] == ["refund.updated", "charge.refund.updated"]


def test_refund_to_a_bank_account_can_fail(sandbox, api, charge):
    sandbox.settings(refunds_fail=True)
    paid = charge("bancontact")
    refund = api.v1.refunds.create({"charge": paid.id})

    sandbox.advance(20)

    failed = api.v1.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    assert failed.status == "failed"
    assert failed.failure_balance_transaction.amount == 2500
    assert api.v1.charges.retrieve(paid.id).amount_refunded == 0


def test_unpaid_charge_cannot_be_refunded(sandbox, api, charge):
    failed = charge("card_declined")

    error = refusal(lambda: api.v1.refunds.create({"charge": failed.id}))

    assert "has not been paid" in error.user_message


def test_balance_is_the_sum_of_its_transactions(sandbox, api, charge):
    charge()
    soon = api.v1.balance.retrieve()

    sandbox.advance(8 * 86_400)
    later = api.v1.balance.retrieve()

    assert (soon.available[0].amount, soon.pending[0].amount) == (0, 2437)
    assert (later.available[0].amount, later.pending[0].amount) == (2437, 0)


def test_refund_to_a_card_can_fail_after_it_succeeded(sandbox, api, charge):
    sandbox.settings(refunds_fail=True)
    paid = charge()
    refund = api.v1.refunds.create({"charge": paid.id, "amount": 700})

    sandbox.advance(20)

    failed = api.v1.refunds.retrieve(refund.id)
    assert (refund.status, failed.status) == ("succeeded", "failed")
    assert api.v1.charges.retrieve(paid.id).amount_refunded == 0
    assert "refund.failed" in sandbox.event_types()


def test_bank_can_take_or_return_a_refund_when_a_test_wants_it(sandbox, api, charge):
    paid = charge("ideal")
    ids = [api.v1.refunds.create({"charge": paid.id, "amount": 300}).id for _ in range(3)]

    arrived = sandbox.settle_refund(ids[0])
    returned = sandbox.fail_refund(ids[1])
    sandbox.fail_refund(ids[0])
    sandbox.advance(20)

    assert (arrived["status"], returned["status"]) == ("succeeded", "failed")
    statuses = [refund.status for refund in api.v1.refunds.list({"charge": paid.id}).data]
    assert statuses == ["succeeded", "failed", "failed"]
    assert api.v1.charges.retrieve(paid.id).amount_refunded == 300
    with pytest.raises(Exception, match="400"):
        sandbox.fail_refund(ids[1])


def test_charge_shows_its_ten_newest_refunds_and_that_there_are_more(api, charge):
    paid = charge()
    ids = [api.v1.refunds.create({"charge": paid.id, "amount": 10}).id for _ in range(11)]

    inside = api.v1.charges.retrieve(paid.id, {"expand": ["refunds"]}).refunds

    assert [refund.id for refund in inside.data] == ids[:0:-1]
    assert inside.has_more is True
