"""What names somebody beside our own rows about them: Django's tables, packages handed out."""

from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from crm.people.files import StoredFile
from crm.privacy.belongings import Person
from crm.privacy.fates import Fate
from crm.privacy.requests import PrivacyRequest
from crm.privacy.traces import Traces, traces_of


def plan(person: Person) -> list[Fate]:
    """Return what `erase` would do."""
    traces = traces_of(person)
    sessions, log = Session._meta, LogEntry._meta
    telling = len(sessions_that_name(traces))
    named = LogEntry.objects.filter(traces.in_any("object_repr", "change_message")).count()
    return [
        Fate("data packages", _("packages of data handed out"), deleted=len(packages(person))),
        Fate(sessions.label_lower, _("messages that staff have not read yet"), emptied=telling),
        Fate(log.label_lower, log.verbose_name_plural or "", deleted=named),
    ]


def erase(person: Person, at: datetime) -> None:
    """Let nothing of these tell who it was."""
    traces = traces_of(person)
    StoredFile.objects.filter(pk__in=packages(person)).delete()
    # What else they asked for has nothing to be about any more.
    others = PrivacyRequest.objects.open().filter(supporter__in=person.ids)
    others.exclude(kind=PrivacyRequest.Kind.ERASURE).update(
        state=PrivacyRequest.State.DONE, done_at=at
    )
    LogEntry.objects.filter(traces.in_any("object_repr", "change_message")).delete()
    for session, told in sessions_that_name(traces):
        session.session_data = Session.objects.encode(told)
        session.save(update_fields=["session_data"])


def packages(person: Person) -> list[int]:
    """Return the keys of the files that were made for them."""
    made = PrivacyRequest.objects.filter(supporter__in=person.ids)
    return [key for pair in made.values_list("data_file", "readable_file") for key in pair if key]


def sessions_that_name(traces: Traces) -> list[tuple[Session, dict]]:
    """Return the sessions that name somebody, each with what is left without that.

    They are of staff, and few; what they hold is packed, and no search of the database reads it.
    """
    found = []
    for session in Session.objects.all():
        told = session.get_decoded()
        left = {name: value for name, value in told.items() if not traces.stand_in(str(value))}
        if left != told:
            found.append((session, left))
    return found


def names(row: Model, traces: Traces) -> bool:
    """Whether what a row holds packed names somebody."""
    return isinstance(row, Session) and traces.stand_in(str(row.get_decoded()))
