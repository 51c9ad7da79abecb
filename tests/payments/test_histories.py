"""Any history of gifts, told with duplicates, out of order and with losses: the books agree."""

import random
from collections import Counter
from contextlib import suppress
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stripe import InvalidRequestError

from crm.donations.instructions import CannotRefund, refund
from crm.donations.models import Entry, Gift
from crm.mailing.models import Mail
from payments.books import Difference, Payout
from payments.reconciliation.run import reconcile
from tests.jobs import run_jobs
from tests.payments.donor import signed
from tests.payments.giving import Givers

pytestmark = pytest.mark.django_db
DAY = 86_400
LOST, DOUBLED = 0.1, 0.2
ONCE = ["card", "bancontact", "ideal", "sepa_debit", "sepa_debit_fails", "card_declined"]
REGULAR = ["card", "bancontact", "sepa_debit", "card_renewal_fails"]
CURRENCIES = ["EUR", "EUR", "USD", "JPY"]
STEPS = [
    "give_once",
    "give_from_afar",
    "give_monthly",
    "renew",
    "mend_card",
    "wait",
    "refund",
    "refund_all",
    "refund_here",
    "dispute",
    "decide_dispute",
    "hear",
]


class History(Givers):
    """What donors and banks do, one thing at a time; `which` chooses among several."""

    def __init__(self, client, stripe, chance):
        super().__init__(client, stripe)
        self.chance = chance

    def give_once(self, which):
        self.pay(ONCE[which % len(ONCE)], amount=500 + which)

    def give_from_afar(self, which):
        self.pay("card", amount=500 + which, currency=CURRENCIES[which % len(CURRENCIES)])

    def give_monthly(self, which):
        self.pay(REGULAR[which % len(REGULAR)], frequency="monthly", amount=500 + which)

    def renew(self, which):
        for plan in one(self.api.subscriptions.list({"status": "active"}), which):
            self.stripe.renew(plan.id)

    def mend_card(self, which):
        for plan in one(self.api.subscriptions.list({"status": "past_due"}), which):
            self.stripe.change_payment_method(plan.id, "card")

    def wait(self, which):
        self.stripe.advance(DAY * (1 + which % 6))

    def refund(self, which):
        for charge in one(self.api.charges.list(), which):
            self.give_back(charge, 1 + which % charge.amount)

    def refund_all(self, which):
        for charge in one(self.api.charges.list(), which):
            self.give_back(charge, charge.amount - charge.amount_refunded)

    def refund_here(self, which):
        gifts = Gift.objects.paid().order_by("pk")
        for gift in gifts[which % (gifts.count() or 1) :][:1]:
            with suppress(CannotRefund):
                amount, at = 1 + which % gift.amount, self.now()
                refund(gift=gift, amount=amount, reason="asked", key=uuid4(), at=at)
                run_jobs()

    def give_back(self, charge, amount):
        try:
            self.api.refunds.create({"charge": charge.id, "amount": amount})
        except InvalidRequestError:
            return  # unpaid, charged back, or more than is left: Stripe refuses

    def dispute(self, which):
        for charge in one(self.api.charges.list(), which):
            if charge.status == "succeeded" and not (charge.disputed or charge.amount_refunded):
                self.stripe.dispute(charge.id)

    def decide_dispute(self, which):
        for dispute in one(self.api.disputes.list(), which):
            if dispute.status not in {"won", "lost"}:
                self.stripe.close_dispute(dispute.id, ["won", "lost"][which % 2])

    def hear(self, which=0):
        """Hear what is new, each event with its chance of being lost or told twice, shuffled."""
        news = [event for event in self.events() if event["id"] not in self.heard]
        self.heard |= {event["id"] for event in news}
        told = [event for event in news if self.chance.random() > LOST]
        told += [event for event in told if self.chance.random() < DOUBLED]
        self.chance.shuffle(told)
        for event in told:
            assert self.tell(*signed(event)).status_code == 200
        run_jobs()


def one(found, which):
    """One of those found, or none."""
    return [found.data[which % len(found.data)]] if found.data else []


def net_at_stripe(api):
    """The net of every payment, by Stripe's own balance."""
    sums = Counter()
    asked = {"limit": 100, "expand": ["data.source"]}
    for line in api.balance_transactions.list(asked).auto_paging_iter():
        is_undone = line.source.object == "charge" and line.source.status != "succeeded"
        if line.type != "payout" and not is_undone:
            sums[f"stripe:{line.source.payment_intent}"] += line.net
    return {reference: net for reference, net in sums.items() if net}


def net_here():
    sums = Entry.objects.values("gift__reference").annotate(
        net=Sum(Coalesce("settled_amount", "amount"))
    )
    return {row["gift__reference"]: row["net"] for row in sums if row["net"]}


@settings(
    deadline=None,
    max_examples=12,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # making a failure smaller takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 999)), max_size=14),
    seed=st.integers(0, 2**32),
)
def test_entries_equal_the_balance_after_any_history_and_a_comparison(client, stripe, steps, seed):
    stripe.reset()
    stripe.settings(debits_booked_at_once=seed % 2 == 1, refunds_fail=seed % 7 == 1)
    history = History(client, stripe, random.Random(seed))
    with transaction.atomic():
        for step, which in [("give_once", seed % 1000), *steps, ("hear", 0)]:
            getattr(history, step)(which)

        payout = stripe.pay_out(everything=True)
        reconcile(now=history.now())
        run_jobs()

        assert net_here() == net_at_stripe(history.api)
        assert (
            payout is None or Payout.objects.get(payout_id=payout["id"]).our_sum == payout["amount"]
        )
        assert list(Difference.objects.open().values_list("kind", "reference")) == []
        paid = Counter(Gift.objects.paid().values_list("supporter", flat=True))
        thanks = Counter(
            Mail.objects.filter(template="gift_thanks").values_list("supporter", flat=True)
        )
        assert thanks <= paid
        transaction.set_rollback(True)
