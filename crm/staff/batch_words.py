"""What the pages of batches say: how far they are, and what stands in the way."""

from typing import Any

from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from crm.donations.batches import Batch
from crm.donations.posting import Sums
from crm.people.models import Supporter
from crm.staff.batch_forms import Line
from crm.staff.pages import money

LACKS = {
    "amount": gettext_lazy("Row %(row)s: the amount is missing."),
    "donor": gettext_lazy("Row %(row)s: the donor is missing."),
    "gone": gettext_lazy("Row %(row)s: this record was merged or erased. Choose the donor again."),
    "known": gettext_lazy("Row %(row)s: we may know this donor. Say who it is, below the row."),
    "fund": gettext_lazy("Row %(row)s: the fund is closed."),
}
MISSING, OVER = gettext_lazy("%(what)s missing"), gettext_lazy("%(what)s more than counted")
EQUAL = gettext_lazy("as counted")


def progress(batch: Batch, entered: Sums) -> dict[str, Any]:
    """What was entered beside what was counted, and the difference in words."""
    gifts = batch.expected_count - entered.number
    cents = batch.expected_total - entered.total
    return {
        "count": entered.number,
        "total": money(entered.total),
        "expected_count": batch.expected_count,
        "expected_total": money(batch.expected_total),
        "count_says": says(gifts, gifts_of(abs(gifts))),
        "total_says": says(cents, money(abs(cents))),
        "is_count_right": not gifts,
        "is_total_right": not cents,
    }


def says(difference: int, what: str) -> str:
    if not difference:
        return str(EQUAL)
    return str(MISSING if difference > 0 else OVER) % {"what": what}


def gifts_of(number: int) -> str:
    return ngettext("%(number)s gift", "%(number)s gifts", number) % {"number": number}


def for_script() -> dict[str, str]:
    """The same words for the sums that the page adds up while one types."""
    return {
        "one": ngettext("%(number)s gift", "%(number)s gifts", 1),
        "many": ngettext("%(number)s gift", "%(number)s gifts", 2),
        "missing": str(MISSING),
        "over": str(OVER),
        "equal": str(EQUAL),
        "unreadable": _("no amount"),
        "found": _("%(number)s found. Choose with the arrow keys and Enter."),
        "nobody": _("Nobody found. Tab on, and write a new donor."),
        "language": get_language() or "fr",
    }


def differences(entered: Sums, expected: Sums) -> list[str]:
    """Both sides, and by how much they differ."""
    told = []
    gifts, cents = expected.number - entered.number, expected.total - entered.total
    if gifts:
        line = _("Counted %(expected)s, entered %(entered)s: %(difference)s.")
        sides = {"expected": gifts_of(expected.number), "entered": gifts_of(entered.number)}
        told.append(line % {**sides, "difference": says(gifts, gifts_of(abs(gifts)))})
    if cents:
        line = _("Counted %(expected)s, entered %(entered)s: %(difference)s.")
        sides = {"expected": money(expected.total), "entered": money(entered.total)}
        told.append(line % {**sides, "difference": says(cents, money(abs(cents)))})
    return told


def lacks(position: int, reason: str) -> str:
    return str(LACKS[reason]) % {"row": position}


def error_of(line: Line) -> str:
    told = " ".join(dict.fromkeys(line.errors.values()))
    return _("Row %(row)s: %(error)s") % {"row": line.number, "error": told}


def changed() -> str:
    return _(
        "Somebody else saved this batch since you opened it, and what you typed is not saved. "
        "It stands below: compare it with the saved rows."
    )


def saved(entered: Sums) -> str:
    told = {"gifts": gifts_of(entered.number), "total": money(entered.total)}
    return _("Saved: %(gifts)s, %(total)s.") % told


def where(person: Supporter) -> str:
    """What tells two people of one name apart."""
    return " ".join(filter(None, [person.postcode, person.email])) or f"#{person.pk}"
