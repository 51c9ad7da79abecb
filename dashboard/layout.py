"""Where things stand on a page. Made anew for every reader, in their language."""

from typing import Any

from dash import dcc, html
from django.utils.translation import gettext

from dashboard import bridge, ids, locales
from dashboard.pages import PAGES, Page


def page() -> html.Div:
    """The layout of the page that asks; an empty one while Dash sets itself up."""
    return layout_of(PAGES[bridge.current().page]) if bridge.is_visited() else html.Div()


def aria(**attributes: str) -> dict[str, Any]:
    """Attributes that say what a part of the page is.

    >>> aria(live="polite")
    {'aria-live': 'polite'}
    """
    return {f"aria-{name}": value for name, value in attributes.items()}


def layout_of(page: Page) -> html.Div:
    return html.Div(
        [
            dcc.Store(id=ids.of(page.name, ids.FILTERS)),
            html.P(id=ids.of(page.name, ids.PROBLEM), className="problem", role="alert"),
            html.P(
                id=ids.of(page.name, ids.HEADLINE),
                className="headline",
                **aria(live="polite"),
            ),
            html.Dl(id=ids.of(page.name, ids.TILES), className="tiles"),
            html.Div(id=ids.of(page.name, ids.GOALS)),
            html.Div(
                [panel(page, chart) for chart in page.titles],
                className="panels",
            ),
        ]
    )


def panel(page: Page, chart: str) -> html.Section:
    """A chart under its heading, the sentence that says it, and its table, which can be had."""
    return html.Section(
        [
            html.H2(str(page.titles[chart]), id=ids.heading(chart)),
            html.P(id=ids.sentence(chart), className="sentence"),
            html.Div(
                dcc.Graph(id=ids.graph(chart), responsive=True, config=locales.graph_config()),
                id=ids.frame(chart),
                className="chart",
                role="img",
                **aria(labelledby=f"{ids.heading(chart)} {ids.sentence(chart)}"),
            ),
            html.Details(
                [
                    html.Summary(gettext("Figures in a table")),
                    html.Div(id=ids.table(chart), className="table", tabIndex=0),
                    html.P(
                        html.A(
                            gettext("Download as CSV"),
                            id=ids.export(chart),
                            href=page.export_address(chart),
                        )
                    ),
                ]
            ),
        ],
        className="panel",
        **aria(labelledby=ids.heading(chart)),
    )
