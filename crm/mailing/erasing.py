"""Erasing somebody from mails to others: those to staff may name whom a task is about."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.mailing.models import Mail
from crm.privacy.belongings import Person
from crm.privacy.fates import Fate
from crm.privacy.traces import traces_of


def plan(person: Person) -> list[Fate]:
    """Return what `erase` would do."""
    named = mails_that_name(person)
    waiting = named.filter(sent_at=None).count()
    return [
        Fate(
            "mails to others",
            _("mails to others that name them"),
            deleted=waiting,
            emptied=named.count() - waiting,
        )
    ]


def erase(person: Person, at: datetime) -> None:
    """Empty mails to others that name somebody; one that still waits is not sent."""
    named = mails_that_name(person)
    named.filter(sent_at=None).delete()
    named.update(context={})


def mails_that_name(person: Person) -> QuerySet[Mail]:
    """Return mails to nobody whom we know as a supporter; others' are about those they go to."""
    others = Mail.objects.filter(supporter=None).exclude(context={})
    return others.filter(traces_of(person).in_any("context"))
