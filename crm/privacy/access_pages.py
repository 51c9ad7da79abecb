"""The package of somebody's data as pages to read, sorted by what it is held for."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from babel.dates import format_date, format_time
from django.conf import settings
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from crm.lib.activities import BASES, Activity
from crm.lib.money import LOCALES, format_money
from crm.lib.typesetting import set_pages
from crm.privacy.access import Package, Part

TEMPLATE = Path(__file__).parent / "access.typ"
AMOUNTS = ("amount", "fee", "net")


def pdf(package: Package) -> bytes:
    """Return the package as PDF/UA-1, in the language that is spoken now."""
    return set_pages(TEMPLATE, [words_of(package)], name="data package")


def words_of(package: Package) -> dict[str, Any]:
    return {
        "language": package.language,
        "title": _("Your data"),
        "made": written(package.made_at, package.language),
        "organisation": settings.ORGANISATION_NAME,
        "address": settings.ORGANISATION_ADDRESS or settings.ORGANISATION_URL,
        "intro": [
            _("This is everything that we hold about you, sorted by what we hold it for."),
            _(
                "The archive that comes with it holds the same for programs (data.json), and the "
                "files that we keep about you."
            ),
        ],
        "activities": list(activities(package)),
        "notes": [
            _(
                "Is something wrong, or should it be deleted? Write to %(email)s, or say so on "
                "your own page."
            )
            % {"email": settings.ORGANISATION_EMAIL},
            _(
                "You may object, ask for less to be done with your data, and complain to the data "
                "protection authority: in Belgium, www.dataprotectionauthority.be."
            ),
        ],
    }


def activities(package: Package) -> Iterator[dict[str, Any]]:
    """Yield what data is held for, with the parts that are."""
    by_activity: dict[Activity, list[Part]] = {}
    for part in package.parts:
        by_activity.setdefault(part.activity, []).append(part)
    for activity, parts in by_activity.items():
        told = [part_words(part, package.language) for part in parts]
        filled = [part for part in told if part["rows"]]
        if filled:
            yield {"title": str(activity.title), "about": about(activity), "parts": filled}


def about(activity: Activity) -> list[tuple[str, str]]:
    rows = [
        (_("What for"), activity.purpose),
        (_("On what ground"), BASES[activity.basis]),
        (_("Who gets it"), activity.recipients),
        (_("How long"), activity.kept),
    ]
    return [(label, str(value)) for label, value in rows if value]


def part_words(part: Part, language: str) -> dict[str, Any]:
    rows = [row_words(part, row, language) for row in part.rows]
    return {"title": capfirst(part.title), "rows": [row for row in rows if row]}


def row_words(part: Part, row: dict[str, Any], language: str) -> list[tuple[str, str]]:
    """Return labels and values; what is empty, or only a program can read, is left out."""
    told = []
    for name, value in row.items():
        if name in AMOUNTS and isinstance(value, int):
            text = format_money(value, str(row.get("currency") or "EUR"), language)
            told.append((capfirst(amount_label(part.fields[name])), text))
        elif name != "currency" and (text := written(value, language)):
            told.append((capfirst(part.fields[name]), text))
    return told


def amount_label(label: str) -> str:
    """Return what an amount is called where it is written with its currency."""
    return _("amount") if label == _("amount in cents") else label


def written(value: Any, language: str) -> str:
    if value is None or value == "" or isinstance(value, UUID):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        local, locale = localtime(value), LOCALES[language]
        return f"{format_date(local, 'long', locale)}, {format_time(local, 'short', locale=locale)}"
    if isinstance(value, date):
        return str(format_date(value, format="long", locale=LOCALES[language]))
    if isinstance(value, dict):
        pairs = ((key, written(each, language)) for key, each in value.items())
        return "; ".join(f"{key}: {text}" for key, text in pairs if text)
    if isinstance(value, list | tuple):
        return "; ".join(filter(None, (written(each, language) for each in value)))
    return str(getattr(value, "name", value))
