"""A gift from the form to the receipt, as Stripe tells it."""

import pytest

from crm.donations.instructions import refundable
from crm.donations.models import Entry, Gift
from crm.donations.papers import Receipt
from crm.mailing.models import Mail
from crm.people.models import Identifier, Supporter
from payments.models import Checkout, Difference, StripeEvent
from tests.factories import (
    CampaignFactory,
    GiftFactory,
    SupporterFactory,
)
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
DAY = 86_400


def entries():
    """Kind and amount of every entry, by kind."""
    return sorted(Entry.objects.values_list("kind", "amount"))


def gifts():
    return list(Gift.objects.order_by("pk").values_list("status", "amount", "method"))


def test_card_payment_is_one_gift_with_its_fee_and_one_mail_with_the_receipt(donor, mailoutbox):
    donor.give()

    donor.hear()

    assert gifts() == [("paid", 2500, "card")]
    assert entries() == [("fee", -63), ("payment", 2500)]
    assert Checkout.objects.get().state == Checkout.State.PAID
    [mail] = mailoutbox
    assert mail.to == ["dora@example.org"]
    [(name, content, kind)] = mail.attachments
    assert (name, kind) == (f"{Receipt.objects.get()}.pdf", "application/pdf")
    assert content.startswith(b"%PDF-")


@pytest.mark.parametrize("method", ["card_3ds", "bancontact", "ideal"])
def test_payment_confirmed_at_the_bank_is_a_gift_by_its_method(donor, method):
    donor.give(method)

    donor.hear()

    assert gifts() == [("paid", 2500, method.removesuffix("_3ds"))]


def test_gift_goes_to_the_campaign_and_source_it_was_made_for(donor):
    campaign = CampaignFactory()
    donor.give(campaign=campaign.slug, utm_source="facebook", ref="")

    donor.hear()

    gift = Gift.objects.get()
    assert (gift.campaign, gift.source.channel) == (campaign, "facebook")


def test_supporter_whom_we_know_is_thanked_and_not_overwritten(donor, mailoutbox):
    known = SupporterFactory(email="dora@example.org", given_name="Theodora", language="nl")
    donor.give(email=" Dora@Example.ORG ", given_name="D.")

    donor.hear()

    known.refresh_from_db()
    assert list(Supporter.objects.all()) == [known]
    assert (known.given_name, known.language) == ("Theodora", "nl")
    assert Gift.objects.get().supporter == known


def test_monthly_gift_is_a_plan_whose_renewals_are_gifts_of_it(donor, mailoutbox):
    donor.give(frequency="monthly", amount="1000")
    donor.hear()
    first = Gift.objects.get()

    donor.stripe.renew(first.plan.reference.removeprefix("stripe:"))
    donor.hear()

    assert gifts() == [("paid", 1000, "card"), ("paid", 1000, "card")]
    plan = first.supporter.plans.get()
    assert (plan.status, plan.amount, plan.ended_at) == ("active", 1000, None)
    assert plan.gifts.count() == 2
    assert len(mailoutbox) == 2
    assert Identifier.objects.get().system == "stripe"


def test_renewal_finds_its_donor_when_nothing_was_heard_of_the_plan_before(donor):
    donor.give(frequency="monthly", amount="1000")
    subscription = donor.stripe.client().v1.subscriptions.list().data[0].id
    donor.stripe.renew(subscription)
    renewed = donor.stripe.events("invoice.paid")[-1].id

    donor.tell(*donor.stripe.signed(renewed))
    run_jobs()

    gift = Gift.objects.get()
    assert (gift.supporter.email, gift.plan.reference) == (
        "dora@example.org",
        f"stripe:{subscription}",
    )
    assert Checkout.objects.get().state == Checkout.State.OPEN


def test_bancontact_renews_by_direct_debit(donor):
    donor.give("bancontact", frequency="monthly", amount="1000")
    donor.hear()

    donor.stripe.renew(Gift.objects.get().plan.reference.removeprefix("stripe:"))
    donor.stripe.advance(30)
    donor.hear()

    assert gifts() == [("paid", 1000, "bancontact"), ("paid", 1000, "sepa_debit")]


def test_renewal_that_fails_leaves_a_failed_gift_and_a_plan_that_waits(donor, mailoutbox):
    donor.give("card_renewal_fails", frequency="monthly", amount="1000")
    donor.hear()
    plan = Gift.objects.get().plan
    subscription = plan.reference.removeprefix("stripe:")

    donor.stripe.renew(subscription)
    donor.hear()
    plan.refresh_from_db()
    assert (plan.status, gifts()[1:]) == ("past_due", [("failed", 1000, "card")])
    donor.stripe.change_payment_method(subscription, "card")
    donor.stripe.advance(4 * DAY)
    donor.hear()

    plan.refresh_from_db()
    assert (plan.status, gifts()[1:]) == ("active", [("paid", 1000, "card")])
    assert list(Mail.objects.order_by("pk").values_list("template", flat=True)) == [
        "gift_thanks",
        "payment_failed",
        "gift_thanks",
    ]


def test_plan_cancelled_at_stripe_is_ended_and_keeps_its_gifts(donor):
    donor.give(frequency="monthly")
    donor.hear()
    plan = Gift.objects.get().plan

    donor.stripe.client().v1.subscriptions.cancel(plan.reference.removeprefix("stripe:"))
    donor.hear()

    plan.refresh_from_db()
    assert plan.status == "ended"
    assert plan.ended_at is not None
    assert plan.gifts.count() == 1


@pytest.mark.parametrize("frequency", ["once", "monthly"])
def test_declined_card_makes_nobody_a_supporter(donor, frequency):
    donor.give("card_declined", frequency=frequency)

    donor.hear()

    assert Checkout.objects.get().state == Checkout.State.DECLINED
    assert (Supporter.objects.count(), Gift.objects.count()) == (0, 0)


def test_declined_card_of_a_known_supporter_is_a_failed_gift(donor, mailoutbox):
    known = SupporterFactory(email="dora@example.org")
    donor.give("card_declined", frequency="monthly")

    donor.hear()

    assert gifts() == [("failed", 2500, "card")]
    assert (Gift.objects.get().supporter, known.plans.count()) == (known, 0)
    assert mailoutbox == []


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("frequency", ["once", "monthly"])
def test_declined_then_paid_is_one_paid_gift(donor, mailoutbox, frequency, is_known):
    if is_known:
        SupporterFactory(email="dora@example.org")
    session = donor.give("card_declined", frequency=frequency)
    donor.hear()

    donor.stripe.pay(session, "card")
    donor.hear()

    assert gifts() == [("paid", 2500, "card")]
    assert (Gift.objects.get().plan is not None) == (frequency == "monthly")
    assert Checkout.objects.get().state == Checkout.State.PAID
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("frequency", ["once", "monthly"])
def test_direct_debit_is_thanked_for_when_the_money_is_there(donor, mailoutbox, frequency):
    donor.give("sepa_debit", frequency=frequency)
    donor.hear()
    assert gifts() == [("processing", 2500, "sepa_debit")]
    assert Checkout.objects.get().state == Checkout.State.PROCESSING
    assert (mailoutbox, entries()) == ([], [])

    donor.stripe.settle(donor.payment())
    donor.hear()

    assert gifts() == [("paid", 2500, "sepa_debit")]
    assert Checkout.objects.get().state == Checkout.State.PAID
    assert entries() == [("fee", -35), ("payment", 2500)]
    assert len(mailoutbox) == 1


def test_direct_debit_of_a_plan_that_stripe_calls_incomplete_is_a_gift_under_way(donor):
    donor.stripe.settings(debit_leaves_incomplete=True)
    donor.give("sepa_debit", frequency="monthly")

    donor.hear()

    gift = Gift.objects.get()
    assert (gift.status, gift.plan.status) == ("processing", "starting")


def test_direct_debit_that_comes_back_is_a_failed_gift_without_entries(donor, mailoutbox):
    donor.give("sepa_debit_fails")
    donor.hear()

    donor.stripe.settle(donor.payment())
    donor.hear()

    assert gifts() == [("failed", 2500, "sepa_debit")]
    assert Checkout.objects.get().state == Checkout.State.FAILED
    assert (mailoutbox, entries()) == ([], [])


@pytest.mark.parametrize("outcome", ["nothing", "card_declined"])
@pytest.mark.parametrize("frequency", ["once", "monthly"])
def test_abandoned_payment_page_expires(donor, outcome, frequency):
    session = donor.choose(frequency=frequency)
    if outcome != "nothing":
        donor.stripe.pay(session, outcome)
    donor.stripe.advance(25 * 3600)

    donor.hear()

    assert Checkout.objects.get().state == Checkout.State.EXPIRED
    assert (Supporter.objects.count(), Gift.objects.count()) == (0, 0)


def test_payment_whose_amount_differs_from_the_gift_is_a_difference_and_changes_nothing(
    donor, caplog
):
    donor.give()
    gift = GiftFactory(reference=f"stripe:{donor.payment()}", amount=999)

    donor.hear()

    gift.refresh_from_db()
    assert (gift.amount, Gift.objects.count(), Mail.objects.count()) == (999, 1, 0)
    difference = Difference.objects.get()
    assert (difference.kind, difference.reference) == ("amount", gift.reference)
    assert (difference.gift, difference.ours, difference.theirs) == (gift, "999 EUR", "2500 EUR")
    assert "the amount differs" in caplog.text
    assert "dora" not in caplog.text.lower()


def test_direct_debit_given_once_leaves_no_mandate_for_another_time(donor):
    donor.give("sepa_debit")

    api = donor.stripe.client().v1
    intent = api.payment_intents.retrieve(donor.payment())
    details = api.charges.retrieve(intent.latest_charge).payment_method_details
    assert intent.setup_future_usage is None
    assert api.mandates.retrieve(details.sepa_debit.mandate).type == "single_use"


def test_gift_paid_twice_and_refunded_once_stays_one_paid_gift(donor):
    for _tab in range(2):
        donor.give()
        donor.hear()
    [first, second] = Gift.objects.order_by("pk")

    donor.stripe.client().v1.refunds.create({"payment_intent": donor.payment()})
    donor.hear()

    assert gifts() == [("paid", 2500, "card")] * 2
    assert refundable(first) + refundable(second) == 2500


def sell_elsewhere(stripe, **details):
    """A session that another programme opened in the same account."""
    price = {"currency": "eur", "unit_amount": 700, "product_data": {"name": "T-shirt"}}
    sessions = stripe.client().v1.checkout.sessions
    return sessions.create(
        {
            "mode": "payment",
            "success_url": "http://localhost/",
            "line_items": [{"quantity": 1, "price_data": price}],
            **details,
        }
    )


@pytest.mark.parametrize("details", [{}, {"metadata": {"checkout": "not one of ours"}}])
@pytest.mark.parametrize("is_paid", [True, False])
def test_payment_that_did_not_begin_here_is_ignored(donor, details, is_paid):
    session = sell_elsewhere(donor.stripe, **details)
    if is_paid:
        donor.stripe.pay(session.id)
    donor.stripe.advance(25 * 3600)

    donor.hear()

    assert (Supporter.objects.count(), Gift.objects.count()) == (0, 0)
    assert not StripeEvent.objects.filter(handled_at=None).exists()


def test_names_that_a_donor_gave_are_proposed_and_fill_in_only_what_we_had_not(donor):
    known = SupporterFactory(email="dora@example.org", given_name="Theodora", family_name="")
    donor.give(given_name="D.", family_name="Donor")

    donor.hear()

    known.refresh_from_db()
    assert (known.given_name, known.family_name) == ("Theodora", "Donor")
    proposals = known.proposals.order_by("pk").values_list("field", "value", "state")
    assert list(proposals) == [
        ("given_name", "D.", "open"),
        ("family_name", "Donor", "accepted"),
    ]


def test_names_of_a_debit_that_is_on_its_way_wait_for_the_money(donor):
    known = SupporterFactory(email="dora@example.org", family_name="")
    donor.give("sepa_debit", family_name="Donor")
    donor.hear()
    before = known.proposals.filter(state="open").values_list("field", flat=True)

    assert "family_name" in before
    donor.stripe.advance(14 * DAY)
    donor.hear()

    known.refresh_from_db()
    assert known.family_name == "Donor"
