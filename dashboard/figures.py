"""Rows in, figures out: plain dictionaries as plotly.js reads them. No database, no Dash."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

# At least 3:1 on white and on the dark background.
BLUE, ORANGE, GREEN, ROSE, VIOLET = "#2F7EBB", "#C25B00", "#00855F", "#B5608F", "#7A6BD1"
FEW = 8  # steps of time that have room for their names
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


class Notation(NamedTuple):
    """How an axis writes its numbers: both separators, and what stands around an amount."""

    separators: str = ".,"
    before: str = ""
    after: str = ""


class Series(NamedTuple):
    """One colour: `texts` are what the pointer shows."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]
    colour: str = BLUE
    is_dashed: bool = False


class Steps(NamedTuple):
    """The steps of a time axis: their days, and their names for when these have room."""

    days: Sequence[date]
    names: Sequence[str]

    @property
    def are_few(self) -> bool:
        return len(self.days) <= FEW

    @property
    def places(self) -> list[str]:
        return list(self.names) if self.are_few else [day.isoformat() for day in self.days]

    @property
    def axis(self) -> dict[str, Any]:
        # On a date axis plotly would fill the room between a few steps with times of day.
        return (
            {"type": "category", "automargin": True}
            if self.are_few
            else {"type": "date", "nticks": 7, "automargin": True}
        )


def columns(
    steps: Steps,
    series: Sequence[Series],
    *,
    notation: Notation,
    complete: Sequence[bool],
    span: int | str,
    is_stacked: bool = False,
) -> dict[str, Any]:
    """Bars over time; those that are not complete are hatched. `span` is plotly's xperiod."""
    shapes = ["" if whole else "/" for whole in complete]
    period = {"xperiod": span, "xperiod0": steps.places[0], "xperiodalignment": "middle"}
    bars = [
        {
            "type": "bar",
            "name": each.name,
            "x": steps.places,
            **({} if steps.are_few else period),
            "y": list(each.values),
            "customdata": list(each.texts),
            "hovertemplate": "%{customdata}<extra></extra>",
            "marker": {
                "color": each.colour,
                "pattern": {"shape": shapes, "fillmode": "replace", "size": 6},
            },
        }
        for each in series
    ]
    look = {
        "barmode": "stack" if is_stacked else "group",
        "bargap": gap(len(steps.days), FEW),
        "showlegend": len(series) > 1,
    }
    return {"data": bars, "layout": over_time(steps, notation) | look}


def lines(steps: Steps, series: Sequence[Series], *, notation: Notation) -> dict[str, Any]:
    """Lines over time; a missing value is a gap."""
    mode = "lines" if len(steps.days) > 40 else "lines+markers"
    drawn = [
        {
            "type": "scatter",
            "name": each.name,
            "mode": "lines" if each.is_dashed else mode,
            "x": steps.places,
            "y": list(each.values),
            "customdata": list(each.texts),
            "hovertemplate": "%{customdata}<extra></extra>",
            "line": {
                "color": each.colour,
                "width": 2.5,
                "dash": "dash" if each.is_dashed else "solid",
            },
        }
        for each in series
    ]
    layout = over_time(steps, notation) | {"showlegend": len(series) > 1}
    return {"data": drawn, "layout": layout}


def gap(bars: int, usual: int) -> float:
    """The room between bars, so that few of them are not fat."""
    return max(0.2, 1 - bars / usual)


def ranked(names: Sequence[str], series: Series, *, notation: Notation) -> dict[str, Any]:
    """Horizontal bars, the first on top, each with its number beside it."""
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": list(series.values),
                "y": list(names),
                "text": list(series.texts),
                "textposition": "outside",
                "cliponaxis": False,
                "hovertemplate": "%{y}: %{text}<extra></extra>",
                "marker": {"color": series.colour},
            }
        ],
        "layout": layout(notation)
        | {
            "xaxis": {"visible": False, "fixedrange": True, "rangemode": "tozero"},
            "yaxis": {
                "autorange": "reversed",
                "automargin": True,
                "fixedrange": True,
                "ticksuffix": "  ",
            },
            "margin": {"l": 8, "r": 72, "t": 8, "b": 8},
            "bargap": max(0.35, gap(len(names), 12)),
        },
    }


def over_time(steps: Steps, notation: Notation) -> dict[str, Any]:
    return layout(notation) | {
        "xaxis": {"fixedrange": True, "showgrid": False, **steps.axis},
        "yaxis": {
            "tickformat": ",d",
            "tickprefix": notation.before,
            "ticksuffix": notation.after,
            "rangemode": "tozero",
            "fixedrange": True,
            "automargin": True,
        },
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "hoverdistance": 60,
    }


def layout(notation: Notation) -> dict[str, Any]:
    """Transparent, so that the page's own colours show, light or dark."""
    return {
        "margin": {"l": 8, "r": 8, "t": 8, "b": 32},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13},
        "separators": notation.separators,
        "dragmode": False,
        "hovermode": "closest",
    }
