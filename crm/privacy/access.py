"""Everything we hold about a person, put together for that person."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import BinaryField, Field, ForeignKey, GeneratedField, Model
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm import audit
from crm.lib.activities import BASES, Activity
from crm.people.models import Supporter
from crm.privacy.belongings import (
    Person,
    declared,
    declaring_models,
    owner_of,
    person_behind,
    rows_of,
    title_of,
)
from crm.privacy.labels import label_of

SIGNS = {"token", "card_path"}  # what opens a page of ours is not handed out again


@dataclass(frozen=True)
class Part:
    """The rows of one kind, and what their fields are called."""

    name: str
    title: str
    fields: dict[str, str]
    rows: list[dict[str, Any]]
    is_kept: bool
    activity: Activity


@dataclass(frozen=True)
class Package:
    """All parts that are not empty, in the language in which their titles are."""

    person: UUID
    made_at: datetime
    language: str
    parts: list[Part]


def hand_out(*, supporter: Supporter, at: datetime) -> Package:
    """Gather everything about a person, and note that it was handed out."""
    package = package_of(supporter=supporter, at=at)
    rows = sum(len(part.rows) for part in package.parts)
    audit.log("supporter.data_handed_out", supporter, at=at, parts=len(package.parts), rows=rows)
    return package


def package_of(*, supporter: Supporter, at: datetime) -> Package:
    person = person_behind(supporter)
    read = readable(person)
    parts = [part_of(model, person, read) for model in declaring_models()]
    language = get_language() or settings.LANGUAGE_CODE
    return Package(supporter.public_id, at, language, [part for part in parts if part.rows])


def part_of(model: type[Model], person: Person, read: Callable[[Model], str]) -> Part:
    fields = [field for field in model._meta.concrete_fields if is_told(field, model)]
    related = [field.name for field in fields if isinstance(field, ForeignKey)]
    rows = rows_of(model, person).select_related(*related).order_by("pk")
    return Part(
        name=model._meta.label_lower,
        title=title_of(model),
        fields={field.name: label_of(field) for field in fields},
        rows=[{field.name: value_of(row, field, read) for field in fields} for row in rows],
        is_kept=declared(model).is_accounting,
        activity=declared(model).activity,
    )


def is_told(field: Field, model: type[Model]) -> bool:
    """Whether a field says something about the person that they can read."""
    data = declared(model)
    is_ours = field.primary_key or field.name in (*data.internal, data.owner)
    return not is_ours and not isinstance(field, BinaryField | GeneratedField)


def value_of(row: Model, field: Field, read: Callable[[Model], str]) -> Any:
    value = getattr(row, field.name)
    if isinstance(value, Model):
        return read(value)
    if isinstance(value, dict):
        return {key: told for key, told in value.items() if key not in SIGNS}
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    return value


def readable(person: Person) -> Callable[[Model], str]:
    """Return what says, in words, which record another one points to; others' stay theirs."""
    known: dict[Model, str] = {}

    def read(record: Model) -> str:
        if record not in known:
            known[record] = words_of(record, person)
        return known[record]

    return read


def words_of(record: Model, person: Person) -> str:
    if isinstance(record, AbstractBaseUser):
        return _("a member of staff")
    if hasattr(record, "personal_data") and owner_of(record) not in person.ids:
        return _("a record of somebody else")
    text = getattr(record, "text", "")
    return text if text and isinstance(text, str) else str(record)


class Encoder(DjangoJSONEncoder):
    """Dates in ISO 8601, and what JSON does not know as its text."""

    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def as_json(package: Package) -> bytes:
    """Write a package for machines and for people: an index first, then every row."""
    index = [
        {
            "part": part.name,
            "title": part.title,
            "rows": len(part.rows),
            "kept_for_the_accounts": part.is_kept,
            "held_for": str(part.activity.purpose),
            "on_the_ground": str(BASES[part.activity.basis]),
            "recipients": str(part.activity.recipients),
            "kept": str(part.activity.kept),
            "fields": part.fields,
        }
        for part in package.parts
    ]
    content = {
        "about": {
            "organisation": settings.ORGANISATION_NAME,
            "contact": settings.ORGANISATION_EMAIL,
            "person": package.person,
            "made_at": package.made_at,
            "language": package.language,
            "explanation": _(
                "This is everything we hold about you. “index” lists its parts and says what "
                "each field is; “data” holds the records. Amounts are in cents, times in UTC."
            ),
        },
        "index": index,
        "data": {part.name: part.rows for part in package.parts},
    }
    text = json.dumps(content, cls=Encoder, ensure_ascii=False, indent=2)
    return text.encode() + b"\n"
