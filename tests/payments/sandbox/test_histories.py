"""Whatever happens in whatever order: the local Stripe's own books stay right."""

from contextlib import suppress

import httpx
import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.payments.sandbox.conftest import gift_params

DAY = 86_400
STEPS = st.one_of(
    st.tuples(
        st.just("pay"),
        st.sampled_from(["card", "card_declined", "bancontact", "sepa_debit", "sepa_debit_fails"]),
    ),
    st.tuples(st.just("refund"), st.integers(1, 2500)),
    st.tuples(st.just("fail_refund"), st.none()),
    st.tuples(st.just("dispute"), st.booleans()),
    st.tuples(st.just("close"), st.sampled_from(["won", "lost"])),
    st.tuples(st.just("pay_out"), st.booleans()),
    st.tuples(st.just("fail_payout"), st.none()),
    st.tuples(st.just("fee"), st.integers(1, 5000)),
    st.tuples(st.just("wait"), st.sampled_from([30, DAY, 8 * DAY])),
)


class Player:
    """Takes one step after the other, always with the newest object there is."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.api = sandbox.client(retries=0).v1

    def take(self, step, value):
        # Refused, or there is nothing to do it with: then nothing may have happened.
        with suppress(stripe.InvalidRequestError, httpx.HTTPStatusError, IndexError):
            getattr(self, step)(value)

    def pay(self, outcome):
        self.sandbox.pay(self.api.checkout.sessions.create(gift_params()).url, outcome)

    def refund(self, amount):
        self.api.refunds.create({"charge": self.api.charges.list().data[0].id, "amount": amount})

    def fail_refund(self, _):
        self.sandbox.fail_refund(self.api.refunds.list().data[0].id)

    def dispute(self, inquiry):
        self.sandbox.dispute(self.api.charges.list().data[0].id, inquiry=inquiry)

    def close(self, status):
        self.sandbox.close_dispute(self.api.disputes.list().data[0].id, status)

    def pay_out(self, everything):
        self.sandbox.pay_out(everything=everything)

    def fail_payout(self, _):
        self.sandbox.fail_payout(self.api.payouts.list().data[0].id)

    def fee(self, amount):
        self.sandbox.book_fee(amount)

    def wait(self, seconds):
        self.sandbox.advance(seconds)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=3, max_size=15), daily=st.booleans())
def test_balance_and_payouts_are_the_sums_of_their_lines(sandbox, steps, daily):
    sandbox.reset()
    sandbox.settings(payouts="daily" if daily else "manual")
    player = Player(sandbox)

    for step, value in steps:
        player.take(step, value)

    lines = sandbox.lines()
    balance = player.api.balance.retrieve()
    assert all(line["net"] == line["amount"] - line["fee"] for line in lines)
    assert balance.available[0].amount + balance.pending[0].amount == sum(
        line["net"] for line in lines
    )
    for payout in player.api.payouts.list({"limit": 100}).auto_paging_iter():
        listed = player.api.balance_transactions.list({"payout": payout.id, "limit": 100})
        kinds = {line.source: line.net for line in listed.data if line.type == "payout"}
        assert kinds == {payout.id: -payout.amount}
        assert sum(line.net for line in listed.auto_paging_iter()) == 0
    for charge in player.api.charges.list({"limit": 100}).auto_paging_iter():
        refunds = player.api.refunds.list({"charge": charge.id, "limit": 100}).data
        given_back = sum(refund.amount for refund in refunds if refund.status != "failed")
        assert charge.amount_refunded == given_back <= charge.amount
