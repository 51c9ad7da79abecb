"""The staff pages of retention: rules, their effect, the calendar; and who may."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.access import Role
from crm.mailing.models import Mail
from crm.privacy import calendar, keeping
from crm.privacy.retention_rules import RetentionRule, RetentionRun
from tests.factories import ReceiptFactory, SupporterFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/retentionrule/"
MAILS = f"{LIST}mails/change/"


@pytest.fixture
def admin(signed_in):
    return signed_in(Role.ADMINISTRATOR)


def mail(at, key="k"):
    return Mail.objects.create(
        key=key, to="sam@example.org", template="x", language="fr", queued_at=at, sent_at=at
    )


def read(client, address):
    return client.get(address, headers={"accept-language": "en"})


def reads_only():
    user = get_user_model().objects.create_user("reads", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_retentionrule"))
    return user


def test_page_says_how_much_is_due_now(client, admin):
    mail(timezone.now() - timedelta(days=800))

    rows = read(client, LIST).context["rows"]

    mails = next(row for row in rows if row.rule.key == "mails")
    assert (mails.term, mails.due, mails.last) == ("2 years", 1, None)


def test_page_is_read_only_for_who_may_only_read(client):
    client.force_login(reads_only())

    page = read(client, LIST).content.decode()

    assert MAILS not in page
    assert client.get(MAILS).status_code == 403


def test_effect_is_shown_before_anything_is_saved(client, admin):
    mail(timezone.now() - timedelta(days=400))

    first = client.post(MAILS, {"months": "12", "is_on": "on"}, headers={"accept-language": "en"})

    assert first.context["effect"] == (
        "With this, 1 row would be emptied tonight. It cannot be undone."
    )
    assert RetentionRule.objects.count() == 0


def test_same_values_sent_again_are_saved(client, admin):
    sent = {"months": "12", "is_on": "on"}
    shown = client.post(MAILS, sent).context["form"].data["shown"]

    answer = client.post(MAILS, {**sent, "shown": shown})

    rule = keeping.rule("mails")
    assert (answer.status_code, rule.months, rule.is_on) == (302, 12, True)
    assert rule.decided.changed_by.username == Role.ADMINISTRATOR


def test_other_values_than_those_shown_are_shown_first(client, admin):
    shown = client.post(MAILS, {"months": "12", "is_on": "on"}).context["form"].data["shown"]

    answer = client.post(MAILS, {"months": "2", "is_on": "on", "shown": shown})

    assert (answer.status_code, RetentionRule.objects.count()) == (200, 0)


def test_term_shorter_than_the_law_says_is_an_error_beside_the_field(client, admin):
    address = f"{LIST}accounts/change/"

    answer = client.post(address, {"months": "12", "is_on": "on", "shown": "12 True"})

    assert list(answer.context["form"].errors) == ["months"]
    assert RetentionRule.objects.count() == 0


def test_rule_that_does_not_exist_is_not_found(client, admin):
    assert client.get(f"{LIST}everything/change/").status_code == 404


def test_last_runs_that_did_something_are_told(client, admin, now):
    RetentionRun.objects.create(key="mails", before=now, rows=7, at=now)
    RetentionRun.objects.create(key="history", before=now, rows=0, at=now)

    runs = read(client, LIST).context["runs"]

    assert [(run.rows, str(title)) for run, title in runs] == [
        (7, str(keeping.rule("mails").title))
    ]


@pytest.mark.parametrize("address", [LIST, f"{LIST}calendar/", f"{LIST}register/"])
def test_number_of_queries_does_not_grow_with_the_rows(client, admin, address):
    counts = []
    for number in (1, 3):
        for each in range(number):
            mail(timezone.now() - timedelta(days=800), key=f"{number}-{each}")
            keeping.decide(key="mails", months=24, is_on=True, by=None, at=timezone.now())
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            client.get(address)
        counts.append(len(caught))

    assert counts[0] == counts[1]


def test_calendar_counts_by_the_month_in_which_rows_are_due(now):
    for key, day in (
        ("late", datetime(2023, 5, 1, tzinfo=UTC)),
        ("now", datetime(2024, 3, 31, 12, tzinfo=UTC)),
        ("may", datetime(2024, 5, 9, tzinfo=UTC)),
        ("last", datetime(2025, 2, 27, tzinfo=UTC)),
        ("beyond", datetime(2025, 3, 2, tzinfo=UTC)),
    ):
        mail(day, key)

    line = calendar.line(keeping.rule("mails"), now)

    assert line.numbers == [2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert line.total == 4


def test_calendar_of_the_accounts_counts_full_years(now):
    ReceiptFactory(issued_at=datetime(2018, 6, 1, tzinfo=UTC))
    ReceiptFactory(issued_at=datetime(2019, 1, 5, tzinfo=UTC))
    ReceiptFactory(issued_at=datetime(2019, 11, 5, tzinfo=UTC))

    line = calendar.line(keeping.rule("accounts"), now)

    assert calendar.months_from(now)[10].isoformat() == "2027-01-01"
    assert line.numbers == [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]


def test_calendar_and_work_agree_on_the_day_that_something_is_due(now):
    ReceiptFactory(issued_at=datetime(2019, 11, 5, tzinfo=UTC))
    rule = keeping.rule("accounts")

    before = keeping.number_due(rule, datetime(2026, 12, 31, 12, tzinfo=UTC))
    after = keeping.number_due(rule, datetime(2027, 1, 1, 12, tzinfo=UTC))

    assert (before, after) == (0, 1)


def test_calendar_counts_silent_people_by_their_last_sign(now):
    SupporterFactory(created_at=now - timedelta(days=4000))
    SupporterFactory(created_at=datetime(2021, 5, 20, tzinfo=UTC))

    line = calendar.line(keeping.rule("inactive"), now)

    assert (line.numbers[0], line.total) == (1, 2)
