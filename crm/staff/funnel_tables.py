"""From view to gift, as tables and in a sentence."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.campaigns.counting import Step
from crm.reports.funnel import RATES, Conversion, rates
from crm.reports.rates import Rate, is_told
from crm.reports.sources import Line, Told
from crm.staff import source_tables
from crm.staff.report_scope import Asked
from crm.staff.report_tables import (
    NONE,
    UNTOLD,
    Cell,
    Head,
    Row,
    Table,
    count,
    percent,
    plain_rate,
    share,
)

NAMES = {
    Step.VIEW: gettext_lazy("Saw the page"),
    Step.SUBMIT: gettext_lazy("Sent the form"),
    Step.REPEAT: gettext_lazy("Sent it once more"),
    Step.CONFIRM: gettext_lazy("Confirmed"),
    Step.CONSENT: gettext_lazy("Want news"),
    Step.SHARE: gettext_lazy("Shared it"),
    Step.BRING: gettext_lazy("Brought somebody"),
    Step.GIVE: gettext_lazy("Gave for the first time"),
    Step.MONTHLY: gettext_lazy("Give every month"),
}
MEANINGS = {
    Step.SUBMIT: gettext_lazy("of the views"),
    Step.REPEAT: gettext_lazy("of those who sent the form: how many had signed before"),
    Step.CONFIRM: gettext_lazy("of those who sent the form: their address is proved"),
    Step.CONSENT: gettext_lazy("of those who confirmed: we may write to them"),
    Step.SHARE: gettext_lazy("of those who confirmed"),
    Step.BRING: gettext_lazy("of those who shared it: somebody confirmed through their link"),
    Step.GIVE: gettext_lazy("of those who confirmed: their first gift ever, after signing"),
    Step.MONTHLY: gettext_lazy("of those who gave: a regular gift was paid"),
}


def steps(total: Line) -> Table:
    """Each step of all, and which part of another step it is."""
    found = rates(total)
    most = max(total(step) or 0 for step in NAMES)
    return Table(
        name="steps",
        title=_("Step by step"),
        first=_("Step"),
        heads=[
            Head(_("People")),
            Head(_("Rate"), (_("Rate"), _("at least"), _("at most"))),
        ],
        rows=[
            Row(
                words,
                [count(total(step), most=most), share(found.get(step))],
                note=str(MEANINGS.get(step, "")),
            )
            for step, words in NAMES.items()
        ]
        if most
        else [],
        note=_(
            "Each step counts on the day it was taken, so that a rate of a short period may join"
            " people of two. Under a rate stands between which ones it would lie in 95 of 100"
            " such cases (Wilson). A view is a page that was opened, without any mark of who did;"
            " all others are people, each once."
        ),
        empty=_("Nobody saw the page in these days."),
    )


def channels(ask: Asked, told: Told) -> Table:
    """The steps by where people came from."""

    def cells(line: Line) -> list[Cell]:
        found = rates(line)
        return [step_cell(line, step, found.get(step)) for step in NAMES]

    return Table(
        name="channels",
        title=_("By where they came from"),
        first=_("Source"),
        heads=[head(step, words) for step, words in NAMES.items()],
        rows=source_tables.rows(ask, told, cells, list(NAMES)),
        total=Row(_("All sources"), cells(told.total)),
        empty=_("Nobody saw the page in these days."),
        keys=source_tables.file_keys(),
    )


def head(step: Step, words: Any) -> Head:
    if step not in RATES:
        return Head(words)
    rate = {"step": words}
    return Head(
        words,
        (
            words,
            _("%(step)s, rate") % rate,
            _("%(step)s, at least") % rate,
            _("%(step)s, at most") % rate,
        ),
    )


def step_cell(line: Line, step: Step, rate: Rate | None) -> Cell:
    note = percent(rate.value) if rate else ""
    return count(line(step), note=note, plain=plain_rate(rate) if step in RATES else ())


def conversions(ask: Asked, found: list[Conversion]) -> Table:
    """How many signers became donors, after which time."""
    return Table(
        name="donors",
        title=_("From signer to donor"),
        first=_("After signing"),
        heads=[
            *rate_heads(_("Signers"), _("Gave"), _("Rate")),
            *rate_heads(_("We may write to"), _("of these gave"), _("Rate of these")),
        ],
        rows=[
            Row(
                _("within %(days)d days") % {"days": each.days},
                [*rated(ask, each.everybody), *rated(ask, each.mailable)],
            )
            for each in found
        ],
        note=_(
            "Online signers of these days who had never given, and signed so long ago that their"
            " time is over; whoever signed later is left out. A gift that went back in full is"
            " none. What would have happened without the petition, these figures do not tell."
        ),
    )


def rate_heads(whole: str, part: str, rate: str) -> list[Head]:
    return [Head(whole), Head(part), Head(rate, (rate, f"{rate} ≥", f"{rate} ≤"))]


def rated(ask: Asked, rate: Rate | None) -> list[Cell]:
    if rate is None:
        return [Cell(NONE, ("",)), Cell(NONE, ("",)), share(None)]
    if not ask.sees_people and not (is_told(rate.part) and is_told(rate.whole)):
        return [count(None), count(None), Cell(UNTOLD, (UNTOLD, UNTOLD, UNTOLD))]
    return [count(rate.whole), count(rate.part), share(rate)]


def summary(total: Line) -> str:
    """The whole of it, as a sentence about a hundred people."""
    for base, text in (
        (
            Step.VIEW,
            _(
                "Of 100 who see the page, %(submit)s send the form, %(confirm)s confirm,"
                " %(consent)s want news, %(share)s share it and %(give)s give."
            ),
        ),
        (
            Step.SUBMIT,
            _(
                "Of 100 who send the form, %(confirm)s confirm, %(consent)s want news, %(share)s"
                " share it and %(give)s give."
            ),
        ),
        (
            Step.CONFIRM,
            _("Of 100 who sign, %(consent)s want news, %(share)s share it and %(give)s give."),
        ),
    ):
        whole = total(base) or 0
        if whole and all((total(step) or 0) <= whole for step in NAMES):
            told = {step.value: of_hundred(total(step), whole) for step in NAMES}
            return text % told
    return ""


def of_hundred(part: int | None, whole: int) -> str:
    """Say how many of a hundred; what is less than one is said so.

    >>> of_hundred(0, 10), of_hundred(125, 1000)
    ('0', '12')
    """
    if part is None:
        return UNTOLD
    if 0 < 200 * part < whole:
        return _("fewer than 1")
    return str(round(100 * part / whole))
