"""What may happen to relationships, and how they are worded from either side."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.people.belonging import NotAPerson
from crm.people.households import Relationship
from crm.people.models import Supporter
from crm.people.operations import record_change

Kind = Relationship.Kind
# What `other` is to `supporter`.
INVERSE = {
    Kind.PARTNER: _("partner of"),
    Kind.PARENT: _("child of"),
    Kind.SIBLING: _("brother or sister of"),
    Kind.FRIEND: _("friend of"),
    Kind.CONTACT: _("has as contact person"),
    Kind.STAFF: _("employs"),
    Kind.MEMBER: _("has as member"),
    Kind.INTRODUCED: _("was introduced by"),
}
BOTH_WAYS = Relationship.BOTH_WAYS
OF_FAMILY = (Kind.PARTNER, Kind.PARENT, Kind.SIBLING)


class NotAnOrganisation(Exception):
    """Contacts, staff and members are those of an organisation."""


@dataclass(frozen=True)
class Related:
    """A relationship as one of its two sides tells it: `words` `other`."""

    relationship: Relationship
    other: Supporter
    words: str


@transaction.atomic
def relate(
    *,
    supporter: Supporter,
    other: Supporter,
    kind: str,
    at: datetime,
    by: Any = None,
    role: str = "",
    is_main_contact: bool = False,
    begins_on: date | None = None,
) -> Relationship:
    """Write what `supporter` is to `other`. Twice, also from the other side, changes nothing.

    An organisation has one main contact: a new one takes the place of the old.
    Raises NotAnOrganisation, NotAPerson, and ValueError for somebody related to themselves.
    """
    check_sides(supporter, other, kind)
    lock_both(supporter, other)
    known = standing(supporter, other, kind)
    if known is not None:
        return known
    relationship = Relationship.objects.create(
        supporter=supporter,
        other=other,
        kind=kind,
        role=role,
        begins_on=begins_on,
        added_at=at,
    )
    tell("relationship.added", relationship, at=at, by=by)
    if is_main_contact:
        make_main_contact(relationship=relationship, at=at, by=by)
    return relationship


def check_sides(supporter: Supporter, other: Supporter, kind: str) -> None:
    kinds = [supporter.kind, other.kind]
    if supporter.pk == other.pk:
        raise ValueError(supporter.pk)
    if kind in Relationship.TO_ORGANISATIONS and other.kind != Supporter.Kind.ORGANISATION:
        raise NotAnOrganisation(other.pk)
    if kind in OF_FAMILY and kinds != [Supporter.Kind.PERSON] * 2:
        raise NotAPerson(supporter.pk, other.pk)


def standing(supporter: Supporter, other: Supporter, kind: str) -> Relationship | None:
    """Return the relationship that two have already, in whichever order it was written."""
    sides = Q(supporter=supporter, other=other)
    if kind in BOTH_WAYS:
        sides |= Q(supporter=other, other=supporter)
    return Relationship.objects.filter(sides, kind=kind, ends_on=None).first()


@transaction.atomic
def change_relationship(
    *, relationship: Relationship, at: datetime, by: Any = None, **fields: Any
) -> Relationship:
    """Correct its role, begins_on, ends_on."""
    changed = [name for name, value in fields.items() if getattr(relationship, name) != value]
    for name in changed:
        setattr(relationship, name, fields[name])
    if changed:
        relationship.save(update_fields=changed)
        tell("relationship.changed", relationship, at=at, by=by, fields=changed)
    return relationship


@transaction.atomic
def end_relationship(
    *, relationship: Relationship, ends_on: date, at: datetime, by: Any = None
) -> Relationship:
    """It is over; that it was stays known. Who is gone is nobody's main contact."""
    fields = {"ends_on": ends_on, "is_main_contact": False}
    return change_relationship(relationship=relationship, at=at, by=by, **fields)


@transaction.atomic
def remove_relationship(*, relationship: Relationship, at: datetime, by: Any = None) -> None:
    """Take away a relationship that was a mistake."""
    tell("relationship.removed", relationship, at=at, by=by)
    relationship.delete()


@transaction.atomic
def make_main_contact(*, relationship: Relationship, at: datetime, by: Any = None) -> Relationship:
    """Write to this one when we write to the organisation. Raises NotAnOrganisation."""
    check_sides(relationship.supporter, relationship.other, Kind.CONTACT)
    lock_both(relationship.supporter, relationship.other)
    if not relationship.is_main_contact:
        of_it = Relationship.objects.filter(other=relationship.other, is_main_contact=True)
        of_it.update(is_main_contact=False)
        relationship.is_main_contact = True
        relationship.save(update_fields=["is_main_contact"])
        tell("relationship.main_contact", relationship, at=at, by=by)
    return relationship


def relationships_of(supporter: Supporter) -> list[Related]:
    """Return all relationships of somebody, worded from their side; those that stand first."""
    both = Relationship.objects.filter(Q(supporter=supporter) | Q(other=supporter))
    found = both.select_related("supporter", "other").order_by("pk")
    told = [seen_from(supporter, relationship) for relationship in found]
    return sorted(told, key=lambda each: each.relationship.ends_on is not None)


def seen_from(supporter: Supporter, relationship: Relationship) -> Related:
    """Word a relationship from one of its sides."""
    if relationship.supporter_id == supporter.pk:
        return Related(relationship, relationship.other, str(relationship.get_kind_display()))
    words = str(INVERSE[Kind(relationship.kind)])
    return Related(relationship, relationship.supporter, words)


def contacts_of(organisation: Supporter, *, today: date) -> list[Relationship]:
    """Return the present contacts and staff of an organisation, the main one first."""
    kinds = [Kind.CONTACT, Kind.STAFF]
    found = organisation.relationships_to.filter(Q(ends_on=None) | Q(ends_on__gte=today))
    people = found.filter(kind__in=kinds).select_related("supporter")
    return list(people.order_by("-is_main_contact", "pk"))


def lock_both(one: Supporter, other: Supporter) -> None:
    """Let nobody else relate these two before the commit."""
    keys = [one.pk, other.pk]
    list(Supporter.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def tell(
    kind: str,
    relationship: Relationship,
    *,
    at: datetime,
    by: Any,
    fields: list[str] | None = None,
) -> None:
    """Tell the feed and the audit trail of both sides."""
    more = {"fields": fields} if fields else {}
    for side in (relationship.supporter, relationship.other):
        record_change(supporter=side, kind=kind, at=at)
        audit.log(kind, side, by=by, at=at, relationship=relationship.pk, **more)
