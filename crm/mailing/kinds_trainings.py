"""Mails to who takes part in trainings."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.mailing.kind import GREETING, OTHER, RECEIPT, In, Kind, Name, said, value

PARTICIPANT = _("who takes part in a training")
CANNOT_COME = _("I cannot come")
TITLE = value(
    "title",
    _("The title of the training."),
    In("Repérer les victimes de traite", "Mensenhandel herkennen", "Spotting trafficking"),
)
WHEN = value(
    "when",
    _("The day and the hours of the session."),
    In(
        "mardi 14 avril 2026, 10:00 – 16:00",
        "dinsdag 14 april 2026, 10:00 – 16:00",
        "Tuesday, 14 April 2026, 10:00 – 16:00",
    ),
    is_needed=True,
)
PLACE = value("place", _("Where the session is."), In("Bruxelles", "Brussel", "Brussels"))
DAY = value(
    "day", _("The day of the session."), In("14 avril 2026", "14 april 2026", "14 April 2026")
)
REFRESH_ON = In("14 avril 2028", "14 april 2028", "14 April 2028")


def about_session(
    template: str,
    title: str | Promise,
    when: str | Promise,
    *,
    why: str = "why_training",
    scope: str = RECEIPT,
    link: str = "training_leave_link",
    button: str | Promise = CANNOT_COME,
    is_link_needed: bool = True,
    names: tuple[Name, ...] = (TITLE, WHEN, PLACE),
    sample: dict[str, Any] | None = None,
) -> Kind:
    """A mail about a session; nobody stops those that tell participants what they must know."""
    return Kind(
        template,
        title,
        when,
        PARTICIPANT,
        scope,
        why,
        (GREETING, *names),
        link,
        button,
        is_link_needed,
        {"token": "…", **(sample or {})},
    )


TRAININGS: tuple[Kind, ...] = (
    about_session(
        "training_confirm",
        _("Confirm an enrolment"),
        _("At once, after somebody enrolled on our site, until they have confirmed."),
        why="why_training_asked",
        link="training_confirm_link",
        button=_("Confirm"),
    ),
    about_session(
        "training_enrolled",
        _("A place in a training"),
        _("Once somebody has a place; with an entry for their calendar."),
    ),
    about_session(
        "training_waiting",
        _("On the waiting list"),
        _("When all places of a training are taken."),
    ),
    about_session(
        "training_moved_up",
        _("A place has come free"),
        _("When somebody moves up from the waiting list."),
    ),
    about_session(
        "training_changed",
        _("A session has changed"),
        _("When its time or its place changes, to all who are enrolled or wait."),
    ),
    about_session(
        "training_cancelled",
        _("A session is cancelled"),
        _("At once, to all who were enrolled or waited."),
        link="trainings_link",
        button=_("See the sessions"),
        is_link_needed=False,
    ),
    Kind(
        "training_certificate",
        _("A certificate of attendance"),
        _("When certificates of a session are issued, or sent again."),
        PARTICIPANT,
        RECEIPT,
        "why_trained",
        (
            GREETING,
            TITLE,
            DAY,
            value("number", _("The number of the certificate."), "2026-0042"),
            said(
                "refresh",
                _("By when to refresh the training; nothing if it need not be."),
                "training_refresh",
            ),
        ),
        sample={"refresh_on": REFRESH_ON},
    ),
    about_session(
        "training_refresher",
        _("Time to refresh a training"),
        _("Two months before a training should be refreshed, once."),
        why="why_trained",
        scope=OTHER,
        link="trainings_link",
        button=_("See the sessions"),
        names=(TITLE, DAY, value("refresh_on", _("By when."), REFRESH_ON)),
        sample={"number": "2026-0042"},
    ),
)
