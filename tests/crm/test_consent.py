"""What people agreed to, and that a "no" wins."""

from datetime import date, timedelta

import pytest

from crm.people.models import Change
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent, wording_for
from tests.factories import SupporterFactory, WordingFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def say(supporter, given, at, **details):
    return record_consent(supporter=supporter, given=given, source="test", at=at, **details)


def holds(supporter):
    return ConsentState.objects.may_be_mailed().filter(supporter=supporter).exists()


def test_consent_is_logged_with_its_wording_and_holds(now):
    supporter, wording = SupporterFactory(), WordingFactory()

    assert say(supporter, True, now, wording=wording)

    logged = Consent.objects.get()
    assert (logged.supporter, logged.given, logged.wording) == (supporter, True, wording)
    assert holds(supporter)
    assert [change.kind for change in Change.objects.all()] == ["newsletter.subscribed"]


def test_no_ends_what_yes_began_and_both_stay_in_the_log(now):
    supporter = SupporterFactory()
    say(supporter, True, now)

    say(supporter, False, now + timedelta(days=1))

    assert not holds(supporter)
    assert list(Consent.objects.order_by("pk").values_list("given", flat=True)) == [True, False]


def test_yes_from_elsewhere_never_undoes_a_no(now):
    supporter = SupporterFactory()
    say(supporter, False, now)

    assert say(supporter, True, now, said_by_supporter=False) is False

    assert not holds(supporter)
    assert Consent.objects.count() == 1


def test_yes_from_the_person_undoes_their_own_no(now):
    supporter = SupporterFactory()
    say(supporter, False, now)

    assert say(supporter, True, now) is True

    assert holds(supporter)


def test_saying_the_same_again_is_logged_but_changes_nothing(now):
    supporter = SupporterFactory()
    say(supporter, True, now)

    say(supporter, True, now + timedelta(days=1))

    assert ConsentState.objects.get().since == now
    assert (Consent.objects.count(), Change.objects.count()) == (2, 1)


def test_no_said_again_holds_since_it_was_last_said(now):
    supporter = SupporterFactory()
    say(supporter, False, now)

    say(supporter, False, now + timedelta(days=1))

    assert ConsentState.objects.get().since == now + timedelta(days=1)
    assert Change.objects.count() == 1


@pytest.mark.parametrize("given", [True, False])
def test_what_proves_it_is_kept_with_what_was_said(now, given):
    say(SupporterFactory(), given, now, evidence={"page": "newsletter"})

    assert Consent.objects.get().evidence == {"page": "newsletter"}


@pytest.mark.parametrize(
    ("born", "holds"), [(date(2013, 3, 14), True), (date(2013, 3, 15), False), (None, True)]
)
def test_child_below_the_age_agrees_to_nothing_alone(now, born, holds):
    child = SupporterFactory(birth_date=born)

    assert say(child, True, now) is holds

    assert Consent.objects.exists() is holds


def test_child_agrees_with_a_parent_and_says_no_alone(now):
    child = SupporterFactory(birth_date=date(2020, 1, 1))

    assert say(child, True, now, parent_name="Marie Maes")
    say(child, False, now)

    words = Consent.objects.order_by("pk").values_list("given", "parent_name")
    assert list(words) == [(True, "Marie Maes"), (False, "")]


def test_newest_wording_in_the_language_is_shown():
    WordingFactory(version=1, language="nl", text="oud")
    newest = WordingFactory(version=2, language="nl", text="nieuw")
    WordingFactory(version=3, language="fr", text="plus nouveau")

    assert wording_for(purpose="newsletter", language="nl") == newest


@pytest.mark.django_db(transaction=True)
def test_words_said_at_once_are_put_in_an_order(now):
    supporter = SupporterFactory()

    at_once(lambda number: say(supporter, number % 2 == 0, now), range(6))

    last = Consent.objects.order_by("-pk").first()
    assert Consent.objects.count() == 6
    assert ConsentState.objects.get().given == last.given
