"""The newsletter's box on the donation page: whoever pays may have written anybody's address."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F

from crm.donations.models import Gift
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from payments.models import Checkout
from tests.factories import SupporterFactory, WordingFactory

pytestmark = pytest.mark.django_db


def test_newsletter_box_is_asked_about_by_mail_when_stripe_says_paid(donor, mailoutbox):
    wording = WordingFactory()
    donor.choose(newsletter=wording.pk)
    donor.hear()
    assert not ConsentRequest.objects.exists()

    donor.stripe.pay(donor.stripe.client().v1.checkout.sessions.list().data[0].id)
    donor.hear()

    asked = ConsentRequest.objects.get()
    assert (asked.email, asked.wording) == ("dora@example.org", wording)
    assert asked.source == f"checkout:{Checkout.objects.get().public_id}"
    assert not Consent.objects.exists()
    asking = [mail for mail in mailoutbox if "/newsletter/confirm/" in mail.body]
    assert [mail.to for mail in asking] == [["dora@example.org"]]


def test_newsletter_box_takes_effect_at_once_without_double_opt_in(donor, settings):
    settings.DOUBLE_OPT_IN = []
    donor.give(newsletter=WordingFactory().pk)

    donor.hear()

    consent = Consent.objects.get()
    assert (consent.given, consent.supporter.email) == (True, "dora@example.org")
    assert consent.evidence == {"asked_at": Checkout.objects.get().started_at.isoformat()}


def test_newsletter_box_is_asked_about_once_however_often_stripe_speaks(donor):
    donor.give(newsletter=WordingFactory().pk)
    donor.hear()
    ConsentRequest.objects.update(mailed_at=datetime(2020, 1, 1, tzinfo=UTC))

    donor.stripe.client().v1.refunds.create({"payment_intent": donor.payment(), "amount": 500})
    donor.hear()

    assert Mail.objects.filter(template="confirm_consent").count() == 1


def test_newsletter_box_of_long_ago_is_not_asked_about_again(donor):
    donor.give(newsletter=WordingFactory().pk)
    donor.hear()
    ConsentRequest.objects.all().delete()  # nobody answered
    Checkout.objects.update(started_at=F("started_at") - timedelta(days=29))

    donor.stripe.client().v1.refunds.create({"payment_intent": donor.payment(), "amount": 500})
    donor.hear()

    assert not ConsentRequest.objects.exists()


def test_newsletter_box_of_a_declined_payment_is_no_consent(donor):
    SupporterFactory(email="dora@example.org")
    donor.give("card_declined", newsletter=WordingFactory().pk)

    donor.hear()

    assert (Gift.objects.count(), Consent.objects.count()) == (1, 0)


def test_newsletter_box_does_not_come_back_after_unsubscribing(donor, now):
    donor.give(newsletter=WordingFactory().pk)
    donor.hear()
    record_consent(supporter=Supporter.objects.get(), given=False, source="link", at=now)

    donor.stripe.client().v1.refunds.create({"payment_intent": donor.payment(), "amount": 500})
    donor.hear()

    assert not ConsentState.objects.get().given


@pytest.mark.parametrize("double", [["newsletter"], []])
def test_box_ticked_by_who_has_not_proved_the_address_does_not_undo_a_no(
    donor, now, settings, double
):
    settings.DOUBLE_OPT_IN = double
    known = SupporterFactory(email="dora@example.org")
    record_consent(supporter=known, given=False, source="link", at=now)

    donor.give(newsletter=WordingFactory().pk)
    donor.hear()

    assert not ConsentState.objects.get(supporter=known).given
    assert [consent.source for consent in Consent.objects.all()] == ["link"]


def test_unticked_newsletter_box_is_no_consent(donor):
    WordingFactory()
    donor.give()

    donor.hear()

    assert not Consent.objects.exists()
