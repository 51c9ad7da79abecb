"""What belongs to a person, wherever it stands: each model says so by its `personal_data`."""

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Manager, Model, Q, QuerySet
from django.utils.translation import gettext as _

from crm.lib.personal import PersonalData
from crm.people.contact_points import EmailAddress
from crm.people.models import Supporter


@dataclass(frozen=True)
class Person:
    """The records of one person, the one that stands and those merged into it; all addresses."""

    ids: list[int]
    emails: list[str]


def records_of(supporter: Supporter) -> list[int]:
    """Return the keys of a supporter's record, and of those that were merged into it."""
    return [record.pk for record in merged_with(supporter)]


def person_behind(supporter: Supporter) -> Person:
    """Find all records of a supporter, and all their addresses."""
    records = merged_with(supporter)
    owned = EmailAddress.objects.filter(supporter__in=records).values_list("address", flat=True)
    emails = {record.email for record in records if record.email}.union(owned)
    return Person([record.pk for record in records], sorted(emails))


def merged_with(supporter: Supporter) -> list[Supporter]:
    records, newest = [supporter], [supporter]
    while newest:
        newest = list(Supporter.objects.filter(merged_into__in=newest))
        records += newest
    return records


def declaring_models() -> list[type[Model]]:
    """Return every model of every app that has rows about a person, those of history last."""
    found = [model for model in apps.get_models() if hasattr(model, "personal_data")]
    return sorted(found, key=lambda model: declared(model).is_history)


def title_of(model: type[Model]) -> str:
    """Return what the rows of a model are called; versions are called after what they are of."""
    if declared(model).is_history:
        tracked = model._meta.get_field("pgh_obj").related_model
        assert tracked is not None
        return _("%(what)s as they were before") % {"what": tracked._meta.verbose_name_plural}
    return str(model._meta.verbose_name_plural)


def declared(model: type[Model]) -> PersonalData:
    return model.personal_data  # type: ignore[attr-defined]


def rows_of(model: type[Model], person: Person) -> QuerySet[Model]:
    """Return a person's rows, and those that only name their address."""
    data = declared(model)
    theirs = Q(**{f"{data.owner}__in": person.ids})
    for path in data.others:
        theirs |= Q(**{f"{path}__in": person.ids})
    if data.email and person.emails:
        theirs |= Q(**{data.owner: None, f"{data.email}__in": person.emails})
    return model._default_manager.filter(theirs)


def rows_to_erase(model: type[Model], person: Person) -> QuerySet[Model]:
    """Return the rows that an erasure empties or deletes."""
    rows = rows_of(model, person).distinct()
    if not declared(model).is_history:
        return rows
    # What was theirs may have been somebody else's for a while: all versions of it go.
    return model._default_manager.filter(pgh_obj__in=rows.values("pgh_obj"))


def owner_of(row: Model) -> int | None:
    """Return the key of the supporter whose row this is."""
    found: Model | None = row
    path = declared(type(row)).owner
    for name in path.split("__") if path != "pk" else []:
        found = getattr(found, name) if found is not None else None
        # Of those whom a household is about, any will do.
        found = found.first() if isinstance(found, Manager) else found
    return found.pk if found is not None else None
