"""Certificates of attendance: once for each, numbered without gaps, sent, and refreshed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.mailing.models import Mail
from crm.people.merging import merge
from crm.privacy.erasure import erase
from crm.programmes import attending, certificate_pages, certifying
from crm.programmes.calendars import calendar, escaped, folded
from crm.programmes.trainings import Certificate, Enrolment
from tests.factories import AT, SupporterFactory
from tests.jobs import run_jobs, run_periodic
from tests.training_factories import (
    BEGINS,
    CertificateFactory,
    EnrolmentFactory,
    SessionFactory,
    TrainingFactory,
)

pytestmark = pytest.mark.django_db
State = Enrolment.State
AFTER = BEGINS + timedelta(hours=7)


def attended(session=None, **person):
    return EnrolmentFactory(
        session=session or SessionFactory(),
        supporter=SupporterFactory(**person),
        state=State.ATTENDED,
    )


def numbers():
    return list(Certificate.objects.order_by("pk").values_list("year", "number"))


# Attendance


def test_who_is_ticked_came_and_the_others_with_a_place_did_not():
    session = SessionFactory()
    there, absent = EnrolmentFactory.create_batch(2, session=session)
    waiting = EnrolmentFactory(session=session, state=State.WAITING)

    noted = attending.note_attendance(session=session, came=[there.pk, waiting.pk], at=AFTER)

    assert noted == (1, 1)
    assert dict(session.enrolments.values_list("pk", "state")) == {
        there.pk: "attended",
        absent.pk: "absent",
        waiting.pk: "waiting",
    }


def test_a_tick_can_be_corrected_but_who_has_a_certificate_came():
    session = SessionFactory()
    first, second = attended(session), attended(session)
    CertificateFactory(enrolment=second)

    attending.note_attendance(session=session, came=[], at=AFTER)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("absent", "attended")


@pytest.mark.parametrize(
    ("at", "fields"), [(BEGINS - timedelta(days=1), {}), (AFTER, {"cancelled_at": AT})]
)
def test_nobody_came_before_the_day_or_to_what_was_cancelled(at, fields):
    enrolment = EnrolmentFactory(session=SessionFactory(**fields))

    with pytest.raises(attending.NotYet):
        attending.note_attendance(session=enrolment.session, came=[enrolment.pk], at=at)

    enrolment.refresh_from_db()
    assert enrolment.state == "enrolled"


# Issuing


def test_all_who_came_get_a_certificate_numbered_without_gaps_and_nobody_gets_two():
    session = SessionFactory()
    for state in State.values:
        EnrolmentFactory.create_batch(2, session=session, state=state)

    issued = [certifying.certify(session=session, at=AFTER) for _time in range(2)]

    assert issued == [2, 0]
    assert numbers() == [(2026, 1), (2026, 2)]


def test_numbers_begin_anew_with_the_local_year():
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    certifying.certify_one(enrolment=attended(), at=AFTER)

    certifying.certify_one(enrolment=attended(), at=new_year)

    assert numbers() == [(2026, 1), (2027, 1)]


def test_who_did_not_come_gets_none():
    with pytest.raises(certifying.DidNotAttend):
        certifying.certify_one(enrolment=EnrolmentFactory(), at=AFTER)

    assert numbers() == []


def test_a_certificate_without_a_name_is_not_issued():
    session = SessionFactory()
    nameless = attended(session, given_name="", family_name="")

    number = certifying.certify(session=session, at=AFTER)

    assert number == 0
    with pytest.raises(certifying.Nameless):
        certifying.certify_one(enrolment=nameless, at=AFTER)


def test_it_is_sent_by_mail_with_a_page_in_the_language_of_the_training():
    training = TrainingFactory(language="nl", title="Mensenhandel", refresher_months=24)
    enrolment = attended(SessionFactory(training=training), language="fr")

    certifying.certify_one(enrolment=enrolment, at=AFTER)
    certificate = Certificate.objects.get()
    certifying.send(certificate_id=certificate.pk, word="", at=AFTER)
    certifying.send(certificate_id=certificate.pk, word="", at=AFTER)

    mail = Mail.objects.get()
    assert (mail.template, mail.language) == ("training_certificate", "fr")
    assert mail.context["refresh_on"] == "14 avril 2028"
    attachment = mail.attachments.get()
    assert attachment.name == "2026-0001.pdf"
    assert bytes(attachment.content).startswith(b"%PDF-")
    assert (certificate.language, certificate.name) == ("nl", "Sam Supporter")
    words = certificate_pages.words_of(certificate)
    assert words["rows"][0][1] == "dinsdag 14 april 2026, 10:00 – 16:00"
    assert words["rows"][2][1] == "6"


def test_made_out_anew_it_keeps_its_number_and_says_the_name_as_it_is_now():
    certificate = CertificateFactory(name="Sam Suporter", number=7)

    again = certifying.reissue(certificate=certificate, at=AFTER)
    run_jobs()
    certifying.reissue(certificate=certificate, at=AFTER)
    certifying.reissue(certificate=certificate, at=AFTER)
    run_jobs()

    assert (again.name, again.number) == ("Sam Supporter", 7)
    assert Mail.objects.count() == 2  # the corrected one at once, the same one once a day
    assert numbers() == [(2026, 7)]


def test_one_person_with_two_certificates_of_one_session_keeps_one():
    session = SessionFactory()
    kept, lost = attended(session), attended(session)
    certificate = CertificateFactory(enrolment=lost)

    merge(kept=kept.supporter, lost=lost.supporter, at=AFTER)

    certificate.refresh_from_db()
    assert certificate.enrolment.supporter == kept.supporter
    assert session.enrolments.attended().count() == 1
    assert certifying.certify(session=session, at=AFTER) == 0


# Refreshing


def due(refresh_on, **fields):
    return CertificateFactory(refresh_on=refresh_on, **fields)


def test_who_should_refresh_soon_is_told_once():
    soon = due(date(2026, 5, 1))
    due(date(2026, 9, 1))
    due(None)

    told = [certifying.remind(today=date(2026, 3, 14), at=AT) for _time in range(2)]

    assert told == [1, 1]
    mail = Mail.objects.get()
    assert (mail.template, mail.supporter) == ("training_refresher", soon.enrolment.supporter)
    assert mail.context["refresh_on"] == "1 mai 2026"


def test_who_came_again_need_not_refresh():
    certificate = due(date(2026, 5, 1))
    later = SessionFactory(
        training=certificate.enrolment.session.training, begins_at=BEGINS + timedelta(days=1)
    )
    EnrolmentFactory(session=later, supporter=certificate.enrolment.supporter, state=State.ATTENDED)

    assert list(certifying.to_refresh(today=date(2026, 3, 14))) == []


def test_staff_see_what_is_overdue_for_a_year_but_nobody_is_reminded_of_it():
    overdue = due(date(2026, 3, 1))
    due(date(2025, 3, 1))

    listed = list(certifying.to_refresh(today=date(2026, 3, 14)))

    assert listed == [overdue]
    assert certifying.remind(today=date(2026, 3, 14), at=AT) == 0


def test_the_morning_job_reminds(monkeypatch):
    due(date(2026, 4, 20))
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)

    run_periodic("programmes.remind_of_refreshers")

    assert Mail.objects.count() == 1


# Erasure


def test_erasure_empties_the_name_and_keeps_the_number_and_that_somebody_came():
    certificate = CertificateFactory(number=3)
    enrolment = certificate.enrolment
    Enrolment.objects.filter(pk=enrolment.pk).update(employer_name="Hotel Zeezicht")

    erase(supporter=enrolment.supporter, at=AFTER)

    certificate.refresh_from_db()
    enrolment.refresh_from_db()
    assert (certificate.name, certificate.number) == ("", 3)
    assert (enrolment.state, enrolment.employer_name) == ("attended", "")
    certifying.send(certificate_id=certificate.pk, word="late", at=AFTER)
    assert not Mail.objects.filter(template="training_certificate").exists()


# Entries for calendars


def test_an_entry_says_when_and_where_in_utc():
    training = TrainingFactory(title="Voir, comprendre; agir")
    session = SessionFactory(training=training, place="Bruxelles")

    lines = calendar(session, at=AT).split("\r\n")

    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[5:13] == [
        f"UID:{session.public_id}@localhost",
        "DTSTAMP:20260301T090000Z",
        "SEQUENCE:0",
        "DTSTART:20260414T080000Z",
        "DTEND:20260414T140000Z",
        "SUMMARY:Voir\\, comprendre\\; agir",
        "LOCATION:Bruxelles",
        "STATUS:CONFIRMED",
    ]


def test_an_entry_cannot_be_broken_out_of():
    assert escaped("a\r\nATTENDEE:x") == "a\\nATTENDEE:x"


def test_long_lines_are_folded_between_characters_and_can_be_joined_again():
    line = "SUMMARY:" + "é" * 100

    parts = folded(line).split("\r\n")

    assert max(len(part.encode()) for part in parts) <= 75
    assert "".join([parts[0], *(part[1:] for part in parts[1:])]) == line
