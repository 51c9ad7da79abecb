"""What staff read of a merge: fields, rows and conflicts in words."""

from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import may_see
from crm.people.blending import CHOICES, KEPT, LOST, Blend, columns
from crm.people.merging import NotMergeable
from crm.people.models import Supporter
from crm.people.returning import EDITED, ELSEWHERE, GONE, REFUSED, TAKEN, Conflict
from crm.privacy.models import Channel, Purpose
from crm.staff.import_words import HIDDEN

REASONS = {
    NotMergeable.SAME: gettext_lazy("This is the same record twice."),
    NotMergeable.MERGED: gettext_lazy("One of the two was merged already."),
    NotMergeable.ERASED: gettext_lazy("One of the two was erased. What is erased stays so."),
    NotMergeable.KINDS: gettext_lazy(
        "One is a person and the other an organisation. Note instead how they belong together."
    ),
}
PLACE_LABEL = gettext_lazy("Postcode and country")


def title_of(label: str, number: int = 2) -> str:
    meta = apps.get_model(label)._meta
    return str(meta.verbose_name if number == 1 else meta.verbose_name_plural)


def counted(numbers: dict[str, int]) -> list[str]:
    """Return "3 gifts", kind by kind, the most first."""
    most = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [f"{number} {title_of(label, number)}" for label, number in most]


def value(supporter: Supporter, name: str) -> str:
    """Return what a record says in a field that staff may choose."""
    told = [one_value(supporter, column) for column in columns(name) if column != "region"]
    return ", ".join(filter(None, told))


def one_value(supporter: Supporter, name: str) -> str:
    found = getattr(supporter, name)
    if not found:
        return ""
    if name == "country":
        return str(found.name)
    if name == "birth_date":
        return date_format(found, "DATE_FORMAT")
    show = getattr(supporter, f"get_{name}_display", None)
    return str(show() if show else found)


def fields(
    kept: Supporter, lost: Supporter, blends: list[Blend], reader: Any
) -> list[dict[str, Any]]:
    """Return the rows of the screen, of fields in which either record says something."""
    rows = []
    for blend in (each for each in blends if may_see(reader, each.name)):
        sides = {KEPT: value(kept, blend.name), LOST: value(lost, blend.name)}
        rows.append(
            {
                "name": blend.name,
                "label": label_of(blend.name),
                "kept": sides[KEPT],
                "lost": sides[LOST],
                "side": blend.side,
                "result": sides[blend.side],
                "differs": sides[KEPT] != sides[LOST],
            }
        )
    return [row for row in rows if row["kept"] or row["lost"]]


def label_of(name: str) -> str:
    if len(columns(name)) > 1:
        return str(PLACE_LABEL)
    return str(capfirst(Supporter._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def ended(states: list[dict[str, Any]], kept: Supporter, lost: Supporter) -> list[str]:
    """Return which consents end, and because of whose "no"."""
    told = []
    for state in states:
        channel, purpose = state["key"]
        what = f"{Purpose(purpose).label}, {Channel(channel).label}"
        given = {record: said[1] for record, said in said_by(state, kept, lost).items()}
        if not state["holds"][0] and True in given.values():
            refused = next(record for record, said in given.items() if not said)
            told.append(_("%(what)s: %(name)s said no.") % {"what": what, "name": refused})
    return told


def said_by(state: dict[str, Any], kept: Supporter, lost: Supporter) -> dict[Supporter, Any]:
    return {
        record: state[side]
        for side, record in ((KEPT, kept), (LOST, lost))
        if state[side] is not None
    }


def conflict(found: Conflict, reader: Any) -> dict[str, Any]:
    """Return what a member of staff reads of a conflict, and chooses from."""
    is_told = may_see(reader, found.field)
    return {
        "key": found.key,
        "text": text_of(found),
        "now": shown(found, found.now) if is_told else HIDDEN,
        "before": shown(found, found.before) if is_told else HIDDEN,
        "can_be_chosen": found.can_be_chosen,
    }


def text_of(found: Conflict) -> str:
    model = capfirst(title_of(found.model, 1))
    words = {
        EDITED: edited(found),
        GONE: _("%(model)s %(row)s was removed since the merge, and stays so."),
        ELSEWHERE: _("%(model)s %(row)s belongs to somebody else by now, and stays there."),
        TAKEN: _("%(model)s %(row)s cannot go back: something newer is in its place."),
        REFUSED: _("A “no” was said since the merge. It counts for both."),
        "address": _("The address %(before)s is the other record's. We write to %(now)s now."),
    }
    field = field_label(apps.get_model(found.model), found.field) if found.field else ""
    return words[found.kind] % {
        "model": model,
        "row": f"#{found.row}",
        "field": field,
        "before": found.before,
        "now": found.now or _("no address"),
    }


def edited(found: Conflict) -> str:
    if found.model == Supporter._meta.label:
        return _("%(field)s was changed since the merge.")
    return _("%(model)s %(row)s was changed since the merge: %(field)s.")


def field_label(model: type[Model], name: str) -> str:
    found = next(each for each in model._meta.concrete_fields if name in (each.name, each.attname))
    return str(capfirst(found.verbose_name))


def shown(found: Conflict, text: str | None) -> str:
    """Return a value of the journal as a person reads it."""
    if not text or not found.field:
        return "–"
    model = apps.get_model(found.model)
    field: Any = next(
        each for each in model._meta.concrete_fields if found.field in (each.name, each.attname)
    )
    read = field.to_python(text)
    if hasattr(read, "tzinfo"):
        return date_format(timezone.localtime(read), "DATETIME_FORMAT")
    if hasattr(read, "year"):
        return date_format(read, "DATE_FORMAT")
    return str(dict(field.flatchoices).get(read, text))


def choices_from(data: Any) -> dict[str, str]:
    """Return what was chosen, as the address or a form has it; what is not a choice is not read."""
    return {name: data[name] for name in CHOICES if data.get(name) in (KEPT, LOST)}
