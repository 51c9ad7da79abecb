"""Signing in, the first page, and the frame around all of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.utils import timezone

from crm import audit
from crm.access import Role
from crm.campaigns import tallies
from crm.campaigns.comments import Comment
from crm.campaigns.operations import confirm, withdraw
from crm.donations import tallies as gift_tallies
from crm.donations.operations import record_gift
from crm.exchange.models import Import
from crm.lib.periods import local_day
from crm.mailing.models import Mail
from crm.people.duplicates import Suspicion
from crm.reports import today
from payments.models import StripeEvent
from tests.factories import (
    BankLineFactory,
    CampaignFactory,
    DifferenceFactory,
    GiftFactory,
    PlanFactory,
    SignatureFactory,
    SupporterFactory,
)
from tests.people_factories import ProposalFactory, TaskFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-battery"
WEEK = timedelta(days=7)


def sign_in(client, login, password=PASSWORD, **fields):
    return client.post("/accounts/login/", {"login": login, "password": password, **fields})


def give(now, amount=2500, **fields):
    return record_gift(
        reference=f"test:{now.isoformat()}:{amount}",
        supporter=SupporterFactory(),
        amount=amount,
        currency="EUR",
        method="card",
        status="paid",
        given_at=now,
        at=now,
        thank=False,
        **fields,
    )


@pytest.mark.parametrize("login", ["reader", "reader@example.org", "READER@Example.org"])
def test_sign_in_takes_the_name_or_the_address(client, staff, login):
    staff(password=PASSWORD, role=Role.READER)

    assert sign_in(client, login).url == "/staff/"


def test_sign_in_goes_on_to_where_one_wanted_to_go_but_not_elsewhere(client, staff):
    staff(password=PASSWORD, role=Role.READER)

    inside = sign_in(client, "reader", next="/staff/crm/campaign/")
    client.logout()
    outside = sign_in(client, "reader", next="https://elsewhere.example/")

    assert (inside.url, outside.url) == ("/staff/crm/campaign/", "/staff/")


def test_wrong_password_does_not_tell_whether_the_account_exists(client, staff):
    staff(password=PASSWORD, role=Role.READER)

    known = sign_in(client, "reader", "wrong").context["form"].errors
    cache.clear()
    unknown = sign_in(client, "nobody", "wrong").context["form"].errors

    assert list(known) == list(unknown) == ["__all__"]
    assert known == unknown


def test_guessing_is_stopped_even_for_the_right_password(client, staff):
    staff(password=PASSWORD, role=Role.READER)
    for _ in range(5):
        sign_in(client, "reader", "wrong")

    stopped = sign_in(client, "reader")

    assert stopped.status_code == 200
    assert "_auth_user_id" not in client.session


def test_nobody_can_sign_up(client):
    assert client.get("/accounts/signup/").status_code == 404


def test_signing_out_leads_back_to_the_door(client, staff):
    client.force_login(staff(Role.READER))

    answer = client.post("/staff/logout/")

    assert answer.url == "/accounts/login/"
    assert client.get("/staff/").status_code == 302


def test_only_staff_pages_have_the_wider_policy_and_no_page_has_a_foreign_host(client, staff):
    door = client.get("/accounts/login/").headers["Content-Security-Policy"]
    client.force_login(staff(Role.READER))
    inside = client.get("/staff/").headers["Content-Security-Policy"]

    scripts = [
        next(part for part in policy.split("; ") if part.startswith("script-src"))
        for policy in (door, inside)
    ]
    assert scripts == ["script-src 'self'", "script-src 'self' 'unsafe-eval'"]
    assert "unsafe-inline" not in door + inside


@pytest.mark.parametrize("loaded", [True, False])
def test_demo_is_marked_on_every_page_while_it_is_one(client, staff, campaign, loaded):
    if loaded:
        audit.log(audit.DEMO_LOADED, campaign)
    door = client.get("/accounts/login/", headers={"accept-language": "en"}).content.decode()
    client.force_login(staff(Role.READER))
    home, campaigns = client.get("/staff/"), client.get("/staff/crm/campaign/")

    assert ("Demo" in door) is loaded
    assert [bool(page.context["environment"]) for page in (home, campaigns)] == [loaded, loaded]


def test_dashboard_is_in_the_menu_of_who_may_see_it(client, staff):
    client.force_login(staff(Role.READER))
    reader = client.get("/staff/").content.decode()
    client.force_login(get_user_model().objects.create_user("new", is_staff=True))
    other = client.get("/staff/").content.decode()

    assert ('href="/dashboard/"' in reader, 'href="/dashboard/"' in other) == (True, False)


def test_signatures_are_compared_with_the_same_day_last_week(campaign, now):
    for at in (now, now, now - WEEK):
        confirm(signature=SignatureFactory(campaign=campaign), at=at)
    tallies.fold()
    withdraw(signature=confirm(signature=SignatureFactory(campaign=campaign), at=now), at=now)
    confirm(signature=SignatureFactory(campaign=CampaignFactory()), at=now)

    figure = today.signatures(date(2026, 3, 14))

    assert (figure, figure.change) == (today.Compared(today=3, week_ago=1), 2)


def test_day_of_a_gift_is_the_day_in_belgium(now):
    just_after_midnight = datetime(2026, 3, 13, 23, 30, tzinfo=UTC)
    give(just_after_midnight)
    give(now, amount=1000)
    gift_tallies.fold()
    give(now - WEEK, amount=500)

    number, gross = today.gifts(date(2026, 3, 14))

    assert number == today.Compared(today=2, week_ago=1)
    assert gross == today.Compared(today=3500, week_ago=500)


def test_what_waits_is_counted_and_old_failures_are_not(campaign, now):
    failed = {"status": "failed", "received_on": None}
    GiftFactory(given_at=now - timedelta(days=29), **failed)
    GiftFactory(given_at=now - timedelta(days=31), **failed)
    GiftFactory(given_at=now)
    PlanFactory(status="past_due")
    PlanFactory()
    signature = confirm(signature=SignatureFactory(campaign=campaign), at=now)
    Comment.objects.create(signature=signature, text="x", is_public=True)
    Mail.objects.create(key="a", template="gift_thanks", language="fr", given_up_at=now)
    Mail.objects.create(key="b", template="gift_thanks", language="fr")

    assert today.waiting(now) == today.Waiting(
        failed_gifts=1, plans_past_due=1, comments=1, mails_given_up=1
    )


def test_home_shows_each_role_its_own(client, staff, campaign):
    now = timezone.now()
    confirm(signature=SignatureFactory(campaign=campaign, signed_at=now), at=now)
    give(now)
    GiftFactory(status="failed", received_on=None, given_at=now)
    shown = {}
    for role in (Role.READER, Role.CAMPAIGNER, Role.FUNDRAISER):
        client.force_login(staff(role))
        page = client.get("/staff/", headers={"accept-language": "en"})
        shown[role] = (
            [figure.value for figure in page.context["figures"]],
            len(page.context["tasks"]),
            page.context["gifts"] is not None,
            page.context["signatures"] is not None,
            "€" in page.content.decode(),
            "Sam Supporter" in page.content.decode(),
        )

    assert shown == {
        Role.READER: (["1"], 0, False, False, False, False),
        Role.CAMPAIGNER: (["1"], 0, False, True, False, True),
        Role.FUNDRAISER: (["1", "1", "€25"], 1, True, True, True, True),
    }


def test_home_says_so_when_nothing_waits(client, staff):
    client.force_login(staff(Role.ADMINISTRATOR))

    page = client.get("/staff/", headers={"accept-language": "en"})

    assert (page.context["tasks"], page.context["mine"].rows) == ([], [])
    assert "Nothing waits for you. Everything that needed you is done" in page.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_home_takes_as_many_queries_for_three_of_each_as_for_one(
    client, staff, campaign, now, number, django_assert_num_queries
):
    client.force_login(staff(Role.ADMINISTRATOR))
    user = get_user_model().objects.get()
    for place in range(number):
        GiftFactory(campaign=campaign)
        SignatureFactory(campaign=campaign)
        TaskFactory(assigned_to=user, due_on=date(2026, 3, 1), supporter=SupporterFactory())
        ProposalFactory()
        suspect()
        Import.objects.create(kind="supporters", name=f"{place}.csv", state="failed")
    client.get("/staff/")

    with django_assert_num_queries(28):
        client.get("/staff/")


def suspect():
    first, second = SupporterFactory(), SupporterFactory()
    return Suspicion.objects.create(first=first, second=second, score=0.9)


def test_what_waits_among_people_is_told_to_who_may_see_to_it(client, staff):
    ProposalFactory.create_batch(2)
    ProposalFactory(state="declined")
    suspect()
    for state in ("failed", "checked", "done", "running"):
        Import.objects.create(kind="gifts", name=f"{state}.csv", state=state)
    old = timezone.now() - timedelta(days=31)
    Import.objects.create(kind="gifts", name="old.csv", state="failed", created_at=old)
    told = {}

    for role in (Role.READER, Role.CAMPAIGNER, Role.FUNDRAISER):
        client.force_login(staff(role))
        page = client.get("/staff/", headers={"accept-language": "en"})
        told[role] = [(task.text, task.link) for task in page.context["tasks"]]

    corrections = ("2 proposed corrections wait", "/staff/crm/proposal/")
    imports = [
        ("1 import failed", "/staff/crm/import/"),
        ("1 import was checked and waits for your word", "/staff/crm/import/"),
    ]
    duplicates = ("1 possible duplicate waits", "/staff/crm/suspicion/")
    assert told == {
        Role.READER: [],
        Role.CAMPAIGNER: [corrections, *imports],
        Role.FUNDRAISER: [corrections, duplicates, *imports],
    }


def test_home_lists_own_tasks_that_are_due_and_counts_the_rest(client, staff):
    today = local_day(timezone.now())
    user, other = staff(Role.CAMPAIGNER), staff(Role.FUNDRAISER)
    for days in range(-10, 2):
        day = today + timedelta(days=days)
        TaskFactory(title=f"{days}", assigned_to=user, due_on=day)
    TaskFactory(title="Fred's", assigned_to=other, due_on=today)
    TaskFactory(title="No date", assigned_to=user)
    client.force_login(user)

    mine = client.get("/staff/").context["mine"]

    assert [task.title for task, _due in mine.rows] == [f"{days}" for days in range(-10, -2)]
    assert mine.more == 3


def test_task_is_done_from_the_home_page_and_leads_back_to_it(client, staff):
    user = staff(Role.CAMPAIGNER)
    task = TaskFactory(assigned_to=user, due_on=date(2026, 3, 1))
    client.force_login(user)

    answer = client.post(f"/staff/crm/task/{task.pk}/done/", {"next": "/staff/"})

    assert (answer.url, client.get("/staff/").context["mine"].rows) == ("/staff/", [])


def test_home_tells_fundraisers_what_waits_at_the_bank_and_at_stripe(client, staff, now):
    BankLineFactory()
    BankLineFactory(amount=-2500)  # our own money that went out
    DifferenceFactory()
    DifferenceFactory(resolved_at=now)
    told = {}

    for role in (Role.READER, Role.FUNDRAISER):
        client.force_login(staff(role))
        page = client.get("/staff/", headers={"accept-language": "en"})
        told[role] = [(task.text, task.link) for task in page.context["tasks"]]

    assert told == {
        Role.READER: [],
        Role.FUNDRAISER: [
            ("1 transfer waits for its donor", "/staff/payments/bankline/match/"),
            ("1 difference with Stripe", "/staff/payments/reconciliation/"),
        ],
    }


@pytest.mark.parametrize(("minutes", "late"), [(11, 1), (9, 0)])
def test_signal_from_stripe_is_late_after_ten_minutes(client, staff, minutes, late):
    client.force_login(staff(Role.ADMINISTRATOR))
    at = timezone.now() - timedelta(minutes=minutes)
    StripeEvent.objects.create(event_id="e1", type="t", created_at=at, received_at=at)
    StripeEvent.objects.create(
        event_id="e2", type="t", created_at=at, received_at=at, handled_at=at
    )

    page = client.get("/staff/payments/stripeevent/?state=late")

    assert page.context["late"] == late
    assert len(page.context["cl"].result_list) == late
