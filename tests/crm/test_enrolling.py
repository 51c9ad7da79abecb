"""Places in sessions, the waiting list that moves up, and sessions that change."""

from datetime import timedelta

import pytest

from crm.mailing.models import Attachment, Mail
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.programmes import enrolling, teaching
from crm.programmes.trainings import Enrolment
from tests.factories import AT, SupporterFactory
from tests.training_factories import BEGINS, EnrolmentFactory, SessionFactory

pytestmark = pytest.mark.django_db
State = Enrolment.State


@pytest.fixture(autouse=True)
def before_the_session(monkeypatch):
    """The clock of the pages stands on a day before the session."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def states(session):
    return dict(session.enrolments.values_list("supporter__email", "state"))


def templates():
    return list(Mail.objects.order_by("pk").values_list("template", flat=True))


# Staff enrol


def test_whoever_enrols_gets_a_place_and_a_mail_with_an_entry_for_calendars():
    session, person = SessionFactory(), SupporterFactory(language="nl")

    enrolment = enrolling.enrol(session=session, supporter=person, at=AT)

    assert enrolment.state == State.ENROLLED
    mail = Mail.objects.get()
    assert (mail.template, mail.language, mail.to) == ("training_enrolled", "nl", person.email)
    assert mail.context["when"] == "dinsdag 14 april 2026, 10:00 – 16:00"
    assert list(mail.attachments.values_list("name", "content_type")) == [
        ("session.ics", "text/calendar; charset=utf-8")
    ]


def test_enrolling_twice_changes_nothing_and_tells_nothing():
    session, person = SessionFactory(), SupporterFactory()
    first = enrolling.enrol(session=session, supporter=person, at=AT)

    again = enrolling.enrol(session=session, supporter=person, at=AT + timedelta(hours=1))

    assert again == first
    assert templates() == ["training_enrolled"]


def test_a_full_session_puts_whoever_comes_on_the_waiting_list():
    session = SessionFactory(places=1)
    enrolling.enrol(session=session, supporter=SupporterFactory(email="a@example.org"), at=AT)

    enrolling.enrol(session=session, supporter=SupporterFactory(email="b@example.org"), at=AT)

    assert states(session) == {"a@example.org": "enrolled", "b@example.org": "waiting"}
    assert templates() == ["training_enrolled", "training_waiting"]


def test_staff_may_give_a_place_beyond_those_that_there_are():
    session, person = SessionFactory(places=1), SupporterFactory()
    enrolling.enrol(session=session, supporter=SupporterFactory(), at=AT)
    enrolling.enrol(session=session, supporter=person, at=AT)

    enrolment = enrolling.enrol(session=session, supporter=person, at=AT, is_extra=True)

    assert enrolment.state == State.ENROLLED


def test_a_newcomer_with_a_known_address_is_the_supporter_we_know_and_stays_as_known():
    known = SupporterFactory(email="sam@example.org", given_name="Samuel")

    enrolment = enrolling.enrol_newcomer(
        session=SessionFactory(),
        email="Sam@Example.org",
        given_name="Sam",
        family_name="Other",
        language="en",
        at=AT,
    )

    assert enrolment.supporter == known
    assert Supporter.objects.values_list("given_name", "family_name").get() == (
        "Samuel",
        "Supporter",
    )


def test_nobody_is_enrolled_in_a_session_that_was_cancelled():
    session = SessionFactory(cancelled_at=AT)

    with pytest.raises(enrolling.SessionClosed):
        enrolling.enrol(session=session, supporter=SupporterFactory(), at=AT)

    assert not Enrolment.objects.exists()


# Places come free


def test_who_waits_longest_moves_up_when_somebody_cancels_and_is_told():
    session = SessionFactory(places=1)
    people = [SupporterFactory(email=f"{name}@example.org") for name in "abc"]
    enrolments = [
        enrolling.enrol(session=session, supporter=person, at=AT + timedelta(minutes=place))
        for place, person in enumerate(people)
    ]

    enrolling.cancel(enrolment=enrolments[0], at=AT + timedelta(hours=1))
    enrolling.cancel(enrolment=enrolments[0], at=AT + timedelta(hours=2))

    assert states(session) == {
        "a@example.org": "cancelled",
        "b@example.org": "enrolled",
        "c@example.org": "waiting",
    }
    assert templates()[3:] == ["training_moved_up"]


def test_who_comes_back_after_a_cancellation_queues_behind_those_who_wait():
    session = SessionFactory(places=1)
    one, two, three = (SupporterFactory(email=f"{name}@example.org") for name in "abc")
    first = enrolling.enrol(session=session, supporter=one, at=AT)
    second = enrolling.enrol(session=session, supporter=two, at=AT)
    enrolling.cancel(enrolment=first, at=AT)
    enrolling.enrol(session=session, supporter=three, at=AT + timedelta(minutes=30))

    enrolling.enrol(session=session, supporter=one, at=AT + timedelta(hours=1))
    enrolling.cancel(enrolment=second, at=AT + timedelta(hours=2))

    assert states(session) == {
        "a@example.org": "waiting",
        "b@example.org": "cancelled",
        "c@example.org": "enrolled",
    }


def test_more_places_let_those_who_wait_move_up():
    session = SessionFactory(places=1)
    for name in "abc":
        person = SupporterFactory(email=f"{name}@example.org")
        enrolling.enrol(session=session, supporter=person, at=AT)

    teaching.change_session(session=session, places=2, at=AT)

    assert sorted(states(session).values()) == ["enrolled", "enrolled", "waiting"]


def test_the_place_of_somebody_who_was_erased_goes_to_who_waits():
    session = SessionFactory(places=1)
    EnrolmentFactory(session=session, supporter=SupporterFactory(email="", erased_at=AT))
    EnrolmentFactory(session=session, state=State.WAITING)

    moved = enrolling.fill_all(at=AT)

    assert (moved, enrolling.fill_all(at=AT)) == (1, 0)


def test_nobody_moves_up_once_the_session_has_begun():
    session = SessionFactory(places=1)
    gone = EnrolmentFactory(session=session)
    EnrolmentFactory(session=session, state=State.WAITING)

    enrolling.cancel(enrolment=gone, at=BEGINS + timedelta(minutes=5))

    assert sorted(session.enrolments.values_list("state", flat=True)) == ["cancelled", "waiting"]


def test_who_came_cannot_give_their_place_back():
    enrolment = EnrolmentFactory(state=State.ATTENDED)

    with pytest.raises(enrolling.CannotLeave):
        enrolling.cancel(enrolment=enrolment, at=AT)


# A session changes


def test_everybody_with_a_place_or_waiting_hears_that_a_session_is_cancelled_once(client):
    session = SessionFactory()
    for state in State.values:
        EnrolmentFactory(session=session, state=state)

    told = [teaching.cancel_session(session=session, at=AT) for _time in range(2)]

    assert told == [2, 0]
    assert templates() == ["training_cancelled"] * 2
    calendar = bytes(Attachment.objects.first().content).decode()
    assert "STATUS:CANCELLED\r\n" in calendar


def test_a_session_that_has_begun_is_not_cancelled_any_more():
    session = SessionFactory()

    with pytest.raises(teaching.IsOver):
        teaching.cancel_session(session=session, at=BEGINS)


def test_participants_hear_of_another_place_but_not_of_another_trainer():
    session = SessionFactory()
    EnrolmentFactory(session=session)

    teaching.change_session(session=session, trainer="Lee", at=AT)
    before = templates()
    changed = teaching.change_session(session=session, place="Ghent", trainer="Lee", at=AT)

    assert (before, changed) == ([], ["place"])
    assert templates() == ["training_changed"]
    assert Mail.objects.get().context["place"] == "Ghent"


# Merges and erasure


@pytest.mark.parametrize(
    ("kept_state", "lost_state", "stands"),
    [
        ("absent", "attended", "attended"),
        ("attended", "absent", "attended"),
        ("pending", "enrolled", "enrolled"),
        ("waiting", "cancelled", "waiting"),
    ],
)
def test_one_person_enrolled_as_two_is_enrolled_once(kept_state, lost_state, stands):
    session = SessionFactory()
    kept = EnrolmentFactory(session=session, state=kept_state).supporter
    lost = EnrolmentFactory(session=session, state=lost_state).supporter

    merge(kept=kept, lost=lost, at=AT)

    found = dict(session.enrolments.values_list("supporter", "state"))
    assert found == {kept.pk: stands, lost.pk: "cancelled"}
