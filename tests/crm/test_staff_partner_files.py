"""Partners' own files, and two colleagues who change one partner at once."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.lib.periods import local_day
from crm.people.files import StoredFile
from crm.programmes.partners import CriterionState, PartnerReport
from tests.partner_factories import CriterionStateFactory, PartnerFactory

pytestmark = pytest.mark.django_db
SIGNED = date(2025, 2, 10)


@pytest.fixture
def carla(signed_in):
    return signed_in(Role.CAMPAIGNER)


@pytest.fixture
def today():
    return local_day(timezone.now())


def made(due=None):
    """A partner that signed, and whose report is due on a day."""
    partner = PartnerFactory(signed_on=SIGNED, next_report_on=due)
    if due:
        PartnerReport.objects.create(partner=partner, year=due.year, due_on=due)
    return partner


def address(partner, page="change"):
    return reverse(f"admin:crm_partner_{page}", args=[partner.pk])


def kept(partner, name, **fields):
    told = {"content_type": "application/pdf", "size": 0, **fields}
    return StoredFile.objects.create(supporter=partner.organisation, name=name, **told)


def file_of(client, partner, stored):
    return client.get(address(partner, "file"), {"file": stored.pk})


def test_campaigner_attaches_and_takes_the_file_of_a_criterion(client, carla):
    partner = made()
    upload = SimpleUploadedFile("policy.pdf", b"%PDF-1.4 policy")
    sent = {"criterion": 1, "state": "met", "since": "2026-01-05", "upload": upload}

    client.post(address(partner, "criterion"), sent)
    stored = StoredFile.objects.get()
    page = client.get(address(partner)).content.decode()
    answer = file_of(client, partner, stored)

    assert f'href="{address(partner, "file")}?file={stored.pk}"' in page
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 policy"
    assert answer["Content-Disposition"] == 'attachment; filename="policy.pdf"'
    noted = AuditEntry.objects.filter(action="file.downloaded").values_list("subject", "by")
    assert list(noted) == [(f"storedfile:{stored.pk}", carla.pk)]


def test_campaigner_takes_the_file_of_a_report(client, carla, today):
    partner = made(due=today)
    upload = SimpleUploadedFile("report.pdf", b"%PDF-1.4 report")
    client.post(address(partner, "report"), {"received_on": today.isoformat(), "upload": upload})

    answer = file_of(client, partner, StoredFile.objects.get())

    assert b"".join(answer.streaming_content) == b"%PDF-1.4 report"


def test_no_other_file_is_handed_out_with_a_partner(client, carla):
    partner, other = made(), made()
    loose, secret = kept(partner, "loose.pdf"), kept(partner, "secret.pdf", is_confidential=True)
    foreign = kept(other, "foreign.pdf")
    CriterionStateFactory(partner=partner, criterion=1, file=secret)
    CriterionStateFactory(partner=other, criterion=1, file=foreign)

    answers = [file_of(client, partner, each).status_code for each in (loose, secret, foreign)]

    assert answers == [404, 404, 404]
    assert client.get(address(partner, "file"), {"file": "²"}).status_code == 404
    assert AuditEntry.objects.filter(action="file.downloaded").count() == 0
    page = client.get(address(partner)).content.decode()
    assert [each in page for each in ("loose.pdf", "secret.pdf", "foreign.pdf")] == [False] * 3


def test_report_that_is_sent_twice_is_recorded_once(client, carla, today):
    partner = made(due=today)
    year = client.get(address(partner)).context["report_form"].initial["year"]
    sent = {"received_on": today.isoformat(), "year": year}
    client.post(address(partner, "report"), sent)

    answer = client.post(address(partner, "report"), sent)

    assert list(answer.context["report_form"].errors) == ["received_on"]
    assert list(partner.reports.order_by("year").values_list("received_on", flat=True)) == [
        today,
        None,
    ]


def test_two_who_say_how_far_one_criterion_is_are_asked_who_is_right(client, carla, staff):
    partner = made()
    pages = client.get(address(partner)).context["criteria"]
    tokens = [each.based_on for _cell, each, _file in pages]
    colleague = type(client)()
    colleague.force_login(fien := staff(Role.ADMINISTRATOR, first_name="Fien"))
    sent = {"criterion": 2, "since": "2026-01-05", "based_on": tokens[1], "evidence": ""}
    colleague.post(address(partner, "criterion"), {**sent, "state": "met"})
    colleague.post(address(partner, "criterion"), {**sent, "criterion": 1, "state": "begun"})

    asked = client.post(address(partner, "criterion"), {**sent, "state": "begun"})
    shown = [each for _cell, each, _file in asked.context["criteria"]][1]
    still = partner.criteria.get(criterion=2).state
    again = {**sent, "state": "begun", "based_on": shown.based_on, "keep-state": "mine"}
    answer = client.post(address(partner, "criterion"), again)

    assert [(each.name, each.by) for each in shown.conflicts] == [("state", fien)]
    assert "keep-state" in asked.content.decode()
    assert still == "met"
    assert answer.url == f"{address(partner)}#criterion-2"
    assert partner.criteria.get(criterion=2).state == "begun"


def test_refused_file_of_a_criterion_says_so_where_it_was_sent(client, carla):
    partner = made()
    upload = SimpleUploadedFile("policy.exe", b"MZ")

    sent = {"criterion": 2, "state": "met", "upload": upload}
    answer = client.post(address(partner, "criterion"), sent)

    edits = [each for _cell, each, _file in answer.context["criteria"]]
    assert [list(each.form.errors) for each in edits] == [[], ["upload"], [], [], [], []]
    assert (CriterionState.objects.count(), StoredFile.objects.count()) == (0, 0)


@pytest.mark.parametrize("number", ["", "7", "²"])
def test_criterion_that_there_is_not_changes_nothing(client, carla, number):
    partner = made()

    answer = client.post(address(partner, "criterion"), {"criterion": number, "state": "met"})

    assert (answer.status_code, CriterionState.objects.count()) == (200, 0)


def test_two_who_change_a_partner_lose_nothing_and_are_asked(client, carla):
    partner = made(due=date(2026, 2, 10))
    page = client.get(address(partner, "edit"))
    first = {"sector": "hotel", "responsible": "", "report_on": "2026-02-10"}
    sent = {**first, "based_on": page.context["edit"].based_on}
    client.post(address(partner, "edit"), {**sent, "sector": "travel", "responsible": carla.pk})

    kept_both = client.post(address(partner, "edit"), {**sent, "report_on": "2026-12-01"})
    asked = client.post(address(partner, "edit"), {**sent, "sector": "school"})

    partner.refresh_from_db()
    assert kept_both.url == address(partner)
    assert (partner.sector, partner.responsible) == ("travel", carla)
    assert partner.next_report_on == date(2026, 12, 1)
    assert [each.name for each in asked.context["edit"].conflicts] == ["sector"]
