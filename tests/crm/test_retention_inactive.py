"""Who was silent for years is forgotten, and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.people.contact_points import EmailAddress
from crm.people.merging import merge
from crm.people.models import Change, Supporter
from crm.privacy import inactive, keeping, requesting
from crm.privacy.models import Consent
from tests.factories import (
    GiftFactory,
    InstalmentFactory,
    PlanFactory,
    SignatureFactory,
    SupporterFactory,
)
from tests.people_factories import NoteFactory, RelationshipFactory, TaskFactory

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2015, 6, 1, tzinfo=UTC)


def silent(**fields):
    return SupporterFactory(created_at=LONG_AGO, **fields)


def found(now):
    rule = keeping.rule("inactive")
    return set(inactive.due(keeping.before(rule, now)))


def gave(who, now):
    GiftFactory(supporter=who, given_at=now)


def signed(who, now):
    SignatureFactory(supporter=who, signed_at=now)


def agreed(who, now):
    Consent.objects.create(
        supporter=who, purpose="newsletter", given=False, source="unsubscribe", at=now
    )


def gives(who, now):
    PlanFactory(supporter=who, started_at=LONG_AGO, status="paused")


def promised(who, now):
    InstalmentFactory(pledge__supporter=who)


def works_for(who, now):
    RelationshipFactory(supporter=who, other=silent(kind="organisation"), kind="contact")


def is_to_be_called(who, now):
    TaskFactory(supporter=who)


def asked(who, now):
    requesting.ask(supporter=who, kind="access", source="letter", language="fr", at=LONG_AGO)


@pytest.mark.parametrize(
    "happens", [gave, signed, agreed, gives, promised, works_for, is_to_be_called, asked]
)
def test_sign_of_life_or_a_tie_keeps_somebody(now, happens):
    kept, forgotten = silent(), silent()
    happens(kept, now - timedelta(days=10))

    assert found(now) == {forgotten}


def test_old_signs_and_what_staff_wrote_keep_nobody(now):
    who = silent()
    gave(who, now - timedelta(days=2000))
    signed(who, LONG_AGO)
    PlanFactory(supporter=who, status="ended")
    NoteFactory(supporter=who)
    RelationshipFactory(supporter=who, other=SupporterFactory(), kind="friend")

    assert found(now) == {who}


def test_organisations_newcomers_and_those_erased_are_left_alone(now):
    silent(kind="organisation")
    silent(erased_at=LONG_AGO)
    SupporterFactory()

    assert found(now) == set()


def test_what_a_merged_record_signed_keeps_the_one_that_stands(now):
    kept, lost = silent(), silent()
    campaign = SignatureFactory(supporter=kept, signed_at=LONG_AGO).campaign
    SignatureFactory(supporter=lost, campaign=campaign, signed_at=now - timedelta(days=9))
    merge(kept=kept, lost=lost, at=now)

    assert found(now) == set()


def test_silent_people_are_erased_and_the_feed_says_so(now):
    who, other = silent(given_name="Zoe"), silent(given_name="Ann")
    gave(other, now)

    number = keeping.carry_out(keeping.rule("inactive"), now)

    who.refresh_from_db()
    other.refresh_from_db()
    assert (number, who.given_name, who.erased_at, other.given_name) == (1, "", now, "Ann")
    assert not EmailAddress.objects.filter(supporter=who).exists()
    assert Change.objects.filter(supporter=who, kind="erased").count() == 1


def test_at_most_some_hundreds_are_erased_in_a_night(now, monkeypatch):
    for _each in range(4):
        silent()
    part = keeping.rule("inactive").parts[0]
    monkeypatch.setitem(part.declared.__dict__, "most", 3)

    numbers = list(keeping.steps(part, now - timedelta(days=1900), now, 2))

    assert numbers == [2, 1]
    assert Supporter.objects.filter(erased_at=None).count() == 1


def test_nobody_is_erased_for_silence_until_staff_decide_so():
    assert keeping.rule("inactive").is_on is False
