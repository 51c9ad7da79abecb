"""Where signers and gifts came from, as tables."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.campaigns.models import Source
from crm.campaigns.sources import CHANNELS
from crm.reports.sources import COUNTED, FIRST, LAST, Line, Told
from crm.staff.report_scope import Asked
from crm.staff.report_tables import Cell, Head, Row, Table, amount, count

STEPS = {
    "view": gettext_lazy("Saw the page"),
    "submit": gettext_lazy("Sent the form"),
    COUNTED: gettext_lazy("Counted"),
    "consent": gettext_lazy("Want news"),
    "share": gettext_lazy("Shared it"),
    "bring": gettext_lazy("Brought somebody"),
}
MARKS = ("utm_source", "utm_medium", "utm_campaign", "referrer_host")


def people(ask: Asked, told: Told) -> Table:
    most = max((line(COUNTED) or 0 for line in told.channels), default=0)

    def cells(line: Line) -> list[Cell]:
        bars = {COUNTED: most if line.is_channel else 0}
        return [count(line(name), most=bars.get(name, 0)) for name in STEPS]

    return Table(
        name="sources",
        title=_("Signers by where they came from"),
        first=_("Source"),
        heads=[Head(words) for words in STEPS.values()],
        rows=rows(ask, told, cells, tuple(STEPS)),
        total=Row(_("All sources"), cells(told.total)),
        note=_(
            "Each step stands on its own day, with the source that brought the signer to this"
            " campaign. Counted are all that the public number counts, on paper too."
        ),
        empty=_("Nobody signed in these days."),
        keys=file_keys(),
    )


def money(ask: Asked, told: Told) -> Table:
    names = [f"{name}_{touch}" for touch in (LAST, FIRST) for name in ("gifts", "gross", "net")]
    nets = [line(f"net_{touch}") or 0 for line in told.channels for touch in (LAST, FIRST)]
    most = max(nets, default=0)

    def cells(line: Line) -> list[Cell]:
        found = []
        for touch in (LAST, FIRST):
            found += [count(line(f"gifts_{touch}")), amount(line(f"gross_{touch}"))]
            found.append(amount(line(f"net_{touch}"), most=most if line.is_channel else 0))
        return found

    return Table(
        name="money",
        title=_("Gifts by where their donors came from"),
        first=_("Source"),
        heads=[
            Head(_("Gifts"), (_("Gifts, last touch"),)),
            Head(_("Gross"), (_("Gross, last touch"),)),
            Head(_("Net"), (_("Net, last touch"),)),
            Head(_("Gifts"), (_("Gifts, first touch"),)),
            Head(_("Gross"), (_("Gross, first touch"),)),
            Head(_("Net"), (_("Net, first touch"),)),
        ],
        groups=[
            (_("Last touch: what brought them to give"), 3),
            (_("First touch: where we met them"), 3),
        ],
        rows=rows(ask, told, cells, tuple(names)),
        total=Row(_("All sources"), cells(told.total)),
        note=_(
            "Both sides are the same gifts, in euros, and have the same total. Last touch: what"
            " brought the donor when giving. First touch: where we first met them, perhaps by a"
            " petition years before. Gross is what was given; net is what is left of it after fees"
            " and what went back."
        ),
        empty=_("No gift came in in these days."),
        keys=file_keys(),
    )


def file_keys() -> tuple[Any, ...]:
    return (_("Channel"), *MARKS)


def rows(ask: Asked, told: Told, cells: Any, names: Sequence[str]) -> list[Row]:
    """The rows in which any of these figures is something; a channel can be opened and closed."""
    return [
        row_of(ask, line, cells(line))
        for line in told.lines
        if any(line(name) != 0 for name in names)
    ]


def row_of(ask: Asked, line: Line, cells: list[Cell]) -> Row:
    channel = str(CHANNELS.get(line.channel, line.channel)) or _("Not known")
    if line.is_channel:
        is_open = line.channel == ask.opened
        link = ask.query(channel="" if is_open else line.channel)
        keys = (channel, *[_("all")] * len(MARKS))
        if not line.channel:
            return Row(channel, cells, keys)
        return Row(channel, cells, keys, link=link, anchor=line.channel, is_open=is_open)
    if line.source is None:
        return Row(_("Further sources"), cells, (channel, _("further"), "", "", ""), is_part=True)
    keys = tuple(getattr(line.source, name) for name in MARKS)
    return Row(named(line.source), cells, (channel, *keys), is_part=True)


def named(source: Source) -> str:
    """Say what is known of a source: its marks, then the site it was on."""
    told = [source.utm_source, source.utm_medium, source.utm_campaign, source.referrer_host]
    return " · ".join(filter(None, told)) or _("without any mark")


def summary(told: Told) -> str:
    """The first thing to know, as a sentence."""
    total = told.total(COUNTED)
    best = next((line for line in told.channels if line(COUNTED)), None)
    if not total or best is None:
        return ""
    share = round(100 * (best(COUNTED) or 0) / total)
    words = {"channel": CHANNELS.get(best.channel, best.channel), "share": share}
    return _("Of 100 signatures, %(share)s came from: %(channel)s.") % words
