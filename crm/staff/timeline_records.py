"""What a timeline tells of the record: where it came from, what was corrected, added, merged."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.audit import AuditEntry
from crm.exchange.models import ImportRow, Kind
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.merges import Merge
from crm.people.models import Change, Supporter
from crm.people.tags import Tag, Tagging
from crm.staff.events import Asked, Event
from crm.staff.sources import name_of

# What members of staff did to a record, by the names of the audit trail, with the right to be told.
ACTIONS: dict[str, tuple[Any, str]] = {
    "supporter.corrected": (gettext_lazy("Contact data corrected"), ""),
    "supporter.data_handed_out": (gettext_lazy("Their data was handed out to them"), ""),
    "supporter.erased": (gettext_lazy("Erased at their request"), ""),
    "email.added": (gettext_lazy("E-mail address added"), ""),
    "email.changed": (gettext_lazy("E-mail address changed"), ""),
    "email.made_primary": (gettext_lazy("We write to another e-mail address"), ""),
    "email.removed": (gettext_lazy("E-mail address removed"), ""),
    "phone.added": (gettext_lazy("Telephone added"), "phones"),
    "phone.changed": (gettext_lazy("Telephone changed"), "phones"),
    "phone.preferred": (gettext_lazy("Another telephone is called first"), "phones"),
    "phone.removed": (gettext_lazy("Telephone removed"), "phones"),
    "address.added": (gettext_lazy("Postal address added"), "addresses"),
    "address.changed": (gettext_lazy("Postal address changed"), "addresses"),
    "address.preferred": (gettext_lazy("Letters go to another address"), "addresses"),
    "address.removed": (gettext_lazy("Postal address removed"), "addresses"),
    "household.joined": (gettext_lazy("Joined a household"), "households"),
    "household.left": (gettext_lazy("Left a household"), "households"),
    "relationship.added": (gettext_lazy("Relationship added"), "relationships"),
    "relationship.changed": (gettext_lazy("Relationship changed"), "relationships"),
    "relationship.removed": (gettext_lazy("Relationship removed"), "relationships"),
    "relationship.main_contact": (gettext_lazy("Main contact chosen"), "relationships"),
    "proposal.accepted": (gettext_lazy("Proposed correction accepted"), "proposals"),
    "proposal.declined": (gettext_lazy("Proposed correction declined"), "proposals"),
    "tag.removed": (gettext_lazy("Tag removed"), "tags"),
}
ADDED = ("email.added", "phone.added", "address.added")
STAFF = "staff"
NAMED = (Supporter, EmailAddress, Phone, PostalAddress)
WHAT = {
    EmailAddress: gettext_lazy("E-mail address: %(value)s"),
    Phone: gettext_lazy("Telephone: %(value)s"),
    PostalAddress: gettext_lazy("Postal address: %(value)s"),
}


def labels() -> dict[str, str]:
    """Return what fields are called, by the names that the audit trail keeps."""
    return {
        field.name: str(field.verbose_name)
        for model in reversed(NAMED)
        for field in model._meta.concrete_fields
    }


def done_by_staff(asked: Asked) -> Iterator[Event]:
    actions = [name for name, (_words, right) in ACTIONS.items() if not right or asked.may[right]]
    subjects = [f"supporter:{key}" for key in asked.ids]
    trail = AuditEntry.objects.filter(subject__in=subjects, action__in=actions)
    # What a form added has a line of its own, from the row.
    trail = trail.exclude(action__in=ADDED, by=None).select_related("by")
    entries, names = list(asked.newest(trail, "at")), labels()
    tags = tags_of(entries)
    for entry in entries:
        fields = [name for name in entry.details.get("fields", []) if may_name(asked, name)]
        yield Event(
            at=entry.at,
            pk=entry.pk,
            kind="change",
            title=str(ACTIONS[entry.action][0]),
            details=(*(names.get(name, name) for name in fields), *tags.get(entry.pk, ())),
            source=name_of(entry.by),
        )


def may_name(asked: Asked, field: str) -> bool:
    return field != "birth_date" or asked.may["birth_date"]


def tags_of(entries: list[AuditEntry]) -> dict[int, tuple[str]]:
    """Return the names of the tags that entries speak of, as far as there are such tags."""
    keys = {entry.pk: entry.details["tag"] for entry in entries if "tag" in entry.details}
    if not keys:
        return {}
    names = dict(Tag.objects.filter(pk__in=keys.values()).values_list("pk", "name"))
    return {entry: (names[tag],) for entry, tag in keys.items() if tag in names}


def registered(asked: Asked) -> Iterator[Event]:
    known = Change.objects.filter(supporter__in=asked.ids, kind="registered")
    for change in asked.newest(known.select_related("supporter"), "at"):
        yield Event(
            at=change.at,
            pk=change.pk,
            kind="change",
            title=_("Recorded for the first time"),
            code=change.supporter.source,
        )


def points(model: Any, asked: Asked) -> Iterator[Event]:
    """Addresses and numbers that came after the record, but not by staff: that is in the trail."""
    known = model.objects.filter(supporter__in=asked.ids, added_at__gt=F("supporter__created_at"))
    for point in asked.newest(known.exclude(source__startswith=STAFF), "added_at"):
        yield Event(
            at=point.added_at,
            pk=point.pk,
            kind="contact",
            title=str(WHAT[model]) % {"value": point},
            code=point.source,
        )


def emails(asked: Asked) -> Iterator[Event]:
    yield from points(EmailAddress, asked)


def phones(asked: Asked) -> Iterator[Event]:
    yield from points(Phone, asked)


def addresses(asked: Asked) -> Iterator[Event]:
    yield from points(PostalAddress, asked)


def tags(asked: Asked) -> Iterator[Event]:
    known = Tagging.objects.filter(supporter__in=asked.ids).select_related("tag", "tagged_by")
    for tagging in asked.newest(known, "tagged_at"):
        yield Event(
            at=tagging.tagged_at,
            pk=tagging.pk,
            kind="tag",
            title=_("Tag added: %(tag)s") % {"tag": tagging.tag},
            source=name_of(tagging.tagged_by),
            code=tagging.source,
        )


def merges_of(asked: Asked) -> Any:
    theirs = Q(kept__in=asked.ids) | Q(lost__in=asked.ids)
    return Merge.objects.filter(theirs).select_related("lost", "kept", "merged_by", "undone_by")


def merges(asked: Asked) -> Iterator[Event]:
    for merge in asked.newest(merges_of(asked).defer("journal"), "merged_at"):
        by_rule = _("by the rule for sure duplicates") if merge.score is not None else ""
        yield Event(
            at=merge.merged_at,
            pk=merge.pk,
            kind="merge",
            title=_("“%(lost)s” was merged into “%(kept)s”") % vars_of(merge),
            source=name_of(merge.merged_by) or by_rule,
        )


def unmerges(asked: Asked) -> Iterator[Event]:
    for merge in asked.newest(merges_of(asked).defer("journal"), "undone_at"):
        yield Event(
            at=merge.undone_at,
            pk=merge.pk,
            kind="merge",
            title=_("“%(lost)s” and “%(kept)s” were taken apart again") % vars_of(merge),
            source=name_of(merge.undone_by),
        )


def vars_of(merge: Merge) -> dict[str, Supporter]:
    return {"lost": merge.lost, "kept": merge.kept}


def imports(asked: Asked) -> Iterator[Event]:
    """Rows of files that made or changed the record."""
    told = (ImportRow.Outcome.CREATED, ImportRow.Outcome.UPDATED)
    known = ImportRow.objects.filter(supporter__in=asked.ids, outcome__in=told)
    if not (asked.may["gifts"] and asked.may["money"]):  # as the page of the import itself
        known = known.exclude(batch__kind=Kind.GIFTS)
    known = known.select_related("batch__created_by").defer("before", "after")
    for row in asked.newest(known, Coalesce("batch__finished_at", "batch__created_at")):
        batch = row.batch
        undone = (_("undone"),) if batch.undone_at else ()
        line = _("line %(number)s") % {"number": row.line}
        yield Event(
            at=row.moment,
            pk=row.pk,
            kind="import",
            title=_("Import of “%(file)s”") % {"file": batch.name},
            details=(row.get_outcome_display(), line, *undone),
            source=name_of(batch.created_by),
            link=reverse("admin:crm_import_change", args=[batch.pk]),
        )
