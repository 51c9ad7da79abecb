"""What an import changed of people we knew goes back, unless it was changed again since."""

from collections import defaultdict
from datetime import date
from typing import Any

from django.db.models import Q

from crm.exchange.knowing import ADDRESS
from crm.exchange.models import ImportRow
from crm.people.contact_points import EmailAddress, PostalAddress
from crm.people.models import Supporter

FIELDS = (
    "kind", "given_name", "family_name", "email", "form_of_address", "birth_date", "language",
    "postcode", "country", "region",
)  # fmt: skip


def fields(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Put the fields of some rows back; return which were changed since."""
    rows = ImportRow.objects.filter(
        batch=values["batch"],
        line__gte=values["low"],
        line__lt=values["high"],
        supporter__isnull=False,
    )
    # Who had an address added is found by other words again.
    rows = rows.filter(Q(before__isnull=False) | Q(after__has_key="emails"))
    new = ImportRow.objects.filter(batch=values["batch"], is_new_supporter=True)
    rows = rows.exclude(supporter__in=new.values("supporter")).order_by("-line")
    found = list(rows)
    people = Supporter.objects.order_by("pk").select_for_update()
    known = {person.pk: person for person in people.filter(pk__in={r.supporter_id for r in found})}
    letters = addresses(found)
    conflicts = [
        conflict
        for row in found
        for conflict in put_back(row, known[row.supporter_id or 0], letters)
    ]
    own = [person for person in known.values() if not person.merged_into_id]
    write([person for person in own if person.erased_at is None], values)
    PostalAddress.objects.bulk_update(letters.values(), ADDRESS, batch_size=1000)
    # Whoever goes on after us does not take for an edit what we have put back.
    ImportRow.objects.filter(pk__in=[row.pk for row in found]).update(before=None)
    return conflicts


def addresses(rows: list[ImportRow]) -> dict[int, PostalAddress]:
    befores = [dict(row.before or {}) for row in rows]
    wanted = [before["address"]["id"] for before in befores if "address" in before]
    return {each.pk: each for each in PostalAddress.objects.filter(pk__in=wanted)}


def put_back(
    row: ImportRow, person: Supporter, letters: dict[int, PostalAddress]
) -> list[dict[str, Any]]:
    """Put back what one row changed; return a conflict for each field that was changed since."""
    if person.erased_at is not None:
        return []
    if person.merged_into_id is not None:
        return [{"line": row.line, "reason": "person-merged"}]
    before, after = dict(row.before or {}), dict(row.after or {})
    place = before.pop("address", None)
    changed = [name for name in before if not restored(person, name, before[name], after[name])]
    if place is not None and (letter := letters.get(place.pop("id"))):
        told = after["address"]
        changed += [name for name in place if not restored(letter, name, place[name], told[name])]
    return [{"line": row.line, "reason": "field-changed", "field": name} for name in changed]


def restored(record: Any, name: str, before: Any, after: Any) -> bool:
    """Give a field its former value, if it still has the one it was given."""
    current = getattr(record, name)
    is_day = isinstance(current, date)
    current = current.isoformat() if is_day else None if current is None else str(current)
    if current not in (after, before):
        return False
    value = date.fromisoformat(before) if name == "birth_date" and before else before
    setattr(record, name, value)
    return True


def write(people: list[Supporter], values: dict[str, Any]) -> None:
    """Write people as they are again. Their date tells what reads by it."""
    emails: dict[int, list[str]] = defaultdict(list)
    own = EmailAddress.objects.filter(supporter__in=[person.pk for person in people])
    left = own.exclude(source=values["source"], status="good").order_by("address")
    for owner, address in left.values_list("supporter", "address"):
        emails[owner].append(address)
    for person in people:
        person.search_text = person.searchable(emails[person.pk])
    Supporter.objects.bulk_update(people, [*FIELDS, "search_text"], batch_size=1000)
