"""What the page of one supporter tells, to a reader with certain rights."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from crm.access import FIELD_RIGHTS, may_see
from crm.lib.periods import local_day
from crm.people import belonging, greetings, relating
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.duplicates import Suspicion
from crm.people.households import HouseholdMember
from crm.people.merges import Merge
from crm.people.models import Supporter
from crm.people.proposals import Proposal
from crm.privacy.belongings import records_of
from crm.privacy.choosing import standings_of
from crm.segments.members import segments_of
from crm.staff import (
    files,
    looking,
    notes,
    profile_giving,
    profile_programmes,
    profile_trainings,
    proposals,
    tags,
    tasks,
    timeline,
)
from crm.staff.sources import in_words

# What the page shows beside the fields of crm/access.py, and what may be done from it.
MORE_RIGHTS = {
    "credits": "crm.view_softcredit",
    "pledges": "crm.view_pledge",
    "imports": "crm.view_import",
    "correct": "crm.change_supporter",
    "change_emails": "crm.change_emailaddress",
    "add_phone": "crm.add_phone",
    "change_phones": "crm.change_phone",
    "add_address": "crm.add_postaladdress",
    "change_addresses": "crm.change_postaladdress",
    "change_household": "crm.change_household",
    "relate": "crm.change_relationship",
    "decide": "crm.change_proposal",
    "merge": "crm.merge_supporter",
    "say": "crm.add_consent",
    "record": "crm.add_gift",
    "pledge": "crm.add_pledge",
    "tax": "crm.change_taxidentity",
}
HIDDEN_SYSTEMS = ("row", "iban")  # an import's own memory, and bank accounts


def tell(supporter: Supporter, reader: Any, asked: Mapping[str, str]) -> dict[str, Any]:
    may = rights_of(reader, supporter)
    ids = records_of(supporter)
    page = timeline.page(supporter, ids, may, asked)
    return {
        "may": may,
        "timeline": page,
        "events": page.events,
        **reached(supporter, may),
        **belongs(supporter, may),
        **recorded(supporter, reader, may),
        "standings": standings_of(supporter) if may["consents"] else [],
        **profile_giving.tell(supporter, may),
        **profile_programmes.tell(supporter, may),
        **profile_trainings.tell(supporter, may),
        "notes_panel": notes.panel(supporter, reader),
        "tasks_panel": tasks.panel(supporter, reader),
        "files_panel": files.panel(supporter, reader),
        "tags_panel": tags.panel(supporter, reader),
        "record_url": f"{reverse('admin:crm_gift_add')}?supporter={supporter.pk}",
    }


def rights_of(reader: Any, supporter: Supporter) -> dict[str, bool]:
    """Return what the reader may see and do; nothing is done to who was erased."""
    sees = {field: may_see(reader, field) for field in FIELD_RIGHTS}
    does = {name: reader.has_perm(right) for name, right in MORE_RIGHTS.items()}
    if supporter.erased_at:
        shown = ("credits", "pledges", "imports")
        does = {name: may and name in shown for name, may in does.items()}
    return {**sees, **does}


def reached(supporter: Supporter, may: dict[str, bool]) -> dict[str, Any]:
    """How they are greeted and reached, each with where it came from."""
    emails = list(supporter.emails.order_by("pk"))
    phones = supporter.phones.order_by("-is_preferred", "pk") if may["phones"] else []
    addresses = supporter.addresses.order_by("-is_preferred", "pk") if may["addresses"] else []
    rows = [*emails, *phones, *addresses]
    words = in_words([supporter.source, *(row.source for row in rows)], sees_gifts=may["gifts"])
    told = [point(row, supporter, words) for row in rows]
    return {
        "source": words.get(supporter.source, ""),
        "emails": [each for each in told if isinstance(each["row"], EmailAddress)],
        "phones": [each for each in told if isinstance(each["row"], Phone)],
        "addresses": [each for each in told if isinstance(each["row"], PostalAddress)],
        "greeting": {
            "formal": greetings.formal([supporter], supporter.language),
            "informal": greetings.informal([supporter], supporter.language),
        },
    }


def point(row: Any, supporter: Supporter, words: dict[str, str]) -> dict[str, Any]:
    """An address or number: whether it is the first of its kind, and whether it serves."""
    is_email = isinstance(row, EmailAddress)
    return {
        "row": row,
        "is_first": row.address == supporter.email if is_email else row.is_preferred,
        "is_bad": row.status not in ("good", "verified", "unverified"),
        "is_worth_saying": row.status not in ("good", "unverified"),
        "source": words.get(row.source, ""),
    }


def belongs(supporter: Supporter, may: dict[str, bool]) -> dict[str, Any]:
    """Their household, and their relationships as told from their side."""
    told: dict[str, Any] = {"household": None, "related": [], "today": local_day(timezone.now())}
    if may["relationships"]:
        told["related"] = relating.relationships_of(supporter)
    if may["households"]:
        told["household"] = household_of(supporter)
    return told


def household_of(supporter: Supporter) -> dict[str, Any] | None:
    place = HouseholdMember.objects.select_related("household").filter(supporter=supporter).first()
    if place is None:
        return None
    household, language = place.household, supporter.language
    members = belonging.members_of(household)
    named = belonging.greeted(members)
    return {
        "household": household,
        "members": members,
        "greeting": greetings.formal(named, language, own=household.own_greeting),
        "name": greetings.name_line(named, language, own=household.own_name),
    }


def recorded(supporter: Supporter, reader: Any, may: dict[str, bool]) -> dict[str, Any]:
    """What stands around the record: other systems, segments, what waits, merges, who looked."""
    known = supporter.identifiers.order_by("system", "pk")
    both = Q(first=supporter) | Q(second=supporter)
    doubts = Suspicion.objects.open().filter(both).select_related("first", "second")
    merges = Merge.objects.filter(kept=supporter, undone_at=None).defer("journal")
    return {
        "identifiers": known.exclude(system__in=HIDDEN_SYSTEMS) if may["identifiers"] else [],
        "accounts": known.filter(system="iban") if may["bank_accounts"] else [],
        "segments": segments(supporter, reader) if may["segments"] else [],
        "proposals": waiting(supporter, may) if may["proposals"] else [],
        "doubts": suspected(supporter, doubts) if may["duplicates"] else [],
        "merges": merges.select_related("lost", "merged_by") if may["merges"] else [],
        "lookers": looking.lookers(supporter, reader),
    }


def segments(supporter: Supporter, reader: Any) -> list[Any]:
    found = segments_of(supporter, reader=reader, today=local_day(timezone.now()))
    return [{"segment": segment, "member": member} for segment, member in found]


def waiting(supporter: Supporter, may: dict[str, bool]) -> list[proposals.Row]:
    """Return the corrections that forms proposed, and that nobody has decided about."""
    found = supporter.proposals.filter(state=Proposal.State.OPEN).select_related("supporter")
    return proposals.rows(found.order_by("at", "pk"), sees_gifts=may["gifts"])


def suspected(supporter: Supporter, doubts: Any) -> list[dict[str, Any]]:
    return [
        {"doubt": doubt, "other": doubt.second if doubt.first_id == supporter.pk else doubt.first}
        for doubt in doubts.order_by("-score", "pk")
    ]
