"""What waits for somebody among payments; the home page of staff asks for it."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from crm.staff.home import Task
from payments.books import Difference
from payments.statements import BankLine


def tasks(reader: Any) -> Iterator[Task]:
    """Yield what this reader can do something about."""
    if reader.has_perm("payments.change_bankline"):
        yield from counted(
            BankLine.objects.waiting().count(),
            lambda count: ngettext(
                "%(count)s transfer waits for its donor",
                "%(count)s transfers wait for their donors",
                count,
            ),
            reverse("admin:payments_matching"),
        )
    if reader.has_perm("payments.view_difference"):
        yield from counted(
            Difference.objects.open().count(),
            lambda count: ngettext(
                "%(count)s difference with Stripe",
                "%(count)s differences with Stripe",
                count,
            ),
            reverse("admin:payments_reconciliation_changelist"),
        )


def counted(count: int, words: Any, link: str) -> Iterator[Task]:
    if count:
        yield Task(words(count) % {"count": count}, link)
