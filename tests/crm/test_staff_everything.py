"""The page for an export of everything: for administrators, with a reason, kept for a day."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.exchange.models import Export
from crm.people.storing import store
from tests.jobs import forget_jobs

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
PAGE = "/staff/crm/export/everything/"


@pytest.fixture
def administrator(client, staff):
    user = staff()
    client.force_login(user)
    return user


def written(*, ago=timedelta(0), by=None):
    now = timezone.now()
    file = store(name="all.zip", content_type="application/zip", chunks=[b"PK", b"12"], at=now)
    fields = {"what": "everything", "format": "zip", "reason": "Moving house."}
    return Export.objects.create(
        **fields, file=file, exported_at=now - ago, finished_at=now - ago, exported_by=by
    )


def states(client):
    archives = client.get(PAGE, headers=ENGLISH).context["archives"]
    return [each["state"] for each in archives]


def fetch(client, export):
    return client.get(reverse("admin:crm_export_fetch", args=[export.pk]))


def test_everything_is_asked_for_with_a_reason(client, administrator):
    answer = client.post(PAGE, {"reason": "Moving to another server"})

    export = Export.objects.get()
    assert answer.url == PAGE
    assert (export.what, export.reason) == ("everything", "Moving to another server")
    assert AuditEntry.objects.get().action == "everything.exported"
    assert states(client) == ["running"]
    forget_jobs()


def test_without_a_reason_nothing_is_exported(client, administrator):
    answer = client.post(PAGE, {"reason": "because"})

    assert list(answer.context["form"].errors) == ["reason"]
    assert Export.objects.count() == 0


def test_progress_is_told_until_the_file_is_there(client, administrator):
    export = Export.objects.create(
        what="everything", format="zip", reason="x" * 10, done=3, total=9, beat_at=timezone.now()
    )
    address = reverse("admin:crm_export_progress", args=[export.pk])

    during = client.get(address, headers=ENGLISH)
    Export.objects.update(finished_at=timezone.now())
    after = client.get(address, headers=ENGLISH)

    assert "3 of 9 tables written …" in during.content.decode()
    assert (during["X-Finished"], after["X-Finished"]) == ("no", "yes")


def test_file_is_fetched_and_that_is_written_down(client, administrator):
    export = written(by=administrator)

    answer = fetch(client, export)

    assert b"".join(answer.streaming_content) == b"PK12"
    assert answer["content-disposition"] == 'attachment; filename="all.zip"'
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by) == ("everything.downloaded", administrator)


def test_page_tells_what_is_ready_running_interrupted_and_gone(client, administrator):
    written(ago=timedelta(days=2))
    old = timezone.now() - timedelta(hours=1)
    Export.objects.create(what="everything", format="zip", reason="x" * 10, exported_at=old)
    written(ago=timedelta(minutes=5))

    assert states(client) == ["ready", "stuck", "gone"]


def test_file_of_yesterday_is_not_handed_out(client, administrator):
    assert fetch(client, written(ago=timedelta(days=1, seconds=1))).status_code == 404


@pytest.mark.parametrize("role", [Role.CAMPAIGNER, Role.FUNDRAISER])
def test_others_neither_ask_nor_follow_nor_fetch(client, staff, role):
    export = written()
    client.force_login(staff(role))
    progress = reverse("admin:crm_export_progress", args=[export.pk])

    answers = [
        client.post(PAGE, {"reason": "Moving to another server"}),
        client.get(progress),
        fetch(client, export),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Export.objects.count() == 1


def test_export_of_a_list_is_no_archive(client, administrator):
    export = Export.objects.create(what="gifts", format="csv", reason="x" * 10)

    assert fetch(client, export).status_code == 404
