"""What happens in the page when its filters change: one answer draws it all."""

import logging
from typing import Any

from dash import ClientsideFunction, Input, Output, callback, clientside_callback, html, no_update
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import QueryDict
from django.utils.translation import gettext

from crm.reports.campaigns import Progress
from dashboard import bridge, ids, locales, pages
from dashboard.pages import PAGES, Page
from dashboard.tables import Chart, Drawing, Kind, Table, Tile

logger = logging.getLogger(__name__)


def register(page: Page) -> None:
    """Let a page be drawn whenever its filters change, and say so when that fails."""
    filters = ids.of(page.name, ids.FILTERS)
    drawn = outputs(page)

    def draw(address: Any) -> list[Any]:
        return answer(page, address)

    def failed(error: Exception) -> list[Any]:
        if isinstance(error, PermissionDenied | SuspiciousOperation):
            raise error
        logger.error("the dashboard could not be drawn", exc_info=error)
        return [gettext("The figures could not be calculated."), *[no_update] * (len(drawn) - 1)]

    clientside_callback(
        ClientsideFunction("dashboard", "address"), Output(filters, "data"), Input(filters, "id")
    )
    callback(drawn, Input(filters, "data"), on_error=failed)(draw)


def outputs(page: Page) -> list[Output]:
    """In the order in which `parts` answers; the first is where failure is told."""
    return [
        Output(ids.of(page.name, ids.PROBLEM), "children"),
        Output(ids.of(page.name, ids.HEADLINE), "children"),
        Output(ids.of(page.name, ids.TILES), "children"),
        Output(ids.of(page.name, ids.GOALS), "children"),
        *(
            output
            for chart in page.titles
            for output in (
                Output(ids.graph(chart), "figure"),
                Output(ids.frame(chart), "className"),
                Output(ids.sentence(chart), "children"),
                Output(ids.table(chart), "children"),
                Output(ids.export(chart), "href"),
            )
        ),
    ]


def answer(page: Page, address: Any) -> list[Any]:
    """Draw for who asks. The address of a callback is not the page's: rights are asked again."""
    if not page.may_be_seen_by(bridge.current().request.user):
        raise PermissionDenied
    query = QueryDict(address if isinstance(address, str) else "")
    return parts(page, query, pages.draw(page, query))


def parts(page: Page, query: QueryDict, drawing: Drawing) -> list[Any]:
    charts = [
        part
        for name in page.titles
        for part in (
            *chart_parts(drawing.charts[name]),
            f"{page.export_address(name)}?{query.urlencode()}",
        )
    ]
    return [
        "",
        drawing.headline,
        [tile(each) for each in drawing.tiles],
        goals(drawing.goals),
        *charts,
    ]


def chart_parts(chart: Chart) -> list[Any]:
    is_empty = chart.figure is None
    return [
        chart.figure or {"data": [], "layout": {}},
        "chart empty" if is_empty else "chart",
        chart.sentence,
        html_table(chart.table),
    ]


def tile(each: Tile) -> html.Div:
    note = [html.Dd(each.note, className="note")] if each.note else []
    return html.Div([html.Dt(each.label), html.Dd(each.value), *note], className="tile")


def goals(lines: list[Progress]) -> list[Any]:
    """Each campaign's way to its goal."""
    if not lines:
        return []
    title = html.H2(gettext("Towards the goals"))
    return [html.Section([title, html.Ul([goal(line) for line in lines])], className="goals")]


def goal(line: Progress) -> html.Li:
    total = locales.count(line.total)
    if not line.goal:
        return html.Li([html.Span(line.title), html.Strong(total)])
    text = gettext("%(total)s of %(goal)s (%(share)s)") % {
        "total": total,
        "goal": locales.count(line.goal),
        "share": locales.share(line.total, line.goal),
    }
    named: dict[str, Any] = {"aria-label": line.title}
    bar = html.Progress(value=str(min(line.total, line.goal)), max=str(line.goal), **named)
    return html.Li([html.Span(line.title), html.Strong(text), bar])


def html_table(table: Table) -> html.Table:
    head = html.Tr([html.Th(column.label, scope="col") for column in table.columns])
    return html.Table([html.Thead(head), html.Tbody([row(table, each) for each in table.rows])])


def row(table: Table, cells: tuple[Any, ...]) -> html.Tr:
    kinds = [column.kind for column in table.columns]
    texts = [locales.show(cell, kind) for cell, kind in zip(cells, kinds, strict=True)]
    rest = [
        html.Td(text, className="words" if kind == Kind.TEXT else "number")
        for text, kind in zip(texts[1:], kinds[1:], strict=True)
    ]
    return html.Tr([html.Th(texts[0], scope="row"), *rest])


for each_page in PAGES.values():
    register(each_page)
