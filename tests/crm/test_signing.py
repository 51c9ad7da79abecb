"""Signing, confirming and withdrawing, by the operations themselves."""

from datetime import timedelta

import pytest

from crm.campaigns import tallies
from crm.campaigns.counting import DayTally
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm, withdraw
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.mailing.models import Mail
from crm.mailing.unsubscribing import unsubscribe
from crm.people.models import Supporter
from crm.privacy.models import ConsentState
from tests.factories import WordingFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


def sign_as_pia(campaign, now, **changes):
    fields = {
        "email": "Pia@Example.org",
        "given_name": "Pia",
        "family_name": "Peeters",
        "postcode": "2000",
        "country": "BE",
        "language": "nl",
        "trail": Trail(utm_source="facebook"),
        **changes,
    }
    return sign(campaign=campaign, at=now, **fields)


def test_signature_counts_once_it_is_confirmed(campaign, now):
    signature = sign_as_pia(campaign, now)
    assert tallies.count(campaign) == 0

    confirm(signature=signature, at=now)
    confirm(signature=signature, at=now)

    assert tallies.count(campaign) == 1


def test_signing_again_with_other_capitals_is_the_same_signature(campaign, now):
    first = sign_as_pia(campaign, now)

    again = sign_as_pia(campaign, now, email="PIA@EXAMPLE.ORG", given_name="Mallory")

    assert again == first
    assert Supporter.objects.get().given_name == "Pia"
    assert Mail.objects.count() == 1


def test_signing_when_confirmed_writes_a_kind_mail_that_changes_nothing(campaign, now):
    confirm(signature=sign_as_pia(campaign, now), at=now)

    sign_as_pia(campaign, now)

    assert list(Mail.objects.values_list("template", flat=True).order_by("pk")) == [
        "confirm_signature",
        "signature_thanks",
        "already_signed",
    ]
    assert tallies.count(campaign) == 1


def test_newsletter_box_takes_effect_when_the_address_is_confirmed(campaign, now):
    signature = sign_as_pia(campaign, now, newsletter=WordingFactory())
    assert not ConsentState.objects.exists()

    confirm(signature=signature, at=now)

    assert list(ConsentState.objects.may_be_mailed().values_list("supporter", flat=True)) == [
        signature.supporter_id
    ]


def test_newsletter_box_ticked_only_the_second_time_counts_too(campaign, now):
    sign_as_pia(campaign, now)

    signature = sign_as_pia(campaign, now, newsletter=WordingFactory())
    confirm(signature=signature, at=now)

    assert ConsentState.objects.may_be_mailed().count() == 1


def test_box_does_not_undo_a_no_that_was_said_before_the_signature_was_confirmed(campaign, now):
    signature = sign_as_pia(campaign, now, newsletter=WordingFactory())
    unsubscribe(mail_id=Mail.objects.get().public_id, at=now + timedelta(hours=1))

    confirm(signature=signature, at=now + timedelta(hours=2))

    assert ConsentState.objects.may_be_mailed().count() == 0
    assert Signature.objects.get().status == Signature.Status.CONFIRMED


def test_box_ticked_once_more_after_a_no_counts(campaign, now):
    sign_as_pia(campaign, now, newsletter=WordingFactory())
    unsubscribe(mail_id=Mail.objects.get().public_id, at=now + timedelta(hours=1))

    again = now + timedelta(hours=2)
    confirm(signature=sign_as_pia(campaign, again, newsletter=WordingFactory()), at=again)

    assert ConsentState.objects.may_be_mailed().count() == 1


def test_withdrawn_signature_leaves_count_and_tally_of_its_day(campaign, now):
    signature = confirm(signature=sign_as_pia(campaign, now), at=now)
    tallies.fold()

    withdraw(signature=signature, at=now + timedelta(days=3))
    tallies.fold()

    assert tallies.count(campaign) == 0
    assert list(DayTally.objects.values_list("number", flat=True)) == [0]
    assert Signature.objects.get().status == Signature.Status.WITHDRAWN


def test_who_withdrew_may_sign_again_and_counts_once_more(campaign, now):
    withdraw(signature=confirm(signature=sign_as_pia(campaign, now), at=now), at=now)
    later = now + timedelta(days=2)

    again = sign_as_pia(campaign, later)
    assert tallies.count(campaign) == 0
    confirm(signature=again, at=later)

    assert tallies.count(campaign) == 1
    assert Signature.objects.get().confirmed_at == later


def test_counter_is_the_same_before_and_after_folding(campaign, now):
    confirm(signature=sign_as_pia(campaign, now), at=now)
    confirm(signature=sign_as_pia(campaign, now, email="tom@example.org"), at=now)
    before = tallies.count(campaign)

    folded = tallies.fold()

    assert (before, folded, tallies.count(campaign)) == (2, 4, 2)  # they sent the form, too


def test_confirmation_mail_is_sent_by_the_job(campaign, now, mailoutbox):
    sign_as_pia(campaign, now)

    done = run_jobs()

    assert done == ["mailing.deliver_mails"]
    assert [mail.to for mail in mailoutbox] == [["pia@example.org"]]
    assert Mail.objects.get().sent_at is not None
