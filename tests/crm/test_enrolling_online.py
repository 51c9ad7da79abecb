"""Somebody enrols on our site, confirms by a mail, and gives the place back by another."""

import re
from datetime import timedelta

import pytest
from django.core import mail as mailbox
from django.urls import reverse

from crm.lib import tokens
from crm.mailing.models import Mail
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.people.proposals import Proposal
from crm.programmes import enrolling, telling
from crm.programmes.trainings import Enrolment
from tests.factories import AT, SupporterFactory
from tests.jobs import run_jobs
from tests.training_factories import BEGINS, EnrolmentFactory, SessionFactory

pytestmark = pytest.mark.django_db
State = Enrolment.State
SAM = {
    "given_name": "Sam",
    "family_name": "Peeters",
    "email": "sam@example.org",
    "employer": "Hotel Zeezicht",
}


@pytest.fixture(autouse=True)
def before_the_session(monkeypatch):
    """The clock of the pages stands on a day before the session."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)


def states(session):
    return dict(session.enrolments.values_list("supporter__email", "state"))


def templates():
    return list(Mail.objects.order_by("pk").values_list("template", flat=True))


def enrol_at(client, session, language="en", **fields):
    address = f"/{language}/trainings/{session.public_id}/"
    return client.post(address, {**SAM, **fields})


def link_of(mail):
    """The first link to a page about trainings in a mail that was sent."""
    return re.search(r"/\w\w/trainings/\w+/[^/\s]+/", mail.body).group()


def test_whoever_enrols_on_our_site_confirms_by_a_mail_before_it_counts(client):
    session = SessionFactory()

    answer = enrol_at(client, session)

    assert answer.status_code == 302
    assert answer.url == f"/en/trainings/{session.public_id}/asked/"
    enrolment = Enrolment.objects.get()
    told = (enrolment.state, enrolment.employer_name, enrolment.source)
    assert told == ("pending", "Hotel Zeezicht", "form")
    assert templates() == ["training_confirm"]
    assert session.enrolments.with_place().count() == 0


def test_looking_at_the_link_of_the_mail_changes_nothing_and_its_button_enrols(client):
    enrol_at(client, SessionFactory())
    run_jobs()
    link = link_of(mailbox.outbox[0])

    looked = client.get(link)
    before = Enrolment.objects.get().state
    client.post(link)
    client.post(link)

    assert (looked.status_code, before) == (200, "pending")
    assert Enrolment.objects.get().state == "enrolled"
    assert templates() == ["training_confirm", "training_enrolled"]


def test_whoever_confirms_when_all_places_are_taken_waits(client):
    session = SessionFactory(places=1)
    enrol_at(client, session)
    run_jobs()
    EnrolmentFactory(session=session)

    page = client.post(link_of(mailbox.outbox[0]))

    assert "You are on the waiting list" in page.content.decode()
    assert states(session)["sam@example.org"] == "waiting"


def test_the_mail_with_the_place_carries_a_link_by_which_it_is_given_back(client):
    session = SessionFactory(places=1)
    enrolment = enrolling.enrol(session=session, supporter=SupporterFactory(), at=AT)
    waiting = enrolling.enrol(session=session, supporter=SupporterFactory(), at=AT)
    run_jobs()
    link = link_of(mailbox.outbox[0]).replace("/fr/", "/en/")

    client.get(link)
    enrolment.refresh_from_db()
    before = enrolment.state
    client.post(link)

    enrolment.refresh_from_db()
    waiting.refresh_from_db()
    assert (before, enrolment.state, waiting.state) == ("enrolled", "cancelled", "enrolled")


@pytest.mark.parametrize("name", ["training-confirm", "training-leave"])
def test_a_link_that_was_changed_or_is_for_something_else_leads_nowhere(client, name):
    enrolment = EnrolmentFactory()
    others = {"training-confirm": telling.LEAVE, "training-leave": telling.CONFIRM}
    wrong = tokens.make(others[name], str(enrolment.public_id))

    answers = [
        client.post(reverse(f"public:{name}", args=[token])).status_code
        for token in (wrong, "nonsense")
    ]

    enrolment.refresh_from_db()
    assert (answers, enrolment.state) == ([410, 410], "enrolled")


def test_the_answer_is_the_same_for_somebody_who_is_enrolled_already(client):
    session = SessionFactory()
    person = SupporterFactory(email="sam@example.org")
    EnrolmentFactory(session=session, supporter=person)

    answer = enrol_at(client, session)

    assert answer.url == f"/en/trainings/{session.public_id}/asked/"
    assert templates() == ["training_enrolled"]
    assert states(session) == {"sam@example.org": "enrolled"}


def test_what_a_form_says_of_somebody_we_know_is_proposed_and_not_written(client):
    known = SupporterFactory(email="sam@example.org", given_name="Samuel", family_name="Peeters")

    enrol_at(client, SessionFactory())

    known.refresh_from_db()
    assert known.given_name == "Samuel"
    assert list(Proposal.objects.values_list("field", "value")) == [("given_name", "Sam")]


def test_a_robot_gets_the_same_answer_and_is_forgotten(client):
    session = SessionFactory()

    answer = enrol_at(client, session, topic="cheap watches")

    assert answer.status_code == 302
    assert (Enrolment.objects.count(), Supporter.objects.count(), Mail.objects.count()) == (0, 0, 0)


def test_the_form_names_what_is_missing(client):
    page = enrol_at(client, SessionFactory(), email="nowhere", given_name="")

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"email", "given_name"}


@pytest.mark.parametrize(
    "fields",
    [{"is_public": False}, {"cancelled_at": AT}, {"begins_at": AT - timedelta(hours=1)}],
    ids=["hidden", "cancelled", "begun"],
)
def test_a_session_that_is_not_open_takes_nobody(client, fields):
    session = SessionFactory(**fields)

    answer = enrol_at(client, session)

    assert answer.status_code in (404, 422)
    assert not Enrolment.objects.exists()


def test_confirming_too_late_enrols_nobody(client, monkeypatch):
    enrol_at(client, SessionFactory())
    run_jobs()
    monkeypatch.setattr("django.utils.timezone.now", lambda: BEGINS + timedelta(minutes=1))
    token = tokens.make(telling.CONFIRM, str(Enrolment.objects.get().public_id))

    answer = client.post(f"/en/trainings/confirm/{token}/")

    assert answer.status_code == 410
    assert Enrolment.objects.get().state == "pending"


def test_asking_twice_a_day_sends_one_mail(client):
    session = SessionFactory()

    enrol_at(client, session)
    enrol_at(client, session)

    assert templates() == ["training_confirm"]


def test_the_link_of_a_record_that_was_merged_confirms_what_the_record_that_stands_asked(client):
    session = SessionFactory()
    enrol_at(client, session)
    lost = Enrolment.objects.get()
    kept = EnrolmentFactory(session=session, state=State.PENDING)
    merge(kept=kept.supporter, lost=lost.supporter, at=AT)
    token = tokens.make(telling.CONFIRM, str(lost.public_id))

    client.post(f"/en/trainings/confirm/{token}/")

    kept.refresh_from_db()
    assert kept.state == "enrolled"
