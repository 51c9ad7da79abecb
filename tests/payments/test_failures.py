"""A regular gift that cannot be collected: its donor is told, once per try, and can mend it."""

import re

import pytest
from django.core import mail

from crm.donations.models import Gift, Plan
from crm.mailing.models import Mail
from tests.jobs import run_jobs
from tests.payments.donor import signed

pytestmark = pytest.mark.django_db
DAY = 86_400


@pytest.fixture
def plan(donor):
    """10 euros every month by a card that refuses from the second time on."""
    donor.give("card_renewal_fails", frequency="monthly", amount="1000")
    donor.hear()
    mail.outbox.clear()
    return Plan.objects.get()


def stripe_id(plan):
    return plan.reference.removeprefix("stripe:")


def told():
    """The mails about failures, oldest first."""
    return [each for each in mail.outbox if "could not be collected" in each.body]


def link_in(message):
    return re.search(r"http://\S+(/\w\w/give/\S*)", message.body)[1]


def test_donor_is_told_once_what_when_and_how_to_mend_it(donor, plan):
    donor.stripe.renew(stripe_id(plan))

    donor.hear()
    donor.hear()

    [message] = told()
    assert message.to == ["dora@example.org"]
    assert message.subject == "Your gift of €10 could not be collected"
    assert "Hello Dora," in message.body
    assert "Your monthly gift of €10 could not be collected" in message.body
    assert re.search(r"It is tried again on \d+ \w+ 20\d\d\.", message.body)
    assert donor.client.get(link_in(message)).context["state"] == "start"


def test_every_try_is_told_once_and_the_last_one_says_so(donor, plan):
    donor.stripe.renew(stripe_id(plan))
    donor.hear()
    for days in (3, 5, 7):
        donor.stripe.advance(days * DAY + 60)
        donor.hear()

    messages = told()
    assert len(messages) == 4
    assert ["is tried again on" in each.body for each in messages] == [True, True, True, False]
    assert "This was the last try, and your regular gift has ended" in messages[3].body
    assert link_in(messages[3]) == "/en/give/?frequency=monthly"
    assert donor.client.get(link_in(messages[3])).status_code == 200
    assert Gift.objects.filter(status="failed").count() == 1


def test_same_news_over_and_over_in_any_order_is_one_mail(donor, plan):
    donor.stripe.renew(stripe_id(plan))
    events = donor.events()
    for number, event in enumerate([*events, *reversed(events)]):
        donor.tell(*signed({**event, "id": f"{event['id']}_{number}"}))
    run_jobs()

    assert len(told()) == 1


def test_two_changes_of_a_plan_for_one_failure_are_one_mail(donor, plan):
    donor.stripe.renew(stripe_id(plan))
    donor.stripe.client().v1.subscriptions.update(stripe_id(plan), {"metadata": {"note": "x"}})

    donor.hear("customer.subscription.updated")
    donor.hear()

    assert len(told()) == 1


def test_nothing_more_is_sent_once_the_money_came(donor, plan):
    donor.stripe.renew(stripe_id(plan))
    donor.hear()
    failed = donor.events("invoice.payment_failed", "payment_intent.payment_failed")
    donor.stripe.change_payment_method(stripe_id(plan), "card")
    donor.stripe.advance(4 * DAY)
    donor.hear()

    for event in failed:
        donor.tell(*signed({**event, "id": f"{event['id']}_late"}))
    run_jobs()

    assert len(told()) == 1
    assert list(Mail.objects.order_by("pk").values_list("template", flat=True)) == [
        "gift_thanks",
        "payment_failed",
        "gift_thanks",
    ]


def test_failure_that_was_never_heard_of_before_the_recovery_is_not_told(donor, plan):
    donor.stripe.renew(stripe_id(plan))
    donor.stripe.change_payment_method(stripe_id(plan), "card")
    donor.stripe.advance(4 * DAY)

    donor.hear()

    assert told() == []


@pytest.mark.parametrize("frequency", ["once", "monthly"])
@pytest.mark.parametrize("way", ["card_declined", "sepa_debit_fails"])
def test_refusal_of_a_first_payment_needs_no_mail(donor, way, frequency):
    donor.give(way, frequency=frequency)
    donor.hear()
    if way == "sepa_debit_fails":
        donor.stripe.settle(donor.payment())
    donor.hear()

    assert not Mail.objects.exists()


def test_donor_who_has_ended_the_gift_is_left_in_peace(donor, plan):
    donor.stripe.renew(stripe_id(plan))
    donor.stripe.client().v1.subscriptions.cancel(stripe_id(plan))

    donor.hear()

    assert told() == []
    assert Gift.objects.filter(status="failed").count() == 1


@pytest.mark.parametrize(
    ("language", "subject"),
    [("fr", "10"), ("nl", "10")],
)
def test_mail_is_in_the_language_of_the_donor(donor, plan, language, subject):
    plan.supporter.language = language
    plan.supporter.save(update_fields=["language"])

    donor.stripe.renew(stripe_id(plan))
    donor.hear()

    row = Mail.objects.get(template="payment_failed")
    assert row.language == language
    assert row.context["card_path"].startswith(f"/{language}/give/card/")
    assert subject in row.context["amount"]


def test_donor_without_an_address_is_not_written_to(donor, plan):
    plan.supporter.email = ""
    plan.supporter.save(update_fields=["email"])

    donor.stripe.renew(stripe_id(plan))
    donor.hear()

    assert not Mail.objects.filter(template="payment_failed").exists()


def test_direct_debit_that_comes_back_is_told_too(donor):
    donor.give("card", frequency="yearly", amount="1000")
    donor.hear()
    plan = Plan.objects.get()
    donor.stripe.change_payment_method(stripe_id(plan), "sepa_debit_fails")
    donor.stripe.renew(stripe_id(plan))
    donor.hear()
    assert told() == []

    donor.stripe.settle(donor.payment())
    donor.hear()

    [message] = told()
    assert "Your yearly gift of €10 could not be collected" in message.body


def test_bank_that_wants_to_hear_the_donor_at_a_renewal_is_told_as_a_failure(donor):
    donor.give("card_asks_again", frequency="monthly", amount="1000")
    donor.hear()
    plan = Plan.objects.get()

    donor.stripe.renew(stripe_id(plan))
    donor.hear()

    plan.refresh_from_db()
    assert (plan.status, len(told())) == ("past_due", 1)
    assert list(Gift.objects.order_by("pk").values_list("status", flat=True)) == ["paid", "failed"]
