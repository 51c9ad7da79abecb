"""The staff pages of privacy requests: who may, what they show, what their buttons do."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.instructions import Instruction
from crm.privacy import requesting
from crm.privacy.requests import PrivacyRequest
from tests.factories import GiftFactory, PlanFactory, SupporterFactory
from tests.jobs import run_jobs
from tests.people_factories import NoteFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/privacyrequest/"


@pytest.fixture
def admin(signed_in):
    return signed_in(Role.ADMINISTRATOR)


def ask(who, now, kind="erasure", source="letter"):
    return requesting.ask(supporter=who, kind=kind, source=source, language="en", at=now)


def page(name, request):
    return reverse(f"admin:crm_privacyrequest_{name}", args=[request.pk])


def read(client, address):
    return client.get(address, headers={"accept-language": "en"})


def begin(client, request, **fields):
    form = {"key": "5e3f688a-a29f-45a0-a7f7-4903dfa89f87", **fields}
    return client.post(page("begin", request), form)


@pytest.mark.parametrize("name", ["begin", "finish", "fetch", "refuse"])
def test_only_administrators_answer(client, signed_in, now, name):
    request = ask(SupporterFactory(), now)
    signed_in(Role.FUNDRAISER)

    answer = client.post(page(name, request), {"is_checked": "on", "reason": "no"})

    request.refresh_from_db()
    assert (answer.status_code, request.state) == (403, "received")


def test_request_that_came_by_letter_is_written_down(client, admin):
    who = SupporterFactory(language="nl")
    form = {"kind": "access", "source": "letter", "asked_on": "2026-03-01", "language": "nl"}

    first = client.get(f"{LIST}add/?supporter={who.pk}")
    answer = client.post(f"{LIST}add/", {**form, "supporter": who.pk})

    request = PrivacyRequest.objects.get()
    assert first.context["form"].initial["language"] == "nl"
    assert answer.url == page("change", request)
    assert (request.supporter, request.due_on.isoformat()) == (who, "2026-04-01")


def test_list_shows_what_is_late_first(client, admin, now):
    later = ask(SupporterFactory(), now)
    first = ask(SupporterFactory(), now.replace(year=2025))

    rows = client.get(LIST).context["rows"]

    assert [(row.asked, row.is_late) for row in rows] == [(first, True), (later, True)]


@pytest.mark.parametrize("number", [1, 3])
def test_number_of_queries_of_the_list(client, admin, now, number):
    for _each in range(number):
        ask(SupporterFactory(), now)
    client.get(LIST)

    with CaptureQueriesContext(connection) as captured:
        client.get(LIST)

    assert len([q for q in captured if "crm_privacyrequest" in q["sql"]]) == 2
    assert len([q for q in captured if 'FROM "crm_supporter"' in q["sql"]]) == 0


def test_page_shows_the_plan_and_what_to_look_at(client, admin, now):
    who = SupporterFactory(given_name="Zeldarine", family_name="Quixworth")
    GiftFactory(supporter=who)
    note = NoteFactory(text="Cousin of Zeldarine Quixworth")

    answer = read(client, page("change", ask(who, now)))

    rows = {row.title: row for row in answer.context["planned"]}
    assert (rows["Gifts"].kept, rows["Gifts"].until.isoformat()) == (1, "2033-12-31")
    assert rows["E-mail addresses"].deleted == 1
    assert [link.text for link in answer.context["to_look_at"]] == [f"Notes #{note.pk}"]
    assert "Until Dec. 31, 2033." in answer.content.decode()


def test_nobody_is_erased_before_it_was_checked_who_asks(client, admin, now):
    request = ask(SupporterFactory(), now)

    answer = begin(client, request)

    request.refresh_from_db()
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["is_checked"])
    assert request.state == "received"


def test_erasure_is_carried_out_and_its_proof_shown(client, admin, now):
    who = SupporterFactory()
    PlanFactory(supporter=who, reference="stripe:sub_1")
    request = ask(who, now)

    refused = begin(client, request, is_checked="on")
    begin(client, request, is_checked="on", end_plans="on")
    Instruction.objects.update(state="done")
    drop_jobs_of_payments()
    run_jobs()

    answer = read(client, page("change", request))
    request.refresh_from_db()
    assert list(refused.context["form"].errors) == ["end_plans"]
    assert (request.state, request.outcome["identity"]) == ("done", "checked by staff")
    assert answer.context["proof"]["elsewhere"] == []
    assert "nothing of theirs was found" in answer.content.decode()


def drop_jobs_of_payments():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name LIKE 'payments.%'")


def test_plan_that_no_provider_can_end_is_said(client, admin, now):
    who = SupporterFactory()
    PlanFactory(supporter=who, reference="paper:1")
    request = ask(who, now)

    begin(client, request, is_checked="on", end_plans="on")

    request.refresh_from_db()
    assert request.state == "received"


def test_package_is_taken_along_and_that_is_noted(client, admin, now):
    request = ask(SupporterFactory(email=""), now, "access")
    begin(client, request, is_checked="on")
    run_jobs()

    shown = client.get(page("fetch", request))
    answer = client.post(page("fetch", request), {"file": "pages"})
    none = client.post(page("fetch", request), {"file": "other"})

    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    assert [shown.status_code, none.status_code] == [405, 404]
    assert AuditEntry.objects.filter(action="file.downloaded").count() == 1


def test_request_is_refused_with_a_reason(client, admin, now):
    request = ask(SupporterFactory(), now)

    empty = client.post(page("refuse", request), {"reason": ""})
    client.post(page("refuse", request), {"reason": "Not them."})

    request.refresh_from_db()
    assert empty.status_code == 200
    assert (request.state, request.refusal) == ("refused", "Not them.")


@pytest.mark.parametrize(
    ("role", "lines"), [(Role.FUNDRAISER, []), (Role.ADMINISTRATOR, ["1 privacy request is late"])]
)
def test_home_page_says_what_is_late(client, signed_in, now, role, lines):
    ask(SupporterFactory(), now)
    signed_in(role)

    told = read(client, "/staff/").context["tasks"]

    assert [task.text for task in told if "privacy" in task.text] == lines
