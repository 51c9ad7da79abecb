"""What of people's records waits for somebody: tasks, corrections, possible duplicates, imports."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import ngettext

from crm.campaigns.models import Signature
from crm.exchange.models import Import
from crm.lib.periods import local_day
from crm.mailing.returned import to_ask_about
from crm.people.duplicates import Suspicion
from crm.people.notes import Task
from crm.people.proposals import Proposal
from crm.privacy.requests import PrivacyRequest
from crm.staff.task_words import Due, due

LATELY = timedelta(days=30)
SHOWN = 8


class Mine(NamedTuple):
    """The reader's tasks that are due or overdue, and how many more there are."""

    rows: list[tuple[Task, Due]]
    more: int


def my_tasks(reader: Any, now: datetime) -> Mine:
    if not reader.has_perm("crm.view_task"):
        return Mine([], 0)
    day = local_day(now)
    found = Task.objects.to_do().filter(assigned_to=reader, due_on__lte=day)
    first = list(found.select_related("supporter").order_by("due_on", "pk")[: SHOWN + 1])
    # Whoever has many pays one more query to know how many.
    more = found.count() - SHOWN if len(first) > SHOWN else 0
    return Mine([(task, due(task, day)) for task in first[:SHOWN]], more)


def lines(reader: Any, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what waits, in words, and where it is done; nothing is asked that may not be told."""
    if reader.has_perm("crm.change_proposal"):
        yield from told(
            Proposal.objects.open().filter(supporter__merged_into=None).count(),
            lambda count: ngettext(
                "%(count)s proposed correction waits",
                "%(count)s proposed corrections wait",
                count,
            ),
            "admin:crm_proposal_changelist",
        )
    if reader.has_perm("crm.change_suspicion"):
        yield from told(
            Suspicion.objects.open().count(),
            lambda count: ngettext(
                "%(count)s possible duplicate waits", "%(count)s possible duplicates wait", count
            ),
            "admin:crm_suspicion_changelist",
        )
    if reader.has_perm("crm.change_signature"):
        yield from told(
            Signature.objects.filter(status=Signature.Status.HELD).count(),
            lambda count: ngettext(
                "%(count)s signature is held back", "%(count)s signatures are held back", count
            ),
            "admin:crm_signature_held",
        )
    if reader.has_perm("crm.change_import"):
        yield from imports(now)
    if reader.has_perm("crm.handle_privacy"):
        yield from privacy(now)
    if reader.has_perm("crm.view_mailevent"):
        yield from returned_mails()


def imports(now: datetime) -> Iterator[tuple[str, str]]:
    """Files whose check is to be read, and files on which an import gave up lately."""
    counted = Import.objects.filter(created_at__gte=now - LATELY).aggregate(
        checked=Count("pk", filter=Q(state=Import.State.CHECKED)),
        failed=Count("pk", filter=Q(state=Import.State.FAILED)),
    )
    address = "admin:crm_import_changelist"
    yield from told(
        counted["failed"],
        lambda count: ngettext("%(count)s import failed", "%(count)s imports failed", count),
        address,
    )
    yield from told(
        counted["checked"],
        lambda count: ngettext(
            "%(count)s import was checked and waits for your word",
            "%(count)s imports were checked and wait for your word",
            count,
        ),
        address,
    )


def privacy(now: datetime) -> Iterator[tuple[str, str]]:
    """Requests that are to be answered, and those whose month is over."""
    counted = PrivacyRequest.objects.open().aggregate(
        late=Count("pk", filter=Q(due_on__lt=local_day(now))), all=Count("pk")
    )
    address = "admin:crm_privacyrequest_changelist"
    yield from told(
        counted["late"],
        lambda count: ngettext(
            "%(count)s privacy request is late",
            "%(count)s privacy requests are late",
            count,
        ),
        address,
    )
    yield from told(
        counted["all"] - counted["late"],
        lambda count: ngettext(
            "%(count)s privacy request waits for an answer",
            "%(count)s privacy requests wait for an answer",
            count,
        ),
        address,
    )


def returned_mails() -> Iterator[tuple[str, str]]:
    """Addresses from which mail comes back: somebody is to be asked for another one."""
    yield from told(
        to_ask_about().count(),
        lambda count: ngettext(
            "Mail to %(count)s address comes back",
            "Mail to %(count)s addresses comes back",
            count,
        ),
        "admin:crm_mailevent_changelist",
        "?state=ask",
    )


def told(count: int, words: Any, address: str, part: str = "") -> Iterator[tuple[str, str]]:
    if count:
        yield words(count) % {"count": count}, reverse(address) + part
