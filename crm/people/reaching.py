"""What changes of any way to reach somebody have in common."""

from datetime import datetime
from typing import Any

from django.db.models import Model

from crm import audit
from crm.lib.regions import region_of
from crm.people.models import Supporter
from crm.people.operations import all_emails, record_change


def lock(supporter: Supporter) -> Supporter:
    """Let nobody else change how this supporter is reached before the commit."""
    now = Supporter.objects.select_for_update().get(pk=supporter.pk)
    for name in ("email", "postcode", "country", "region"):
        setattr(supporter, name, getattr(now, name))
    return supporter


def change(what: str, row: Any, wanted: dict[str, Any], *, at: datetime, by: Any) -> Any:
    """Write the fields that differ; None stays as it is, but for days."""
    lock(row.supporter)
    given = {k: v for k, v in wanted.items() if v is not None or k in ("begins_on", "ends_on")}
    changed = [name for name, value in given.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, given[name])
    if changed:
        row.save(update_fields=changed)
        note(f"{what}.changed", row.supporter, row, at=at, by=by, fields=changed)
    return row


def prefer(what: str, row: Any, *, at: datetime, by: Any) -> Any:
    """Make a row the preferred one of its kind."""
    lock(row.supporter)
    if not row.is_preferred:
        type(row).objects.filter(supporter=row.supporter, is_preferred=True).update(
            is_preferred=False
        )
        row.is_preferred = True
        row.save(update_fields=["is_preferred"])
        note(f"{what}.preferred", row.supporter, row, at=at, by=by)
    return row


def remove(what: str, row: Any, *, at: datetime, by: Any) -> None:
    supporter, pk = row.supporter, row.pk
    row.delete()
    row.pk = pk
    note(f"{what}.removed", supporter, row, at=at, by=by)


def note(
    kind: str,
    supporter: Supporter,
    row: Model,
    *,
    at: datetime,
    by: Any,
    fields: list[str] | None = None,
) -> None:
    """Bring the supporter's row in step, and tell the feed and the audit trail."""
    restate(supporter)
    record_change(supporter=supporter, kind=kind, at=at)
    more = {"fields": fields} if fields else {}
    audit.log(kind, supporter, by=by, at=at, record=row.pk, **more)


def restate(supporter: Supporter) -> None:
    """Bring what the supporter's row repeats of these rows in step with them.

    Their `email` is chosen by who calls; where they live is what their preferred address says.
    """
    home = supporter.addresses.filter(is_preferred=True).first()
    if home is not None:
        supporter.postcode, supporter.country = home.postcode, home.country
    elif supporter.addresses.exists():
        supporter.postcode = ""  # they lived somewhere, and moved
    supporter.region = region_of(str(supporter.country), supporter.postcode)
    supporter.search_text = supporter.searchable(all_emails(supporter))
    supporter.save(update_fields=["email", "postcode", "country", "region", "search_text"])
