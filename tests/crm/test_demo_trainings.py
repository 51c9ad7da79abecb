"""The demo's trainings: full years, this year so far, and those to come."""

from datetime import date
from operator import attrgetter

import pytest
from django.db import transaction

from crm.demo import trainings
from crm.demo.world import World
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.programmes.impact import by_year
from crm.programmes.partners import Partner
from crm.programmes.trainings import Certificate, Enrolment, Session
from tests.factories import GiftFactory, SupporterFactory

TODAY = date(2026, 3, 14)
State = Enrolment.State


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker):
    """The trainings of a demo with some donors and one partner, rolled back at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        hotel = SupporterFactory(kind=Supporter.Kind.ORGANISATION, email="")
        Partner.objects.create(organisation=hotel, sector="hotel", signed_on=date(2020, 1, 1))
        GiftFactory.create_batch(5)
        trainings.write(World(TODAY, sources={}, wordings={}))
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _db(db):
    """Each test in a transaction of its own, within that of the module."""


def told(key):
    found = ((year, each) for year, figures in by_year(today=TODAY) for each in figures)
    return {year: each.value for year, each in found if each.key == key}


def test_four_hundred_and_ten_were_trained_in_the_last_full_year():
    trained = told("trained")

    assert (trained[2025], trained[2024]) == (410, 328)
    assert 0 < trained[2026] < 410 / 3


def test_nothing_is_noted_of_sessions_to_come_and_everything_of_those_that_were():
    noted = {State.ATTENDED, State.ABSENT}
    over = Enrolment.objects.filter(session__begins_at__date__lt=TODAY)
    coming = Enrolment.objects.filter(session__begins_at__date__gt=TODAY)

    assert set(over.values_list("state", flat=True)) == {*noted, State.CANCELLED}
    assert set(coming.values_list("state", flat=True)) == {
        State.ENROLLED,
        State.WAITING,
        State.CANCELLED,
    }


def test_only_full_sessions_have_a_waiting_list_and_none_has_too_many():
    sessions = list(Session.objects.with_taken())

    assert [each for each in sessions if each.taken > each.places] == []
    assert [each for each in sessions if each.waiting and each.taken < each.places] == []
    assert any(each.waiting for each in sessions)


def test_each_who_came_has_a_certificate_numbered_without_gaps():
    for year, number in ((2025, 410), (2024, 328)):
        found = Certificate.objects.filter(year=year).order_by("number")
        assert list(found.values_list("number", flat=True)) == list(range(1, number + 1))
    assert Certificate.objects.count() == Enrolment.objects.attended().count()


def test_no_session_is_held_on_a_weekend():
    days = [local_day(begins) for begins in Session.objects.values_list("begins_at", flat=True)]

    assert [day for day in days if day.weekday() > 4] == []


def test_participants_are_newcomers_and_donors_and_some_are_sent_by_partners():
    sources = Supporter.objects.filter(enrolments__isnull=False).values_list("source", flat=True)
    employers = Enrolment.objects.exclude(employer=None).values_list("employer__kind", flat=True)

    assert set(sources.distinct()) == {"training", ""}
    assert set(employers.distinct()) == {"organisation"}


def test_nobody_enrols_before_we_know_them():
    early = [
        each
        for each in Enrolment.objects.select_related("supporter")
        if each.enrolled_at < each.supporter.created_at
    ]

    assert sorted(early, key=attrgetter("pk")) == []


def test_written_twice_nothing_is_doubled():
    before = Enrolment.objects.count()

    trainings.write(World(TODAY, sources={}, wordings={}))

    assert Enrolment.objects.count() == before
