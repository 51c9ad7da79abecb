"""Alarms: told once by mail, shown until somebody closes them."""

from datetime import timedelta

import pytest
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.mailing import alarms
from crm.mailing.alarms import Alarm
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
PLACE = "/staff/crm/gift/7/change/"


def dispute(at, key="gift:7"):
    return alarms.ring(kind=Alarm.Kind.DISPUTE, key=key, at=at, address=PLACE)


def test_alarm_is_mailed_once_to_those_who_see_money(now, staff, mailoutbox):
    for role in Role:
        staff(role)

    for minutes in range(3):
        dispute(now + timedelta(minutes=minutes))
    run_jobs()

    assert sorted(mail.to[0] for mail in mailoutbox) == [
        "administrator@example.org",
        "fundraiser@example.org",
    ]
    assert PLACE in mailoutbox[0].body
    alarm = Alarm.objects.get()
    assert (alarm.times, alarm.first_at, alarm.last_at) == (3, now, now + timedelta(minutes=2))


def test_another_matter_rings_for_itself(now):
    dispute(now)
    dispute(now, key="gift:8")

    assert Alarm.objects.open().count() == 2


def test_home_page_shows_open_alarms_to_those_who_may_close_them(client, staff, now):
    dispute(now)
    shown = {}

    for role in Role:
        client.force_login(staff(role))
        alarms = client.get("/staff/", headers={"accept-language": "en"}).context["alarms"]
        shown[role] = [str(each) for each in alarms]

    told = ["A donor's bank took a gift back"]
    assert shown == {
        Role.READER: [],
        Role.CAMPAIGNER: [],
        Role.FUNDRAISER: told,
        Role.ADMINISTRATOR: told,
    }


def test_closing_is_in_the_audit_trail_and_the_next_one_rings_again(client, staff, now):
    alarm = dispute(now)
    fundraiser = staff(Role.FUNDRAISER)
    client.force_login(fundraiser)

    for _twice in range(2):
        answer = client.post(reverse("admin:crm_alarm_close", args=[alarm.pk]))

    assert answer.url == "/staff/"
    assert AuditEntry.objects.get(action="alarm.closed").by == fundraiser
    assert dispute(now + timedelta(days=1)).pk != alarm.pk


def test_who_sees_no_money_closes_no_alarm(client, staff, now):
    alarm = dispute(now)
    client.force_login(staff(Role.CAMPAIGNER))

    answer = client.post(reverse("admin:crm_alarm_close", args=[alarm.pk]))

    assert (answer.status_code, Alarm.objects.open().count()) == (403, 1)
