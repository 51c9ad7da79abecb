import pytest
import stripe

DAY = 86_400


def lines_of(api, payout):
    return api.v1.balance_transactions.list({"payout": payout, "expand": ["data.source"]}).data


def balance_of(api):
    balance = api.v1.balance.retrieve()
    return balance.available[0].amount, balance.pending[0].amount


def test_payout_takes_what_is_available_and_leaves_what_is_pending(sandbox, api, charge):
    early = charge()
    sandbox.advance(8 * DAY)
    charge("bancontact")

    payout = sandbox.pay_out()

    kept = api.v1.payouts.retrieve(payout["id"], {"expand": ["balance_transaction"]})
    assert (kept.amount, kept.status, kept.automatic) == (2437, "paid", True)
    assert kept.reconciliation_status == "completed"
    assert (kept.balance_transaction.type, kept.balance_transaction.net) == ("payout", -2437)
    assert [(line.type, line.source.id, line.net) for line in lines_of(api, kept.id)] == [
        ("payout", kept.id, -2437),
        ("charge", early.id, 2437),
    ]
    assert balance_of(api) == (0, 2461)
    assert sandbox.event_types()[-3:] == [
        "payout.created",
        "payout.reconciliation_completed",
        "payout.paid",
    ]


def test_payout_of_everything_takes_refunds_disputes_and_fees_along(sandbox, api, charge):
    api.v1.refunds.create({"charge": charge().id, "amount": 1000})
    sandbox.dispute(charge().id)
    charge("ideal")
    charge("ideal")
    sandbox.book_fee(123)

    payout = sandbox.pay_out(everything=True)

    own, *lines = lines_of(api, payout["id"])
    assert payout["amount"] == 2 * 2437 - 1000 - 4500 + 2 * 2471 - 123
    assert sum(line.net for line in lines) == payout["amount"] == -own.net
    assert [line.type for line in lines] == [
        "stripe_fee",
        "payment",
        "payment",
        "adjustment",
        "charge",
        "refund",
        "charge",
    ]
    assert lines[0].source is None
    assert lines[3].source.payment_intent == lines[4].source.payment_intent
    assert balance_of(api) == (0, 0)
    assert sum(line["net"] for line in sandbox.lines()) == 0


def test_nothing_and_debts_are_not_paid_out(sandbox, api, charge):
    nothing = sandbox.pay_out(everything=True)
    sandbox.dispute(charge().id)

    debt = sandbox.pay_out(everything=True)
    for _ in range(2):
        charge()
    covered = sandbox.pay_out(everything=True)

    assert (nothing, debt) == (None, None)
    assert covered["amount"] == 3 * 2437 - 4500


def test_daily_payouts_leave_at_night_and_arrive_the_next(sandbox, api, charge):
    sandbox.settings(payouts="daily")
    charge()

    sandbox.advance(7 * DAY)
    waiting = api.v1.payouts.list().data
    sandbox.advance(DAY)
    (under_way,) = api.v1.payouts.list({"status": "pending"}).data
    sandbox.advance(DAY)

    arrived = api.v1.payouts.retrieve(under_way.id)
    assert waiting == []
    assert (under_way.status, under_way.created % DAY) == ("in_transit", 0)
    assert (arrived.status, arrived.arrival_date) == ("paid", under_way.created + DAY)
    assert len(api.v1.payouts.list().data) == 1


def test_one_night_makes_one_payout(sandbox, api, charge):
    sandbox.settings(payouts="daily")
    for _ in range(3):
        charge()

    sandbox.advance(9 * DAY)

    (payout,) = api.v1.payouts.list().data
    assert payout.amount == 3 * 2437


def test_payout_that_fails_returns_its_money_to_the_next(sandbox, api, charge):
    charge()
    sandbox.settings(payouts_fail=True)

    failed = sandbox.pay_out(everything=True)
    sandbox.settings(payouts_fail=False)
    again = sandbox.pay_out()

    expand = ["failure_balance_transaction"]
    kept = api.v1.payouts.retrieve(failed["id"], {"expand": expand})
    assert (kept.status, kept.failure_code) == ("failed", "account_closed")
    assert kept.failure_balance_transaction.net == kept.amount == 2437
    assert [line.type for line in lines_of(api, failed["id"])] == ["payout", "charge"]
    assert [(line.type, line.source.id) for line in lines_of(api, again["id"])] == [
        ("payout", again["id"]),
        ("payout_failure", failed["id"]),
    ]
    assert "payout.failed" in sandbox.event_types()


def test_payout_can_fail_after_it_was_paid_but_only_once(sandbox, api, charge):
    charge()
    payout = sandbox.pay_out(everything=True)

    sandbox.fail_payout(payout["id"])

    assert sandbox.event_types()[-2:] == ["payout.paid", "payout.failed"]
    assert balance_of(api) == (2437, 0)
    with pytest.raises(Exception, match="400"):
        sandbox.fail_payout(payout["id"])


def test_lines_of_a_manual_payout_cannot_be_listed(sandbox, api, charge):
    charge()
    payout = sandbox.pay_out(everything=True, manual=True)

    with pytest.raises(stripe.InvalidRequestError, match="only be filtered on automatic"):
        lines_of(api, payout["id"])
    with pytest.raises(stripe.InvalidRequestError, match="No such payout"):
        lines_of(api, "po_nobody")
    assert payout["reconciliation_status"] == "not_applicable"
    assert "payout.reconciliation_completed" not in sandbox.event_types()


def test_reconciliation_of_a_payout_can_come_later(sandbox, api, charge):
    sandbox.settings(late_reconciliation=3600)
    charge()
    payout = sandbox.pay_out(everything=True)

    sandbox.advance(3600)

    assert payout["reconciliation_status"] == "in_progress"
    assert api.v1.payouts.retrieve(payout["id"]).reconciliation_status == "completed"
    assert sandbox.event_types()[-1] == "payout.reconciliation_completed"


def test_lines_and_payouts_are_listed_in_pages_and_filtered(sandbox, api, charge):
    for _ in range(5):
        charge()
    sandbox.advance(1000)
    since = sandbox.now()
    first = sandbox.pay_out(everything=True)
    charge()
    second = sandbox.pay_out(everything=True)

    pages = api.v1.balance_transactions.list({"payout": first["id"], "limit": 2})
    listed = [line.type for line in pages.auto_paging_iter()]
    newest = api.v1.balance_transactions.list({"created": {"gte": since}, "type": "payout"}).data
    payouts = api.v1.payouts.list({"created": {"gte": since}, "arrival_date": {"lte": since}}).data

    assert listed == ["payout", *["charge"] * 5]
    assert [line.source for line in newest] == [second["id"], first["id"]]
    assert [payout.id for payout in payouts] == [second["id"], first["id"]]


def test_debit_can_be_booked_before_it_is_paid(sandbox, api, gift):
    sandbox.settings(debits_booked_at_once=True)
    sandbox.pay(gift().url, "sepa_debit")
    waiting = api.v1.charges.list({"expand": ["data.balance_transaction"]}).data[0]

    sandbox.advance(20)

    settled = api.v1.charges.retrieve(waiting.id)
    assert (waiting.status, waiting.balance_transaction.net) == ("pending", 2465)
    assert (settled.status, settled.balance_transaction) == (
        "succeeded",
        waiting.balance_transaction.id,
    )


def test_debit_booked_before_it_fails_is_booked_back(sandbox, api, gift):
    sandbox.settings(debits_booked_at_once=True)
    sandbox.pay(gift().url, "sepa_debit_fails")

    sandbox.advance(20)

    charge = api.v1.charges.list({"expand": ["data.failure_balance_transaction"]}).data[0]
    back = charge.failure_balance_transaction
    assert (charge.status, back.type) == ("failed", "payment_failure_refund")
    assert (back.amount, back.fee, back.source) == (-2500, -35, charge.id)
    assert sum(line["net"] for line in sandbox.lines()) == 0
