"""Whatever order Stripe tells things in, however often and at once: one gift."""

import itertools
import random
import time

import httpx
import pytest
from django.db import transaction
from django.utils import timezone

from crm.donations.models import Entry, Gift, Plan
from crm.donations.papers import Receipt
from crm.mailing.models import Mail
from crm.people.models import Change, Supporter
from payments import handlers, jobs
from payments.models import Checkout, StripeEvent
from tests.jobs import forget_jobs, run_jobs
from tests.payments.donor import Donor, signed
from tests.threads import at_once


def books():
    """All that a donor's payments have left behind."""
    return {
        "supporters": list(Supporter.objects.values_list("email")),
        "plans": list(Plan.objects.values_list("reference", "status", "amount")),
        "gifts": sorted(Gift.objects.values_list("reference", "status", "amount", "received_on")),
        "entries": sorted(Entry.objects.values_list("reference", "kind", "amount", "day")),
        "receipts": Receipt.objects.count(),
        "mails": sorted(Mail.objects.values_list("template")),
        "changes": sorted(Change.objects.values_list("kind")),
        "checkout": Checkout.objects.get().state,
    }


def books_after(donor, events):
    """What the books say when events come in this order; then all is forgotten again."""
    with transaction.atomic():
        for event in events:
            assert donor.tell(*signed(event)).status_code == 200
        run_jobs()
        found = books()
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_events_of_a_card_payment_in_every_order_write_the_same_books(donor):
    donor.give()
    events = donor.events()
    expected = books_after(donor, events)
    assert len(expected["gifts"]) == expected["receipts"] == len(expected["mails"]) == 1
    assert [kind for _reference, kind, _amount, _day in expected["entries"]].count("fee") == 1

    orders = list(itertools.permutations(events))

    assert len(orders) == 24
    assert all(books_after(donor, order) == expected for order in orders)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("frequency", "outcomes"),
    [("monthly", ["card"]), ("once", ["card_declined", "card"]), ("monthly", ["sepa_debit"])],
)
def test_events_in_many_orders_write_the_same_books(donor, frequency, outcomes):
    session = donor.choose(frequency=frequency)
    for outcome in outcomes:
        donor.stripe.pay(session, outcome)
    if "sepa_debit" in outcomes:
        donor.stripe.settle(donor.payment())
    events = donor.events()
    expected = books_after(donor, events)
    assert (len(expected["gifts"]), expected["checkout"]) == (1, "paid")
    chance = random.Random(7)

    orders = [chance.sample(events, len(events)) for _ in range(12)]

    assert all(books_after(donor, order) == expected for order in orders)


def test_same_webhook_twenty_times_at_once_is_one_gift(
    transactional_db, live_server, donor, mailoutbox
):
    donor.give()
    [event] = donor.events("payment_intent.succeeded")
    body, headers = signed(event)
    headers["Content-Type"] = "application/json"

    def post(_number):
        return httpx.post(f"{live_server.url}/webhooks/stripe/", content=body, headers=headers)

    answers = at_once(post, range(20))
    done = run_jobs()

    assert [answer.status_code for answer in answers] == [200] * 20
    assert StripeEvent.objects.count() == 1
    assert done.count("payments.handle_event") == 1
    assert (Gift.objects.count(), Receipt.objects.count(), len(mailoutbox)) == (1, 1, 1)


@pytest.mark.parametrize("frequency", ["once", "monthly"])
def test_all_events_handled_at_once_with_the_return_page_are_one_gift(
    transactional_db, donor, mailoutbox, frequency
):
    session = donor.give(frequency=frequency)
    for event in donor.events():
        donor.tell(*signed(event))
    forget_jobs()
    work = [
        (jobs.handle_event, {"event_id": pk})
        for pk in StripeEvent.objects.values_list("pk", flat=True)
    ]
    work += [(jobs.follow_session, {"session_id": session})] * 3

    at_once(lambda job: job[0].func(**job[1]), work)
    run_jobs()

    assert list(Gift.objects.values_list("status", flat=True)) == ["paid"]
    assert sorted(Entry.objects.values_list("kind", flat=True)) == ["fee", "payment"]
    assert (Receipt.objects.count(), Mail.objects.count(), len(mailoutbox)) == (1, 1, 1)
    assert (Supporter.objects.count(), Plan.objects.count()) == (1, int(frequency == "monthly"))


def test_two_gifts_of_a_new_donor_at_once_are_one_supporter(transactional_db, donor):
    for amount in ("1000", "5000"):
        donor.give(amount=amount)
    payments = [event["data"]["object"]["id"] for event in donor.events("payment_intent.succeeded")]

    at_once(lambda payment: handlers.follow_payment(payment, timezone.now()), payments * 3)

    assert Supporter.objects.count() == 1
    assert sorted(Gift.objects.values_list("amount", flat=True)) == [1000, 5000]


def test_slow_reader_does_not_write_an_old_state_over_a_newer_one(transactional_db, donor):
    donor.give("sepa_debit")
    payment = donor.payment()
    slow = {"method": "GET", "path": f"/v1/payment_intents/{payment}", "delay_after": 1.0}
    donor.stripe.faults(slow)

    def follow(moment):
        time.sleep(moment)
        if moment:
            donor.stripe.settle(payment)
        handlers.follow_payment(payment, timezone.now())

    at_once(follow, [0, 0.4])

    assert Gift.objects.get().status == "paid"
    assert Checkout.objects.get().state == "paid"


def test_double_click_at_once_is_one_checkout_and_one_payment_page(
    transactional_db, client, stripe
):
    token = "6f1f4f0e-8a0a-4a53-9d4e-0f8a8a3b1c11"

    sessions = at_once(lambda _n: Donor(type(client)(), stripe).choose(token=token), range(5))

    assert len(set(sessions)) == 1
    assert Checkout.objects.count() == 1
