"""Tasks: written down, given to a colleague, put off, done; and the mails about them."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.lib.periods import local_day
from crm.mailing import assigning
from crm.mailing.colleagues import StaffLanguage
from crm.mailing.models import Mail
from crm.people.notes import Task
from crm.staff import tasks
from crm.staff.task_words import due
from tests.factories import SupporterFactory
from tests.jobs import run_jobs, run_periodic
from tests.people_factories import TaskFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/task/"
ADD = "/staff/crm/task/add/"
ENGLISH = {"accept-language": "en"}
TODAY = date(2026, 3, 14)


def act(client, verb, task, **data):
    return client.post(reverse(f"admin:crm_task_{verb}", args=[task.pk]), data)


def page_of(task):
    return reverse("admin:crm_task_change", args=[task.pk])


def titles(client, show):
    return [row.task.title for row in client.get(f"{LIST}?show={show}").context["rows"]]


@pytest.fixture
def campaigner(client, staff):
    user = staff(Role.CAMPAIGNER, first_name="Carla")
    client.force_login(user)
    return user


@pytest.fixture
def colleague(staff):
    return staff(Role.FUNDRAISER, first_name="Fred", last_name="Funds")


def test_new_task_begins_with_the_reader_and_the_supporter(client, campaigner):
    supporter = SupporterFactory()

    form = client.get(f"{ADD}?supporter={supporter.pk}").context["form"]

    assert form.initial == {"assigned_to": campaigner.pk, "supporter": str(supporter.pk)}


def test_task_is_written_down(client, campaigner):
    supporter = SupporterFactory()
    fields = {"title": "Send the brochure", "due_on": "2026-03-20", "supporter": supporter.pk}

    answer = client.post(
        f"{ADD}?supporter={supporter.pk}", {**fields, "assigned_to": campaigner.pk}
    )

    task = Task.objects.get()
    assert answer.url == reverse("admin:crm_supporter_change", args=[supporter.pk])
    assert (task.title, task.due_on, task.assigned_to, task.created_by, task.supporter) == (
        "Send the brochure",
        date(2026, 3, 20),
        campaigner,
        campaigner,
        supporter,
    )


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"title": " "}, ["title"]),
        ({"title": "x" * 201}, ["title"]),
        ({"title": "Call", "due_on": "tomorrow"}, ["due_on"]),
        ({"title": "Call", "assigned_to": "999999"}, ["assigned_to"]),
        ({"title": "Ask who molests the child of 8"}, ["is_no_report"]),
    ],
)
def test_bad_answer_is_marked_and_nothing_is_written(client, campaigner, fields, wrong):
    page = client.post(ADD, fields)

    assert (list(page.context["form"].errors), Task.objects.count()) == (wrong, 0)


def test_only_colleagues_who_read_tasks_can_be_given_one(client, staff, campaigner, colleague):
    staff(Role.READER)
    gone = staff(Role.ADMINISTRATOR)
    gone.is_active = False
    gone.save()

    choices = client.get(ADD).context["form"].fields["assigned_to"].queryset

    assert list(choices) == [campaigner, colleague]


def test_lists_hold_what_is_mine_what_is_everybodys_and_what_was_done(
    client, campaigner, colleague, now
):
    TaskFactory(title="No date", assigned_to=campaigner)
    TaskFactory(title="Soon", assigned_to=campaigner, due_on=date(2026, 4, 1))
    TaskFactory(title="Late", assigned_to=campaigner, due_on=date(2026, 3, 1))
    TaskFactory(title="Nobody's", due_on=date(2026, 3, 2))
    TaskFactory(title="Fred's", assigned_to=colleague)
    TaskFactory(title="Over", assigned_to=campaigner, done_at=now, done_by=campaigner)

    assert titles(client, "mine") == ["Late", "Soon", "No date"]
    assert titles(client, "all") == ["Late", "Nobody's", "Soon", "No date", "Fred's"]
    assert titles(client, "done") == ["Over"]
    assert titles(client, "nonsense") == titles(client, "mine")


@pytest.mark.parametrize(
    ("due_on", "words", "tone"),
    [
        (None, "no date", ""),
        (TODAY - timedelta(days=1), "overdue by 1 day (March 13, 2026)", "bad"),
        (TODAY - timedelta(days=9), "overdue by 9 days (March 5, 2026)", "bad"),
        (TODAY, "due today", "warn"),
        (TODAY + timedelta(days=1), "due tomorrow", ""),
        (TODAY + timedelta(days=2), "due on March 16, 2026", ""),
    ],
)
def test_when_a_task_is_due_is_said_in_words(settings, due_on, words, tone):
    settings.LANGUAGE_CODE = "en"

    assert due(Task(title="x", due_on=due_on), TODAY) == (words, tone)


def test_done_and_undone_and_each_twice(client, campaigner):
    task = TaskFactory()

    states = []
    for verb in ("done", "done", "undo", "undo"):
        act(client, verb, task)
        task.refresh_from_db()
        states.append((task.done_at is not None, task.done_by))

    assert states == [(True, campaigner), (True, campaigner), (False, None), (False, None)]
    trail = AuditEntry.objects.filter(subject=f"task:{task.pk}").order_by("pk")
    assert list(trail.values_list("action", flat=True)) == ["task.done", "task.reopened"]


@pytest.mark.parametrize(
    ("before", "days", "after"), [(-5, 1, 1), (0, 7, 7), (3, 7, 10), (None, 1, 1)]
)
def test_task_is_put_off_from_today_or_from_its_day_to_come(
    client, campaigner, before, days, after
):
    today = local_day(timezone.now())
    task = TaskFactory(due_on=None if before is None else today + timedelta(days=before))

    act(client, "postpone", task, days=days)

    task.refresh_from_db()
    assert task.due_on == today + timedelta(days=after)


def test_task_is_not_put_off_by_what_is_not_offered(client, campaigner):
    task = TaskFactory(due_on=TODAY)

    act(client, "postpone", task, days=9000)

    task.refresh_from_db()
    assert task.due_on == TODAY


def test_button_leads_back_to_the_page_it_stood_on_and_never_elsewhere(client, campaigner):
    task = TaskFactory()

    back = act(client, "done", task, next=f"{LIST}?show=all").url
    elsewhere = [
        act(client, "done", task, next=address).url
        for address in ("https://evil.example/staff/", "//evil.example/staff/", "/staff/\\\\evil")
    ]

    assert back == f"{LIST}?show=all"
    assert elsewhere[:2] == [LIST, LIST]
    assert "evil.example" not in elsewhere[2]


def test_second_of_two_who_change_a_task_is_shown_what_the_first_wrote(
    client, campaigner, colleague
):
    task = TaskFactory(title="Call", details="At noon")
    based_on = client.get(page_of(task)).context["edit"].based_on
    Task.objects.update(title="Write", assigned_to=colleague)

    page = client.post(page_of(task), {"title": "Visit", "details": "Soon", "based_on": based_on})

    assert [(each.name, each.theirs) for each in page.context["edit"].conflicts] == [
        ("title", "Write")
    ]
    task.refresh_from_db()
    assert (task.title, task.details) == ("Write", "At noon")


def test_role_that_may_not_read_tasks_does_nothing_with_them(client, staff):
    reader, task = staff(Role.READER), TaskFactory()
    client.force_login(reader)

    answers = [act(client, verb, task, days=1) for verb in ("done", "undo", "postpone")]
    answers += [client.post(ADD, {"title": "x"}), client.post(page_of(task), {"title": "x"})]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert tasks.panel(SupporterFactory(), reader) == {}
    assert list(Task.objects.values_list("title", "done_at")) == [("Call back", None)]


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_as_many_queries_for_three_tasks_as_for_one(
    client, campaigner, number, django_assert_num_queries
):
    for _ in range(number):
        TaskFactory(supporter=SupporterFactory(), assigned_to=campaigner)
    client.get(LIST)

    with django_assert_num_queries(6):
        client.get(LIST)


def test_second_page_holds_what_the_first_does_not(client, campaigner):
    for place in range(51):
        TaskFactory(title=str(place), assigned_to=campaigner)

    assert [row.task.title for row in client.get(f"{LIST}?page=2").context["rows"]] == ["50"]


# Mails


def test_colleague_is_told_by_mail_of_a_task_that_somebody_else_gives_them(
    client, campaigner, colleague, mailoutbox, settings
):
    settings.SITE_URL = "https://give.example.org"
    StaffLanguage.objects.create(user=colleague, language="en")

    client.post(ADD, {"title": "Call & thank", "due_on": "2026-03-20", "assigned_to": colleague.pk})
    run_jobs()

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["fundraiser@example.org"], "Carla has given you a task")
    assert "Call & thank\nDue on 20/03/2026." in mail.body
    assert f"https://give.example.org{page_of(Task.objects.get())}\n" in mail.body


def test_sent_mail_about_a_task_keeps_nothing_of_what_it_said(client, campaigner, colleague):
    client.post(ADD, {"title": "Call Pia", "assigned_to": colleague.pk})
    run_jobs()

    mail = Mail.objects.get(template="task_assigned")

    assert (mail.context, mail.sent_at is not None, mail.supporter) == ({}, True, None)


def test_nobody_is_told_of_what_they_give_themselves_or_of_no_change(
    client, campaigner, colleague, mailoutbox
):
    client.post(ADD, {"title": "Mine", "assigned_to": campaigner.pk})
    client.post(ADD, {"title": "Nobody's"})
    task = TaskFactory(assigned_to=colleague)
    client.post(page_of(task), {"title": "Other words", "assigned_to": colleague.pk})
    run_jobs()

    assert mailoutbox == []


def test_task_given_on_is_told_to_the_new_one(client, campaigner, colleague, mailoutbox):
    task = TaskFactory(assigned_to=campaigner)

    client.post(page_of(task), {"title": "Call back", "assigned_to": colleague.pk})
    run_jobs()

    assert [mail.to for mail in mailoutbox] == [["fundraiser@example.org"]]


def test_who_has_no_address_or_is_gone_gets_no_mail(campaigner, colleague, now, mailoutbox):
    colleague.email = ""
    colleague.save()

    assigning.put_down(title="Call", at=now, by=campaigner, assigned_to=colleague)
    run_jobs()

    assert mailoutbox == []


def test_morning_mail_tells_each_what_is_due_once_a_day(campaigner, colleague, mailoutbox):
    today = local_day(timezone.now())
    TaskFactory(title="Late", assigned_to=colleague, due_on=today - timedelta(days=2))
    TaskFactory(title="Now", assigned_to=colleague, due_on=today)
    TaskFactory(title="Tomorrow", assigned_to=colleague, due_on=today + timedelta(days=1))
    TaskFactory(title="No date", assigned_to=campaigner)
    TaskFactory(title="Over", assigned_to=campaigner, due_on=today, done_at=timezone.now())
    TaskFactory(title="Nobody's", due_on=today)
    StaffLanguage.objects.create(user=colleague, language="en")

    run_periodic("mailing.remind_of_tasks")
    run_periodic("mailing.remind_of_tasks")
    run_jobs()

    [mail] = mailoutbox
    assert (mail.to, mail.subject) == (["fundraiser@example.org"], "2 tasks of yours are due")
    listed = [line for line in mail.body.splitlines() if line.startswith("- ")]
    late = f"{today - timedelta(days=2):%d/%m/%Y}"
    assert listed == [f"- Late (overdue, {late})", "- Now (today)"]


def test_next_morning_tells_again(colleague, now):
    TaskFactory(assigned_to=colleague, due_on=TODAY)

    told = [assigning.remind(day=TODAY + timedelta(days=each), at=now) for each in (-1, 0, 1)]

    assert told == [0, 1, 1]
    assert Mail.objects.filter(template="tasks_due").count() == 2


def test_mail_names_thirty_tasks_and_counts_the_rest(colleague, now, mailoutbox):
    StaffLanguage.objects.create(user=colleague, language="en")
    TaskFactory.create_batch(32, assigned_to=colleague, due_on=TODAY)

    assigning.remind(day=TODAY, at=now)
    run_jobs()

    [mail] = mailoutbox
    assert mail.body.count("- Call back (today)") == 30
    assert "And 2 more." in mail.body


@pytest.mark.parametrize("number", [1, 3])
def test_morning_mail_takes_as_many_questions_for_three_tasks_as_for_one(
    colleague, now, number, django_assert_num_queries
):
    TaskFactory.create_batch(number, assigned_to=colleague, due_on=TODAY)

    with django_assert_num_queries(4):
        assigning.remind(day=TODAY, at=now)


def test_language_of_mails_is_the_one_in_which_somebody_last_read_their_pages(client, colleague):
    client.force_login(colleague)
    told = []

    for language in ("nl", "nl", "fr", "de"):
        client.get("/staff/", headers={"accept-language": language})
        told.append(StaffLanguage.objects.get(user=colleague).language)

    assert told == ["nl", "nl", "fr", "fr"]
