"""Staff plan sessions, enrol people, note who came; everybody sees what is announced."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.programmes.trainings import Certificate, Enrolment, Session
from tests.factories import AT, SupporterFactory
from tests.jobs import run_jobs
from tests.training_factories import (
    BEGINS,
    CertificateFactory,
    EnrolmentFactory,
    SessionFactory,
    TrainingFactory,
)

pytestmark = pytest.mark.django_db
State = Enrolment.State
BEFORE = AT - timedelta(hours=7)


@pytest.fixture(autouse=True)
def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


@pytest.fixture(autouse=True)
def before_most_sessions(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


@pytest.fixture
def campaigner(client, staff):
    user = staff(Role.CAMPAIGNER)
    client.force_login(user)
    return user


def page_of(name, *arguments):
    return reverse(f"admin:crm_{name}", args=[each.pk for each in arguments])


def told(page):
    return [str(message) for message in page.context["messages"]]


WHEN = {"begins_at": "2026-04-14T10:00", "ends_at": "2026-04-14T16:00", "places": "12"}


def test_a_session_is_planned_in_local_time(client, campaigner):
    training = TrainingFactory()
    answers = {**WHEN, "training": training.pk, "place": "Namur", "trainer": "", "is_public": "on"}

    client.post(page_of("session_add"), answers)

    session = Session.objects.get()
    assert (session.begins_at, session.places, session.is_public) == (BEGINS, 12, True)
    assert AuditEntry.objects.filter(action="session.added", by=campaigner).count() == 1


def test_a_session_that_ends_before_it_begins_is_refused_at_the_field(client, campaigner):
    answers = {**WHEN, "training": TrainingFactory().pk, "place": "Namur"}

    page = client.post(page_of("session_add"), {**answers, "ends_at": "2026-04-14T09:00"})

    assert page.context["form"].errors == {"ends_at": ["It ends before it begins."]}
    assert not Session.objects.exists()


def test_a_session_is_changed_and_its_participants_hear_of_it(client, campaigner):
    session = EnrolmentFactory().session
    answers = {**WHEN, "places": "20", "place": "Ghent", "is_public": "on"}

    client.post(page_of("session_edit", session), answers)

    session.refresh_from_db()
    assert (session.place, session.begins_at) == ("Ghent", BEGINS)
    assert Mail.objects.get().template == "training_changed"


def test_cancelling_a_session_asks_first(client, campaigner):
    session = EnrolmentFactory().session

    asked = client.get(page_of("session_cancel", session)).content.decode()
    client.post(page_of("session_cancel", session))
    session.refresh_from_db()
    before = session.cancelled_at
    client.post(page_of("session_cancel", session), {"confirmed": "yes"})

    session.refresh_from_db()
    assert "1 person who is enrolled or waits is told by mail." in asked
    assert (before, session.cancelled_at) == (None, AT)


def test_staff_enrol_somebody_we_know(client, campaigner):
    session, person = SessionFactory(), SupporterFactory(given_name="Ada", family_name="Maes")
    hotel = SupporterFactory(kind=Supporter.Kind.ORGANISATION)
    answers = {"supporter": person.pk, "employer": hotel.pk, "language": "fr"}

    page = client.post(page_of("session_enrol", session), answers, follow=True)

    enrolment = Enrolment.objects.get()
    assert (enrolment.supporter, enrolment.employer) == (person, hotel)
    assert told(page) == ["Ada Maes: enrolled."]


def test_staff_enrol_a_newcomer_by_name_and_address(client, campaigner):
    session = SessionFactory()
    answers = {
        "given_name": "Ada",
        "family_name": "Maes",
        "email": "Ada@Example.org",
        "language": "nl",
    }

    client.post(page_of("session_enrol", session), answers)

    person = Enrolment.objects.get().supporter
    assert (person.email, person.language, person.source) == ("ada@example.org", "nl", "training")


@pytest.mark.parametrize(
    ("known", "answers", "field"),
    [
        (True, {"given_name": "Ada"}, "supporter"),
        (False, {}, "supporter"),
        (False, {"given_name": "Ada"}, "supporter"),
        (False, {"given_name": "Ada", "family_name": "Maes", "email": "ada"}, "email"),
    ],
    ids=["both", "nobody", "half a name", "no address"],
)
def test_the_form_says_whom_it_needs(client, campaigner, known, answers, field):
    session = SessionFactory()
    who = {"supporter": SupporterFactory().pk} if known else {}

    page = client.post(page_of("session_enrol", session), {"language": "fr", **who, **answers})

    assert set(page.context["form"].errors) == {field}
    assert not Enrolment.objects.exists()


def test_a_person_is_nobodys_employer(client, campaigner):
    enrolment = EnrolmentFactory()

    page = client.post(
        page_of("enrolment_employer", enrolment), {"employer": SupporterFactory().pk}
    )

    assert set(page.context["form"].errors) == {"employer"}


def test_the_organisation_of_the_name_that_was_written_is_suggested(client, campaigner):
    hotel = SupporterFactory(
        kind=Supporter.Kind.ORGANISATION, given_name="", family_name="Hotel Zeezicht"
    )
    enrolment = EnrolmentFactory(employer_name="hotel zeezicht")

    page = client.get(page_of("enrolment_employer", enrolment))
    client.post(page_of("enrolment_employer", enrolment), {"employer": hotel.pk})

    enrolment.refresh_from_db()
    assert page.context["form"].initial == {"employer": hotel}
    assert "They wrote: “hotel zeezicht”." in page.content.decode()
    assert enrolment.employer == hotel


def test_a_place_that_staff_give_back_goes_to_who_waits(client, campaigner):
    session = SessionFactory(places=1)
    gone = EnrolmentFactory(session=session)
    waiting = EnrolmentFactory(session=session, state=State.WAITING)

    client.post(page_of("enrolment_cancel", gone))

    waiting.refresh_from_db()
    assert waiting.state == "enrolled"


def test_the_sheet_notes_who_was_ticked(client, campaigner):
    session = SessionFactory(begins_at=BEFORE)
    there, absent = EnrolmentFactory.create_batch(2, session=session)

    client.post(page_of("session_attendance", session), {"came": [there.pk], "action": "save"})

    there.refresh_from_db()
    absent.refresh_from_db()
    assert (there.state, absent.state) == ("attended", "absent")


def test_one_button_says_that_all_of_them_came(client, campaigner):
    session = SessionFactory(begins_at=BEFORE)
    EnrolmentFactory.create_batch(3, session=session)

    page = client.post(page_of("session_attendance", session), {"action": "all"}, follow=True)

    assert session.enrolments.attended().count() == 3
    assert told(page) == ["Noted: 3 came, 0 did not."]


def test_the_sheet_waits_for_the_day(client, campaigner):
    session = EnrolmentFactory().session

    page = client.post(page_of("session_attendance", session), {"action": "all"})

    assert told(page) == ["The day of this session has not come yet."]
    assert not session.enrolments.attended().exists()


def test_certificates_are_issued_from_the_page_and_sent(client, campaigner):
    session = EnrolmentFactory(session__begins_at=BEFORE, state=State.ATTENDED).session

    for _time in range(2):
        page = client.post(page_of("session_certify", session), follow=True)
    run_jobs()

    assert Certificate.objects.count() == Mail.objects.count() == 1
    assert told(page) == ["Everybody who came has a certificate already."]


def test_the_papers_are_pdf(client, campaigner):
    certificate = CertificateFactory()
    session = certificate.enrolment.session

    papers = [
        client.get(page_of("certificate_pdf", certificate)),
        client.get(page_of("session_print", session)),
    ]

    assert [paper["Content-Type"] for paper in papers] == ["application/pdf"] * 2
    assert all(paper.content.startswith(b"%PDF-") for paper in papers)


def test_a_certificate_of_somebody_who_was_erased_cannot_be_had(client, campaigner):
    certificate = CertificateFactory(name="")

    assert client.get(page_of("certificate_pdf", certificate)).status_code == 404


def test_the_page_of_a_session_names_nobody_who_was_erased(client, campaigner):
    person = SupporterFactory(erased_at=AT, email="", given_name="", family_name="")
    enrolment = EnrolmentFactory(supporter=person, state=State.ATTENDED)

    page = client.get(page_of("session_change", enrolment.session)).content.decode()

    assert "Somebody who was erased" in page
    assert page_of("supporter_change", person) not in page


def test_the_list_of_refreshers_shows_what_is_due(client, campaigner):
    soon = CertificateFactory(refresh_on=AT.date() + timedelta(days=10))
    CertificateFactory(refresh_on=AT.date() + timedelta(days=300))

    page = client.get(page_of("certificate_changelist") + "?refresh=due")

    assert list(page.context["cl"].result_list) == [soon]


@pytest.mark.parametrize("number", [1, 3])
def test_a_session_asks_as_often_for_one_participant_as_for_three(
    client, campaigner, number, django_assert_num_queries
):
    session = SessionFactory()
    hotel = SupporterFactory(kind=Supporter.Kind.ORGANISATION)
    EnrolmentFactory.create_batch(number, session=session, employer=hotel, state=State.ATTENDED)
    address = page_of("session_change", session)
    client.get(address)

    with django_assert_num_queries(6):
        client.get(address)


def test_the_page_of_a_person_tells_their_trainings_to_who_may_see_them(client, staff):
    person = CertificateFactory(number=7).enrolment.supporter
    told_to = {}
    for role in (Role.CAMPAIGNER, Role.FUNDRAISER):
        client.force_login(staff(role))
        page = client.get(page_of("supporter_change", person)).content.decode()
        told_to[role] = "Spotting trafficking" in page and "certificate 2026-0007" in page

    assert told_to == {Role.CAMPAIGNER: True, Role.FUNDRAISER: True}


# For everybody


def test_announced_sessions_are_shown_with_the_places_left(client):
    session = SessionFactory(places=3)
    EnrolmentFactory(session=session)
    for state in (State.PENDING, State.WAITING, State.CANCELLED):
        EnrolmentFactory(session=session, state=state)
    SessionFactory(is_public=False)
    SessionFactory(cancelled_at=AT)
    SessionFactory(begins_at=AT - timedelta(days=1))

    page = client.get("/en/trainings/")

    assert [each["session"] for each in page.context["sessions"]] == [session]
    assert "2 places left" in page.content.decode()


def test_no_session_is_said_in_words(client):
    page = client.get("/en/trainings/").content.decode()

    assert "No session is announced at the moment." in page


def test_a_full_session_offers_its_waiting_list(client):
    session = SessionFactory(places=1)
    EnrolmentFactory(session=session)

    page = client.get(f"/en/trainings/{session.public_id}/").content.decode()

    assert "Join the waiting list" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_as_often_for_one_session_as_for_three(
    client, number, django_assert_num_queries
):
    SessionFactory.create_batch(number)
    client.get("/en/trainings/")

    with django_assert_num_queries(1):
        client.get("/en/trainings/")
