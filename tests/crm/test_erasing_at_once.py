"""What somebody does while they are erased, or forgotten, on real connections."""

from datetime import timedelta

import pytest
from django.db import transaction

from crm.campaigns import signing
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.donations.papers import TaxIdentity
from crm.people.models import Supporter
from crm.people.operations import record_change
from crm.privacy import inactive, keeping
from crm.privacy.erasure import erase
from crm.programmes import certifying, enrolling
from crm.programmes.trainings import Certificate, Enrolment
from tests.factories import (
    AT,
    GiftFactory,
    SignatureFactory,
    SupporterFactory,
    TaxIdentityFactory,
)
from tests.threads import at_once, meanwhile
from tests.training_factories import BEGINS, EnrolmentFactory, SessionFactory

pytestmark = pytest.mark.django_db(transaction=True)
PIA = {
    "email": "pia@example.org",
    "given_name": "Pia",
    "family_name": "Peeters",
    "language": "fr",
}


@pytest.mark.parametrize("what", ["signs", "enrols"])
def test_who_comes_while_they_are_erased_is_somebody_new(campaign, now, what, monkeypatch):
    # Their address is known when they begin to sign, just before the erasure.
    monkeypatch.setattr(signing, "sign_as_newcomer", lambda *_rows: None)
    known, session = SupporterFactory(email=PIA["email"]), SessionFactory(is_public=True)
    home = {"postcode": "1000", "country": "BE", "trail": Trail()}
    come = {
        "signs": lambda: sign(campaign=campaign, **PIA, **home, at=now),
        "enrols": lambda: enrolling.ask_to_enrol(session=session, **PIA, at=AT),
    }

    with transaction.atomic():
        erase(supporter=known, at=now)
        coming = meanwhile(come[what])
    came = coming.result()

    assert came.supporter_id != known.pk
    assert Supporter.objects.current().get().pk == came.supporter_id


def test_signature_that_is_confirmed_while_old_ones_are_deleted_stays(now):
    signature = SignatureFactory(signed_at=now - timedelta(days=90))
    rule = keeping.rule("unconfirmed_signatures")

    with transaction.atomic():
        confirm(signature=signature, at=now)
        deleting = meanwhile(lambda: keeping.carry_out(rule, now))

    assert deleting.result() == 0
    assert Signature.objects.get().status == Signature.Status.CONFIRMED


def test_tax_data_that_is_told_anew_while_old_ones_are_deleted_stays(now):
    told = TaxIdentityFactory(given_at=now - timedelta(days=2000))
    rule = keeping.rule("tax_identities")

    with transaction.atomic():
        TaxIdentity.objects.update(given_at=now)
        deleting = meanwhile(lambda: keeping.carry_out(rule, now))

    assert deleting.result() == 0
    assert TaxIdentity.objects.get() == told


def test_who_gives_while_the_silent_are_erased_is_not(now):
    giver = SupporterFactory(created_at=now - timedelta(days=4000))
    before = now - timedelta(days=2000)
    people = inactive.due(before)

    def forget():
        with transaction.atomic():
            return inactive.apply(people, before, now)

    with transaction.atomic():
        GiftFactory(supporter=giver, given_at=now)
        record_change(supporter=giver, kind="gift.paid", at=now)
        erasing = meanwhile(forget)

    assert erasing.result() == 0
    giver.refresh_from_db()
    assert giver.erased_at is None


def test_certificates_issued_at_once_are_numbered_without_gaps():
    session = SessionFactory()
    came = EnrolmentFactory.create_batch(6, session=session, state="attended")
    work = [lambda: certifying.certify(session=session, at=BEGINS)] + [
        lambda each=each: certifying.certify_one(enrolment=each, at=BEGINS) for each in came
    ]

    at_once(lambda one: one(), work)

    numbers = Certificate.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5, 6]


def test_no_certificate_names_who_was_erased_meanwhile():
    enrolment = EnrolmentFactory(state="attended")

    with transaction.atomic():
        erase(supporter=enrolment.supporter, at=BEGINS)
        issuing = meanwhile(lambda: certifying.certify(session=enrolment.session, at=BEGINS))

    assert issuing.result() == 0
    assert Certificate.objects.count() == 0


def test_last_place_goes_to_one_of_those_who_confirm_at_once():
    session = SessionFactory(places=2)
    EnrolmentFactory(session=session, state="enrolled")
    asked = EnrolmentFactory.create_batch(6, session=session, state="pending")

    at_once(lambda each: enrolling.confirm(enrolment=each, at=AT), asked)

    states = Enrolment.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["enrolled"] * 2 + ["waiting"] * 5


def test_one_place_given_back_twice_at_once_lets_one_move_up():
    session = SessionFactory(places=1)
    leaving = EnrolmentFactory(session=session, state="enrolled")
    EnrolmentFactory.create_batch(2, session=session, state="waiting")

    at_once(lambda _: enrolling.cancel(enrolment=leaving, at=AT), range(4))

    states = Enrolment.objects.order_by("state").values_list("state", flat=True)
    assert list(states) == ["cancelled", "enrolled", "waiting"]
