"""The page of donations: money and who gave it, in charts, sentences and tables."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from crm.reports import donations
from crm.reports.campaigns import Choice
from crm.reports.scope import Scope
from dashboard import figures, ids, locales, words
from dashboard.figures import Series, Steps
from dashboard.tables import Chart, Column, Drawing, Kind, Table, Tile

TITLES = {
    ids.MONEY: _("Gross and net per month"),
    ids.FREQUENCY: _("One-off and regular gifts"),
    ids.AVERAGE: _("Average gift"),
    ids.DONORS: _("Donors, new and returning"),
}
SPAN = "M1"  # a month, in plotly's words

first_day = donations.first_day


def draw(scope: Scope, *, today: date, choices: list[Choice]) -> Drawing:
    """Everything on the page, from one query per question."""
    months = donations.per_month(scope, today=today)
    return Drawing(
        headline=headline(int(months["net"].sum()), scope),
        tiles=tiles(months, donations.people(scope)),
        goals=[],
        charts={
            ids.MONEY: gross_and_net(months),
            ids.FREQUENCY: once_and_regular(months),
            ids.AVERAGE: average_gift(months),
            ids.DONORS: new_and_returning(donations.donors_per_month(scope, today=today)),
        },
    )


def headline(net: int, scope: Scope) -> str:
    return gettext("%(net)s net from %(start)s to %(last)s, gifts in euros") % {
        "net": locales.money(net),
        "start": locales.day(scope.period.start),
        "last": locales.day(scope.period.last_day),
    }


def tiles(months: pd.DataFrame, people: donations.People) -> list[Tile]:
    sums = months[["gross", "fees", "refunds", "net", "gifts"]].sum()
    average = locales.money(average_of(sums)) if sums["gifts"] else "–"
    return [
        Tile(gettext("Gross"), locales.money(sums["gross"])),
        Tile(gettext("Fees"), locales.money(sums["fees"])),
        Tile(gettext("Refunds and chargebacks"), locales.money(sums["refunds"])),
        Tile(gettext("Net"), locales.money(sums["net"]), gettext("what reached the bank")),
        Tile(gettext("Gifts"), locales.count(sums["gifts"])),
        Tile(gettext("Average gift"), average),
        Tile(gettext("Donors"), locales.count(people.donors)),
        Tile(gettext("Failed payments"), locales.count(people.failed)),
    ]


def average_of(sums: pd.Series) -> int:
    return round(int(sums["gross"]) / int(sums["gifts"]))


def table_of(months: pd.DataFrame, kind: Kind, labels: dict[str, str]) -> Table:
    """Months in rows, the named columns of the frame beside them."""
    columns = [Column(gettext("Month"), Kind.MONTH)]
    columns += [Column(label, kind) for label in labels.values()]
    columns.append(Column(gettext("Note"), Kind.TEXT))
    cells = [[None if pd.isna(cell) else cell for cell in months[name]] for name in labels]
    return Table(
        columns, list(zip(months["start"], *cells, words.marks(months["complete"]), strict=True))
    )


def series_of(table: Table, colours: Sequence[str]) -> list[Series]:
    """A series per column of figures, with what the pointer shows: month, name, figure."""
    found = []
    for place, (column, colour) in enumerate(zip(table.columns[1:-1], colours, strict=True), 1):
        cells = [row[place] for row in table.rows]
        texts = [
            words.pointed(
                f"{locales.month(row[0])}<br>{column.label}: "
                f"{locales.show(row[place], column.kind)}",
                row[-1],
            )
            for row in table.rows
        ]
        found.append(
            Series(column.label, [amount(cell, column.kind) for cell in cells], texts, colour)
        )
    return found


def amount(cell: int | None, kind: Kind) -> float | None:
    """What is drawn: euros, not cents."""
    return cell / 100 if kind == Kind.MONEY and cell is not None else cell


def named(months: pd.DataFrame) -> Steps:
    days = list(months["start"])
    return Steps(days, [locales.month(day) for day in days])


def in_columns(
    months: pd.DataFrame, table: Table, colours: Sequence[str], *, is_stacked: bool = False
) -> dict:
    return figures.columns(
        named(months),
        series_of(table, colours),
        notation=locales.notation(is_money=table.columns[1].kind == Kind.MONEY),
        complete=months["complete"].tolist(),
        span=SPAN,
        is_stacked=is_stacked,
    )


def gross_and_net(months: pd.DataFrame) -> Chart:
    table = table_of(
        months,
        Kind.MONEY,
        {
            "gross": gettext("Gross"),
            "fees": gettext("Fees"),
            "refunds": gettext("Refunds and chargebacks"),
            "net": gettext("Net"),
        },
    )
    if not months[["gross", "fees", "refunds"]].any(axis=None):
        return Chart(None, gettext("No gifts in this period."), table)
    drawn = Table(
        [table.columns[place] for place in (0, 1, 4, 5)],
        [(row[0], row[1], row[4], row[5]) for row in table.rows],
    )
    best = months.loc[months["gross"].idxmax()]
    sentence = gettext("The month with the most: %(when)s, %(gross)s gross, %(net)s net.") % {
        "when": locales.month(best["start"]),
        "gross": locales.money(int(best["gross"])),
        "net": locales.money(int(best["net"])),
    }
    figure = in_columns(months, drawn, [figures.BLUE, figures.GREEN])
    return Chart(figure, words.hatching(sentence, months["gross"], months["complete"]), table)


def once_and_regular(months: pd.DataFrame) -> Chart:
    labels = {"gross_once": gettext("One-off"), "gross_regular": gettext("Regular")}
    table = table_of(months, Kind.MONEY, labels)
    gross = int(months["gross"].sum())
    if not gross:
        return Chart(None, gettext("No gifts in this period."), table)
    sentence = gettext("Regular gifts made %(share)s of the gross sum.") % {
        "share": locales.share(int(months["gross_regular"].sum()), gross)
    }
    figure = in_columns(months, table, [figures.BLUE, figures.ORANGE], is_stacked=True)
    return Chart(figure, words.hatching(sentence, months["gross"], months["complete"]), table)


def average_gift(months: pd.DataFrame) -> Chart:
    averages = months[["start", "complete"]].assign(
        once=(months["gross_once"] / months["gifts_once"].where(months["gifts_once"] > 0)).round(),
        monthly=(
            months["gross_regular"] / months["gifts_regular"].where(months["gifts_regular"] > 0)
        ).round(),
    )
    labels = {"once": gettext("One-off"), "monthly": gettext("Regular")}
    table = table_of(averages, Kind.MONEY, labels)
    sums = months[["gross", "gifts"]].sum()
    if not sums["gifts"]:
        return Chart(None, gettext("No gifts in this period."), table)
    sentence = gettext("On average %(average)s over all gifts.") % {
        "average": locales.money(average_of(sums))
    }
    figure = figures.lines(
        named(averages),
        series_of(table, [figures.BLUE, figures.ORANGE]),
        notation=locales.notation(is_money=True),
    )
    return Chart(figure, sentence, table)


def new_and_returning(donors: pd.DataFrame) -> Chart:
    labels = {
        "new": pgettext("donors", "New"),
        "returning": pgettext("donors", "Returning"),
    }
    table = table_of(donors, Kind.COUNT, labels)
    new = int(donors["new"].sum())
    if not donors[["new", "returning"]].any(axis=None):
        return Chart(None, gettext("No gifts in this period."), table)
    sentence = ngettext(
        "%(number)s donor gave for the first time ever.",
        "%(number)s donors gave for the first time ever.",
        new,
    ) % {"number": locales.count(new)}
    figure = in_columns(donors, table, [figures.ROSE, figures.VIOLET], is_stacked=True)
    return Chart(
        figure,
        words.hatching(sentence, donors["new"] + donors["returning"], donors["complete"]),
        table,
    )
