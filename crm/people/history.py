"""What rows were before they were changed, written by triggers, whoever changed them and how.

Each event holds the row as it was. Rows that nobody changed have no event: signing writes none.
"""

from typing import Any

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import QUALITY
from crm.lib.personal import EVERYTHING, PersonalData, Retention
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.households import HouseholdMember, Relationship
from crm.people.models import Supporter
from crm.people.notes import Note
from crm.people.segments import Segment
from crm.people.tags import Tagging

HIDDEN = ("pgh_context", "pgh_obj", "pgh_label", "id")
BOOKKEEPING = ("modified_at", "search_text", "search", "counted", "counted_at", "read_to")
KEPT = Retention(
    key="history",
    title=_("what records said before they were changed"),
    since="pgh_created_at",
    months=36,
    is_on=True,
)


def events_of(model: type[models.Model]) -> Any:
    """Return the abstract event model of a model: its fields as they were, when, and by whom."""
    fields = [field.name for field in model._meta.local_fields if field.name not in BOOKKEEPING]
    return pghistory.create_event_model(
        model,
        pghistory.UpdateEvent(row=pghistory.Old),
        pghistory.DeleteEvent(row=pghistory.Old),
        fields=fields,
        obj_field=pghistory.ObjForeignKey(related_name="+"),
        app_label="crm",
    )


class SupporterEvent(events_of(Supporter)):  # type: ignore[misc]
    retention = KEPT
    personal_data = PersonalData(
        activity=QUALITY, owner="pgh_obj", drop=EVERYTHING, is_history=True, internal=HIDDEN
    )


class EmailAddressEvent(events_of(EmailAddress)):  # type: ignore[misc]
    retention = KEPT
    personal_data = PersonalData(
        activity=QUALITY, owner="supporter", drop=EVERYTHING, is_history=True, internal=HIDDEN
    )


class PhoneEvent(events_of(Phone)):  # type: ignore[misc]
    retention = KEPT
    personal_data = PersonalData(
        activity=QUALITY, owner="supporter", drop=EVERYTHING, is_history=True, internal=HIDDEN
    )


class PostalAddressEvent(events_of(PostalAddress)):  # type: ignore[misc]
    retention = KEPT
    personal_data = PersonalData(
        activity=QUALITY, owner="supporter", drop=EVERYTHING, is_history=True, internal=HIDDEN
    )


class HouseholdMemberEvent(events_of(HouseholdMember)):  # type: ignore[misc]
    retention = KEPT
    personal_data = PersonalData(
        activity=QUALITY, owner="supporter", drop=EVERYTHING, is_history=True, internal=HIDDEN
    )


class RelationshipEvent(events_of(Relationship)):  # type: ignore[misc]
    retention = KEPT
    personal_data = PersonalData(
        activity=QUALITY,
        owner="supporter",
        others=("other",),
        drop=EVERYTHING,
        is_history=True,
        internal=HIDDEN,
    )


class TaggingEvent(events_of(Tagging)):  # type: ignore[misc]
    retention = KEPT
    personal_data = PersonalData(
        activity=QUALITY, owner="supporter", drop=EVERYTHING, is_history=True, internal=HIDDEN
    )


class NoteEvent(events_of(Note)):  # type: ignore[misc]
    retention = KEPT
    personal_data = PersonalData(
        activity=QUALITY, owner="supporter", drop=EVERYTHING, is_history=True, internal=HIDDEN
    )


class SegmentEvent(events_of(Segment)):  # type: ignore[misc]
    """Versions of a segment: of conditions, not of people."""
