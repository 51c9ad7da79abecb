"""The first page after signing in: today's figures, what needs doing, what came last."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.campaigns.goals import goal_for
from crm.campaigns.models import Signature
from crm.donations.models import Gift
from crm.lib.periods import local_day
from crm.mailing.alarms import Alarm
from crm.reports import today
from crm.staff import waiting
from crm.staff.pages import money

LAST = 8


class Figure(NamedTuple):
    label: str
    value: str
    before: str
    change: int


class Task(NamedTuple):
    text: str
    link: str


def overview(reader: Any, now: datetime | None = None) -> dict[str, Any]:
    """Return what this reader's home page shows, each part by its right."""
    now = now or timezone.now()
    return {
        "figures": list(figures(reader, now)),
        **petition_of(reader),
        "alarms": Alarm.objects.open().order_by("-last_at") if sees_alarms(reader) else [],
        "mine": waiting.my_tasks(reader, now),
        "tasks": [*tasks(reader, now), *of_people(reader, now), *tasks_of_apps(reader)],
        "signatures": last_signatures() if reader.has_perm("crm.view_signature") else None,
        "gifts": last_gifts() if reader.has_perms(["crm.view_gift", "crm.see_money"]) else None,
        "with_names": reader.has_perm("crm.view_supporter"),
        "today": local_day(now),
    }


def petition_of(reader: Any) -> dict[str, Any]:
    """Return the petition on this reader's home page, and the goal that it has by now."""
    petition: Any = today.petition() if reader.has_perm("crm.view_campaign") else None
    goal = petition and goal_for(petition.total, petition.goal, petition.goal_rises)
    return {"petition": petition, "goal": goal}


def sees_alarms(reader: Any) -> bool:
    return reader.has_perm("crm.change_alarm")


def figures(reader: Any, now: datetime):
    day = local_day(now)
    if reader.has_perm("crm.see_dashboard"):
        signed = today.signatures(day)
        label = _("Signatures confirmed today")
        yield Figure(label, str(signed.today), str(signed.week_ago), signed.change)
    if reader.has_perm("crm.see_money"):
        number, gross = today.gifts(day)
        yield Figure(
            _("Gifts received today"), str(number.today), str(number.week_ago), number.change
        )
        yield Figure(
            _("Amount received today"), money(gross.today), money(gross.week_ago), gross.change
        )


def tasks(reader: Any, now: datetime):
    """What waits for somebody, as links to where it is done."""
    found = today.waiting(now)
    for count, text, right, link in (
        (
            found.failed_gifts,
            ngettext(
                "%(count)s gift failed in the last 30 days",
                "%(count)s gifts failed in the last 30 days",
                found.failed_gifts,
            ),
            "crm.view_gift",
            reverse("admin:crm_gift_changelist") + "?status__exact=failed",
        ),
        (
            found.plans_past_due,
            ngettext(
                "%(count)s regular gift could not be collected",
                "%(count)s regular gifts could not be collected",
                found.plans_past_due,
            ),
            "crm.view_plan",
            reverse("admin:crm_plan_changelist") + "?status__exact=past_due",
        ),
        (
            found.comments,
            ngettext(
                "%(count)s comment waits for approval",
                "%(count)s comments wait for approval",
                found.comments,
            ),
            "crm.change_comment",
            reverse("admin:crm_comment_changelist") + "?state=waiting",
        ),
        (
            found.mails_given_up,
            ngettext(
                "%(count)s mail could not be delivered",
                "%(count)s mails could not be delivered",
                found.mails_given_up,
            ),
            "crm.view_mail",
            reverse("admin:crm_mail_changelist") + "?state=given_up",
        ),
    ):
        if count and reader.has_perm(right):
            yield Task(text % {"count": count}, link)


def of_people(reader: Any, now: datetime) -> Iterator[Task]:
    """What of people's records waits."""
    return (Task(text, link) for text, link in waiting.lines(reader, now))


def tasks_of_apps(reader: Any) -> Iterator[Task]:
    """What waits in apps that stand on this one: they have a `staff_tasks` in their AppConfig."""
    for app in apps.get_app_configs():
        if hasattr(app, "staff_tasks"):
            yield from app.staff_tasks(reader)


def last_signatures() -> list[Signature]:
    newest = Signature.objects.order_by("-signed_at", "-pk").select_related("supporter", "campaign")
    return list(newest.prefetch_related("campaign__texts")[:LAST])


def last_gifts() -> list[dict[str, Any]]:
    newest = Gift.objects.order_by("-given_at", "-pk").select_related("supporter")[:LAST]
    return [{"gift": gift, "amount": money(gift.amount, gift.currency)} for gift in newest]
