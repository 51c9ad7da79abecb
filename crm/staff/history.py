"""Who changed which field of a supporter from what to what, as the history of rows tells it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import BooleanField, Model, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import may_see
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.households import HouseholdMember, Relationship
from crm.people.models import Supporter
from crm.people.notes import Note
from crm.people.tags import Tag, Tagging
from crm.privacy.belongings import records_of
from crm.staff import looking
from crm.staff.changes import Changed, changes_of, events_of
from crm.staff.sources import in_words, name_of

PAGE, MOST = 50, 1000
RIGHT = "crm.view_supporterevent"


class Told(NamedTuple):
    """A model of the history: its fields that are told, whose rows are whose, and the right."""

    model: type[Model]
    fields: tuple[str, ...]
    field: str = ""
    owners: tuple[str, ...] = ("supporter",)


TOLD = [
    Told(
        Supporter,
        (
            "kind",
            "form_of_address",
            "given_name",
            "family_name",
            "own_greeting",
            "birth_date",
            "email",
            "language",
            "postcode",
            "country",
            "merged_into_id",
        ),
        owners=("pgh_obj",),
    ),
    Told(EmailAddress, ("address", "status", "use", "supporter_id")),
    Told(Phone, ("number", "status", "use", "is_preferred", "supporter_id"), "phones"),
    Told(
        PostalAddress,
        (
            "street",
            "postcode",
            "town",
            "country",
            "status",
            "use",
            "is_preferred",
            "begins_on",
            "ends_on",
            "supporter_id",
        ),
        "addresses",
    ),
    Told(HouseholdMember, ("position", "is_greeted", "household_id"), "households"),
    Told(
        Relationship,
        ("kind", "role", "is_main_contact", "begins_on", "ends_on"),
        "relationships",
        ("supporter", "other"),
    ),
    Told(Tagging, ("tag_id", "supporter_id"), "tags"),
    Told(Note, ("text", "is_confidential", "supporter_id"), "notes"),
]
REMOVED = gettext_lazy("removed")


@dataclass(frozen=True)
class Line:
    """A change, in words."""

    at: Any
    what: str
    field: str
    before: str
    after: str
    by: str


class HistoryPage:
    """The part of the supporters' pages that tells what they were before."""

    admin_site: Any
    page: Callable[..., HttpResponse]

    def history_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.history_of_view)
        return [path("<int:supporter_id>/changes/", view, name="crm_supporter_history_of")]

    def history_of_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """What was changed of a supporter, newest first."""
        if not request.user.has_perms(["crm.view_supporter", RIGHT]):
            raise PermissionDenied
        supporter = get_object_or_404(Supporter, pk=supporter_id)
        looking.note(supporter, by=request.user, at=timezone.now(), page="history")
        found = changes(records_of(supporter), request.user)
        pages = Paginator(found, PAGE).get_page(request.GET.get("page"))
        told = {"supporter": supporter, "pages": pages}
        told["lines"] = in_readers_words(list(pages))
        title = _("History of %(name)s") % {"name": supporter}
        return self.page(request, "supporter_history", title, **told)


def changes(ids: list[int], reader: Any) -> list[tuple[Told, Changed]]:
    """Return what the reader may know of all changes to these records, newest first."""
    found = [
        (told, change)
        for told in TOLD
        if not told.field or may_see(reader, told.field)
        for change in changes_to(told, ids)
        if may_read(change, reader)
    ]
    return sorted(found, key=lambda pair: (pair[1].at, pair[1].row.pk), reverse=True)


def changes_to(told: Told, ids: list[int]) -> Iterator[Changed]:
    theirs = Q()
    for owner in told.owners:
        theirs |= Q(**{f"{owner}__in": ids})
    history = events_of(told.model)
    events = list(history.filter(theirs).order_by("-pk")[:MOST]) if history is not None else []
    now = told.model._default_manager.in_bulk({event.pgh_obj_id for event in events})
    return changes_of(events, now, told.fields)


def may_read(change: Changed, reader: Any) -> bool:
    if change.field == "birth_date":
        return may_see(reader, "birth_date")
    if change.field == "merged_into_id":
        return may_see(reader, "merges")
    sides = (change.row, change.later)
    if any(getattr(each, "is_confidential", False) for each in sides):
        return may_see(reader, "confidential")
    return True


def in_readers_words(found: list[tuple[Told, Changed]]) -> list[Line]:
    changed = [change for _told, change in found]
    who = get_user_model().objects.in_bulk({each.user for each in changed if each.user})
    where, names = in_words(each.source for each in changed), Names(found)
    return [
        Line(
            at=change.at,
            what=names.what(told, change),
            field=names.field(told, change),
            before=names.value(told, change, change.before),
            after=names.value(told, change, change.after) if change.field else str(REMOVED),
            by=name_of(who.get(change.user)) or where.get(change.source, ""),
        )
        for told, change in found
    ]


class Names:
    """What keys of supporters and tags stand for, each asked once for a whole page."""

    def __init__(self, found: list[tuple[Told, Changed]]) -> None:
        people, tags = set(), set()
        for told, change in found:
            if change.field in ("supporter_id", "merged_into_id"):
                people |= {change.before, change.after}
            if told.model is Relationship:
                people |= {change.row.supporter_id, change.row.other_id}
            if told.model is Tagging:
                tags |= {change.row.tag_id, change.after if change.field == "tag_id" else None}
        self.people = Supporter.objects.in_bulk(people - {None})
        self.tags = Tag.objects.in_bulk(tags - {None})

    def what(self, told: Told, change: Changed) -> str:
        """Name the row that was changed."""
        row, name = change.row, str(told.model._meta.verbose_name)
        if told.model is Supporter:
            return name
        if told.model is Tagging:
            return f"{_('tag')}: {self.tags.get(row.tag_id, '–')}"
        if told.model is Relationship:
            kind = str(dict(Relationship.Kind.choices).get(row.kind, row.kind))
            sides = [self.people.get(key, "–") for key in (row.supporter_id, row.other_id)]
            return f"{sides[0]}: {kind} {sides[1]}"
        if told.model in (EmailAddress, Phone):
            return f"{name}: {getattr(row, told.fields[0])}"
        if told.model is PostalAddress:
            return f"{name}: {row.street}"
        return name

    def field(self, told: Told, change: Changed) -> str:
        if not change.field:
            return ""
        if change.field == "supporter_id":
            return _("belongs to")
        if change.field == "merged_into_id":
            return _("merged into")
        return str(self.of(told, change).verbose_name)

    def value(self, told: Told, change: Changed, value: Any) -> str:
        if value in (None, "") or not change.field:
            return "–" if change.field else ""
        if change.field in ("supporter_id", "merged_into_id"):
            return str(self.people.get(value, f"#{value}"))
        if change.field == "tag_id":
            return str(self.tags.get(value, "–"))
        return shown(self.of(told, change), value)

    def of(self, told: Told, change: Changed) -> Any:
        return told.model._meta.get_field(change.field.removesuffix("_id"))


def shown(field: Any, value: Any) -> str:
    """Return a value of a field as readers know it."""
    if isinstance(field, BooleanField):
        return _("yes") if value else _("no")
    known = dict(field.flatchoices or ())
    if value in known:
        return str(known[value])
    return str(getattr(value, "name", None) or formats.localize(value))
