"""What staff read of a privacy request: what an erasure does, what it did, and where to look."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.lib.periods import local_day
from crm.privacy.belongings import title_of as titled
from crm.privacy.fates import Fate
from crm.privacy.requesting import OWN_PAGE
from crm.privacy.requests import PrivacyRequest

SOURCES = {
    OWN_PAGE: gettext_lazy("on their own page"),
    "mail": gettext_lazy("by e-mail"),
    "letter": gettext_lazy("by letter"),
    "telephone": gettext_lazy("by telephone"),
}
# What lies beside the rows of a model, by the name that the plan gives it.
BESIDE = {
    "data packages": gettext_lazy("packages of data handed out"),
    "files of imports": gettext_lazy("files that were imported"),
    "rows of nobody": gettext_lazy("imported rows that were not taken"),
    "archives": gettext_lazy("archives of everything"),
    "mails to others": gettext_lazy("mails to others that name them"),
}
LOOKED_AT = {"crm.note", "crm.task", "crm.batch", "crm.segment", "crm.export", "auth.user"}


class Row(NamedTuple):
    """A kind of record, and how many are deleted, emptied or kept, why and until when."""

    title: str
    deleted: int
    emptied: int
    kept: int
    why: str = ""
    until: date | None = None


class Link(NamedTuple):
    text: str
    address: str


def planned(fates: Iterable[Fate]) -> list[Row]:
    """Return what an erasure will do, what must stay first."""
    rows = [
        Row(capfirst(str(f.title)), f.deleted, f.emptied, f.kept, str(f.why), f.until)
        for f in fates
    ]
    return sorted(rows, key=lambda row: (row.until is None, not row.kept, row.title))


def done(numbers: dict[str, Any]) -> list[Row]:
    """Return what an erasure did, from the numbers that its request keeps."""
    rows = [
        Row(
            title_of(name),
            told.get("deleted", 0),
            told.get("emptied", 0),
            told.get("kept", 0),
            until=date.fromisoformat(told["until"]) if "until" in told else None,
        )
        for name, told in numbers.items()
    ]
    return sorted(rows, key=lambda row: (row.until is None, not row.kept, row.title))


def title_of(name: str) -> str:
    if name in BESIDE:
        return capfirst(str(BESIDE[name]))
    try:
        model = apps.get_model(name)
    except (LookupError, ValueError):
        return name
    is_of_people = hasattr(model, "personal_data")
    return capfirst(titled(model) if is_of_people else str(model._meta.verbose_name_plural))


def found(numbers: dict[str, Any]) -> dict[str, Any]:
    """Return in words where a search found somebody who was erased."""
    named = [*numbers.get("of_others", []), *numbers.get("written", [])]
    return {
        "tables": numbers.get("tables", 0),
        "accounts": [(title_of(name), n) for name, n in numbers.get("accounts", {}).items()],
        "elsewhere": sorted(numbers.get("elsewhere", {}).items()),
        "to_look_at": to_look_at(named),
    }


def to_look_at(places: Iterable[Any]) -> list[Link]:
    """Return links to what names somebody and only staff can rewrite."""
    return [link_to(*place) for place in places]


def link_to(model: str, pk: Any, owner: int | None) -> Link:
    title = f"{title_of(model)} #{pk}"
    if model in LOOKED_AT:
        try:
            return Link(title, reverse(f"admin:{model.replace('.', '_')}_change", args=[pk]))
        except NoReverseMatch:
            return Link(title, "")
    if owner is not None:
        about = _("%(what)s, of supporter #%(owner)s") % {"what": title, "owner": owner}
        return Link(about, reverse("admin:crm_supporter_change", args=[owner]))
    return Link(title, "")


def source_says(source: str) -> str:
    return str(SOURCES.get(source, source))


def is_late(request: PrivacyRequest, now: Any) -> bool:
    return request.state not in ("done", "refused") and request.due_on < local_day(now)
