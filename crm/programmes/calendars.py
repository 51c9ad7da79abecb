"""A session as an entry for calendars: iCalendar, RFC 5545."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings

from crm.mailing.outbox import File
from crm.programmes.trainings import Session

TYPE = "text/calendar; charset=utf-8"
LONGEST = 75  # octets in one line, its end not counted (section 3.1)


def entry(session: Session, *, at: datetime) -> File:
    """Return the file that puts a session into a calendar, moves it there, or strikes it out."""
    return File("session.ics", TYPE, calendar(session, at=at).encode())


def calendar(session: Session, *, at: datetime) -> str:
    state = "CONFIRMED" if session.cancelled_at is None else "CANCELLED"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Soutien//Trainings//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{session.public_id}@{urlsplit(settings.SITE_URL).hostname}",
        f"DTSTAMP:{moment(at)}",
        # A later word about the same session replaces an earlier one (section 3.8.7.4).
        f"SEQUENCE:{max(0, int((at - session.created_at).total_seconds()))}",
        f"DTSTART:{moment(session.begins_at)}",
        f"DTEND:{moment(session.ends_at)}",
        f"SUMMARY:{escaped(session.training.title)}",
        f"LOCATION:{escaped(session.place)}",
        f"STATUS:{state}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def moment(at: datetime) -> str:
    """Write a moment in UTC (section 3.3.5, form 2)."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    r"""Write text as a property holds it (section 3.3.11).

    >>> escaped("Room 3; ask for Sam, or ring\nC:\\")
    'Room 3\\; ask for Sam\\, or ring\\nC:\\\\'
    """
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return "\\n".join(text.splitlines())


def folded(line: str) -> str:
    """Break a long line between two characters, where a reader joins it again (section 3.1)."""
    parts, size = [""], 0
    for character in line:
        width = len(character.encode())
        if size + width > LONGEST:
            parts.append(" ")
            size = 1
        parts[-1] += character
        size += width
    return "\r\n".join(parts)
