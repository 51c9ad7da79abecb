"""What people ask of their data: one request of a kind, within a month, answered once."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse

from crm.audit import AuditEntry
from crm.donations.farewell import ask_to_go, carry_out
from crm.donations.instructions import Instruction
from crm.lib import tokens
from crm.mailing.alarms import Alarm
from crm.mailing.handing_out import PURPOSE
from crm.mailing.models import Mail
from crm.people.files import StoredFile
from crm.people.merging import merge
from crm.people.models import Identifier, Supporter
from crm.privacy import requesting
from crm.privacy.erasure import erase
from crm.privacy.requests import PrivacyRequest
from crm.privacy.suppressing import suppressed
from tests.crm.donor_page import page_of
from tests.factories import PlanFactory, SupporterFactory
from tests.jobs import run_jobs
from tests.people_factories import NoteFactory, TaskFactory

pytestmark = pytest.mark.django_db
KEY = UUID("5e3f688a-a29f-45a0-a7f7-4903dfa89f87")


def ask(who, now, kind="access", **fields):
    return requesting.ask(
        **{"supporter": who, "kind": kind, "source": "letter", "language": "en", "at": now} | fields
    )


def asked_for_data(client, who):
    client.post(page_of(who, "data/"))
    run_jobs()
    return PrivacyRequest.objects.get()


def link_of(request):
    return f"/en/data/{tokens.make(PURPOSE, str(request.public_id))}/"


def body(answer):
    return b"".join(answer.streaming_content)


def test_request_is_due_within_a_month_of_the_letter(now):
    request = ask(SupporterFactory(), now, asked_at=now - timedelta(days=10))

    assert (request.due_on, request.state) == (date(2026, 4, 4), "received")


def test_asking_again_while_one_is_open_is_the_same_request(now):
    who = SupporterFactory()
    first = ask(who, now)

    again, other = ask(who, now + timedelta(days=3)), ask(who, now, "erasure")

    assert (again == first, other == first) == (True, False)
    assert again.due_on == first.due_on


def test_who_was_merged_asks_for_the_record_that_stands(now):
    kept, lost = SupporterFactory(), SupporterFactory()
    merge(kept=kept, lost=lost, at=now, by=None)

    assert ask(Supporter.objects.get(pk=lost.pk), now).supporter == kept


def test_erased_can_ask_for_nothing(now):
    who = SupporterFactory(erased_at=now)

    with pytest.raises(requesting.Erased):
        ask(who, now)


def test_request_is_refused_with_a_reason_and_then_not_carried_out(now, staff):
    request = ask(SupporterFactory(), now)

    requesting.refuse(request=request, reason="It is somebody else.", at=now, by=staff())

    request.refresh_from_db()
    assert (request.state, request.refusal) == ("refused", "It is somebody else.")
    with pytest.raises(requesting.AlreadyDecided):
        requesting.begin(request=request, at=now)
    with pytest.raises(requesting.AlreadyDecided):
        requesting.refuse(request=request, reason="Again", at=now, by=None)


def test_beginning_twice_queues_one_job(now):
    request = ask(SupporterFactory(), now)

    requesting.begin(request=request, at=now)
    requesting.begin(request=request, at=now)

    assert run_jobs().count("privacy.hand_out") == 1


def test_mail_brings_a_link_to_the_package(client, mailoutbox):
    who = SupporterFactory(language="nl")

    request = asked_for_data(client, who)

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == ([who.email], "Your data is ready")
    assert f"/en/data/{tokens.make(PURPOSE, str(request.public_id)).partition(':')[0]}" in mail.body
    assert (request.state, request.expires_at - request.done_at) == ("done", timedelta(days=7))


def test_link_shows_buttons_and_changes_nothing(client):
    request = asked_for_data(client, SupporterFactory())
    before = AuditEntry.objects.count()

    looked = client.get(link_of(request))

    assert (looked.status_code, looked.headers["X-Robots-Tag"]) == (200, "noindex, nofollow")
    assert AuditEntry.objects.count() == before
    assert b'value="archive"' in looked.content


@pytest.mark.parametrize(
    ("which", "kind", "head"), [("archive", "zip", b"PK"), ("pages", "pdf", b"%PDF-")]
)
def test_button_hands_the_file_out_and_that_is_noted(client, which, kind, head):
    request = asked_for_data(client, SupporterFactory())

    answer = client.post(link_of(request), {"file": which})

    assert answer["Content-Type"] == f"application/{kind}"
    assert f'.{kind}"' in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert body(answer).startswith(head)
    assert AuditEntry.objects.filter(action="file.downloaded").count() == 1


def test_link_expires_and_the_files_go(client, now):
    request = asked_for_data(client, SupporterFactory())
    late = request.expires_at
    early = requesting.forget_packages(now=late - timedelta(minutes=1))

    number = requesting.forget_packages(now=late)

    assert (early, number, StoredFile.objects.count()) == (0, 2, 0)
    assert client.get(link_of(request)).status_code == 410
    assert client.post(link_of(request), {"file": "archive"}).status_code == 410


def test_link_that_was_changed_opens_nothing(client):
    request = asked_for_data(client, SupporterFactory())

    answers = [client.get(f"/en/data/{token}/") for token in ("x", tokens.make("donor", "1"))]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert request.state == "done"


def test_asking_again_within_the_hour_makes_no_second_package(client, mailoutbox):
    who = SupporterFactory()
    asked_for_data(client, who)

    asked_for_data(client, who)

    assert (PrivacyRequest.objects.count(), len(mailoutbox)) == (1, 1)


def test_package_of_somebody_without_an_address_waits_for_staff(now, mailoutbox):
    request = ask(SupporterFactory(email=""), now)

    requesting.begin(request=request, at=now)
    run_jobs()

    request.refresh_from_db()
    assert (request.state, request.data_file is None, mailoutbox) == ("done", False, [])


def test_package_is_no_file_that_staff_see_with_the_person(client):
    who = SupporterFactory()

    asked_for_data(client, who)

    assert who.files.count() == 0
    assert StoredFile.objects.count() == 2


def test_who_is_erased_meanwhile_gets_no_package(now):
    who = SupporterFactory()
    request = ask(who, now)
    requesting.begin(request=request, at=now)

    erase(supporter=who, at=now)
    run_jobs()

    request.refresh_from_db()
    assert (request.state, request.data_file) == ("done", None)


def test_erasure_takes_the_package_with_it(client, now):
    who = SupporterFactory()
    request = asked_for_data(client, who)

    erase(supporter=who, at=now)

    assert StoredFile.objects.count() == 0
    assert client.get(link_of(request)).status_code == 410


def go(who, now, **fields):
    return ask_to_go(supporter=who, end_plans=True, language="en", key=KEY, at=now, **fields)


def test_erasure_is_asked_once_and_done_by_a_job(now):
    who = SupporterFactory()
    PlanFactory(supporter=who, reference="stripe:sub_1")

    first, second = go(who, now), go(who, now)
    who.refresh_from_db()
    before = who.erased_at
    carry_out(request_id=first.pk, at=now)
    carry_out(request_id=first.pk, at=now)

    who.refresh_from_db()
    first.refresh_from_db()
    assert (first.pk, before, who.erased_at) == (second.pk, None, now)
    assert (first.state, Instruction.objects.count()) == ("done", 1)
    assert Mail.objects.filter(template="erased").count() == 1
    assert first.outcome["proof"]["elsewhere"] == {}


def test_addresses_of_the_erased_are_never_used_again(now):
    who = SupporterFactory(email="dora@example.org")

    go(who, now)
    run_jobs()

    assert suppressed(["dora@example.org", "other@example.org"]) == {"dora@example.org": "erased"}


def test_notes_on_others_that_name_the_person_are_told_by_their_keys(now):
    who = SupporterFactory(given_name="Zeldarine", family_name="Quixworth")
    other = SupporterFactory()
    note = NoteFactory(supporter=other, text="Sister of Zeldarine Quixworth")
    task = TaskFactory(title=f"Write to {who.email}")
    NoteFactory(supporter=other, text="Zeldarine")

    request = go(who, now)
    carry_out(request_id=request.pk, at=now)

    request.refresh_from_db()
    proof = request.outcome["proof"]
    assert proof["of_others"] == [["crm.note", note.pk, other.pk]]
    assert proof["written"] == [["crm.task", task.pk, None]]
    assert (proof["elsewhere"], Alarm.objects.count()) == ({}, 0)
    assert "uixworth" not in str(request.outcome)


def test_alarm_rings_where_something_is_left(now):
    who = SupporterFactory(email="dora@example.org")
    request = go(who, now)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (told text)")
        cursor.execute("INSERT INTO forgotten VALUES ('mail of DORA@example.org')")

    carry_out(request_id=request.pk, at=now)

    request.refresh_from_db()
    alarm = Alarm.objects.get()
    assert (request.state, request.outcome["proof"]["elsewhere"]) == ("done", {"forgotten": 1})
    page = reverse("admin:crm_privacyrequest_change", args=[request.pk])
    assert (alarm.kind, alarm.address) == ("not_erased", page)


def test_signs_of_like_are_read_as_they_are(now):
    who = SupporterFactory(email="d_ra@example.org", given_name="100%", family_name="sure_ly")
    SupporterFactory(email="dora@example.org")
    request = go(who, now)

    carry_out(request_id=request.pk, at=now)

    request.refresh_from_db()
    assert request.outcome["proof"]["of_others"] == []


def test_name_in_another_system_stays_for_it_to_be_told(now):
    who = SupporterFactory()
    Identifier.objects.create(supporter=who, system="newsletter", value="m_1")

    erase(supporter=who, at=now)

    assert Identifier.objects.get().value == "m_1"
