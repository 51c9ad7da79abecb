"""What the pages of imports say: problems, stages, and what a row changes."""

from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import FIELD_RIGHTS
from crm.exchange import fields, reasons
from crm.exchange.models import Import, ImportRow
from crm.lib.notations import read_day

State = Import.State
PROBLEMS = {
    "column": gettext_lazy("The file has other columns now. Look at them once more."),
    "field": gettext_lazy("A column was given a meaning that this kind of import does not have."),
    "field-twice": gettext_lazy("Two columns have the same meaning. Leave one of them out."),
    "nobody": gettext_lazy(
        "No column tells who the rows are about: an e-mail, a name, or a number is needed."
    ),
    "needed": gettext_lazy("Gifts need a column with the amount and one with the date."),
    "system": gettext_lazy("Name the system whose numbers these are, in 20 characters at most."),
    "consent": gettext_lazy("Say where and how these people agreed to the newsletter."),
    "mode": gettext_lazy("Choose what the import may change."),
    "campaign": gettext_lazy("Choose the campaign that was signed."),
}
# Beside which field a problem is told; others are told above all.
BESIDE = {
    "system": "system",
    "consent": "consent",
    "mode": "mode",
    "campaign": "campaign",
}
STAGES = {
    "reading": gettext_lazy("Reading the file: %(total)s rows so far …"),
    "matching": gettext_lazy("Finding who is who among %(total)s rows …"),
    "comparing": gettext_lazy("Comparing with what we know: %(done)s of %(total)s rows …"),
    "writing": gettext_lazy("Importing: %(done)s of %(total)s rows …"),
}
# What a row tells of somebody, and the right that it takes to see it (see crm.access).
SECRETS = {
    "phone": "phones",
    "other_phone": "phones",
    "phones": "phones",
    "street": "addresses",
    "town": "addresses",
    "address": "addresses",
    "birth_date": "birth_date",
    "identifier": "identifiers",
    "identifiers": "identifiers",
    "note": "notes",
    "amount": "money",
}
HIDDEN = "•••"
MORE_LABELS = {
    "emails": gettext_lazy("e-mails"),
    "phones": gettext_lazy("telephones"),
    "identifiers": gettext_lazy("names in other systems"),
    "region": gettext_lazy("region"),
}
ORDER = [field.name for field in fields.FIELDS]
NEAR = {
    "emails": "other_email",
    "phones": "phone",
    "identifiers": "identifier",
    "region": "country",
}
OUTCOMES = {
    ImportRow.Outcome.CREATED.value: "good",
    ImportRow.Outcome.BAD.value: "bad",
}


class Change(NamedTuple):
    """One line of what a row does to a record; `before` is empty where nothing was known."""

    label: str
    before: str
    after: str


def state_says(batch: Import) -> str:
    """Say how far a job is."""
    if batch.state == State.UNDOING:
        return _("Taking the import back …")
    if batch.stage not in STAGES:
        return _("Waiting for its turn …")
    return str(STAGES[batch.stage]) % {"done": batch.done, "total": batch.total}


def label_of(name: str) -> str:
    if name in MORE_LABELS:
        return str(MORE_LABELS[name])
    return str(fields.BY_NAME[name].label) if name in fields.BY_NAME else name


def hidden_fields(reader: Any) -> set[str]:
    """Return what of a row this reader may not be told."""
    return {name for name, told in SECRETS.items() if not reader.has_perm(FIELD_RIGHTS[told])}


def changes(row: ImportRow, hidden: set[str]) -> list[Change]:
    """Return, field by field, what a row changes or has changed."""
    before, after = flat(row.before), flat(row.after)
    after.pop("reasons", None)
    return [
        Change(
            label_of(name),
            shown(name, before.get(name), hidden),
            shown(name, value, hidden),
        )
        for name, value in sorted(after.items(), key=lambda item: place_of(item[0]))
    ]


def place_of(name: str) -> int:
    """Return where a field comes, in the order in which columns are offered."""
    name = NEAR.get(name, name)
    return ORDER.index(name) if name in ORDER else len(ORDER)


def flat(told: dict[str, Any] | None) -> dict[str, Any]:
    """Return fields by name; those of an address are fields as others are."""
    found = dict(told or {})
    address = found.pop("address", None) or {}
    return {name: value for name, value in address.items() if name != "id"} | found


def shown(name: str, value: Any, hidden: set[str]) -> str:
    if value in (None, "", []):
        return ""
    if name in hidden:
        return HIDDEN
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name == "birth_date":
        return date_format(read_day(str(value)), "SHORT_DATE_FORMAT")
    return str(value)


def row_says(row: ImportRow, hidden: set[str], cells: dict[int, list[tuple[str, str]]]) -> Any:
    """What the table of a result tells of one row."""
    told = (row.after or {}).get("reasons", [])
    supporter = row.supporter_id
    return {
        "line": row.line,
        "outcome": row.get_outcome_display(),
        "tone": OUTCOMES.get(row.outcome, ""),
        "who": str(row.supporter) if row.supporter else "",
        "address": reverse("admin:crm_supporter_change", args=[supporter]) if supporter else "",
        "changes": changes(row, hidden),
        "cells": cells.get(row.line, []),
        "reasons": [reasons.sentence(each) for each in told],
    }
