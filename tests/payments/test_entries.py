"""What becomes of a gift's money after it was paid: fees, refunds, disputes."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.donations.models import Entry, Gift
from crm.mailing import alarms
from crm.mailing.alarms import Alarm

pytestmark = pytest.mark.django_db


def entries():
    """Kind and amount of every entry, by kind."""
    return sorted(Entry.objects.values_list("kind", "amount"))


def test_refunds_made_at_stripe_are_entries_of_the_gift_once_each(donor):
    donor.give()
    donor.hear()
    refunds = donor.stripe.client().v1.refunds

    refunds.create({"payment_intent": donor.payment(), "amount": 500})
    donor.hear()
    refunds.create({"payment_intent": donor.payment()})
    donor.hear()

    assert entries() == [("fee", -63), ("payment", 2500), ("refund", -2000), ("refund", -500)]
    assert Gift.objects.get().status == "paid"


def test_refund_that_the_bank_returns_is_undone_by_an_entry(donor):
    donor.give("bancontact")
    donor.stripe.settings(refunds_fail=True)
    donor.stripe.client().v1.refunds.create({"payment_intent": donor.payment()})
    donor.hear()
    assert entries() == [("fee", -39), ("payment", 2500), ("refund", -2500)]

    donor.stripe.advance(30)
    donor.hear()

    assert entries()[2:] == [("refund", -2500), ("reversal", 2500)]


@pytest.mark.parametrize(
    ("decision", "rest"),
    [("lost", []), ("won", [("reversal", 2500)])],
)
def test_dispute_takes_the_money_and_its_fee_until_it_is_won(donor, decision, rest):
    donor.give()
    dispute = donor.stripe.dispute(donor.charge())
    donor.hear()
    taken = [("dispute", -2500), ("fee", -2000), ("fee", -63), ("payment", 2500)]
    assert entries() == taken

    donor.stripe.close_dispute(dispute["id"], decision)
    donor.hear()

    assert entries() == taken + rest


def test_fee_that_stripe_books_late_is_added(donor):
    donor.stripe.settings(late_fees=60)
    donor.give()
    donor.hear()
    assert entries() == [("payment", 2500)]

    donor.stripe.advance(61)
    donor.hear()

    assert entries() == [("fee", -63), ("payment", 2500)]


@pytest.mark.parametrize("way", ["card", "sepa_debit"])
def test_staff_are_told_of_a_dispute_once_whatever_comes_of_it(donor, staff, mailoutbox, way):
    member = staff()
    donor.give(way)
    if way == "sepa_debit":
        donor.stripe.settle(donor.payment())
    donor.hear()
    mailoutbox.clear()

    dispute = donor.stripe.dispute(donor.charge())
    donor.hear()
    [alarm] = Alarm.objects.all()
    assert (alarm.kind, alarm.times) == ("dispute", 1)
    assert alarm.address == reverse("admin:crm_gift_change", args=[Gift.objects.get().pk])
    [mail] = [each for each in mailoutbox if each.to == [member.email]]
    assert alarm.address in mail.body
    alarms.close(alarm=alarm, at=timezone.now(), by=member)
    donor.stripe.close_dispute(dispute["id"], "lost")
    donor.hear()

    assert Alarm.objects.count() == 1
    assert len([each for each in mailoutbox if each.to == [member.email]]) == 1


def test_inquiry_of_a_bank_is_told_before_it_takes_anything(donor):
    donor.give()
    donor.hear()

    donor.stripe.dispute(donor.charge(), inquiry=True)
    donor.hear()

    assert (Alarm.objects.count(), len(entries())) == (1, 2)
