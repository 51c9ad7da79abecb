"""Rows in, figures out: no database."""

from datetime import date

from dashboard import figures
from dashboard.figures import Notation, Series, Steps

STEPS = Steps([date(2026, 1, 1), date(2026, 2, 1)], ["Jan", "Feb"])
NOTATION = Notation(", ", "", " €")


def test_columns_that_are_not_complete_are_hatched():
    series = [Series("Gross", [3, 4], ["three", "four"])]

    figure = figures.columns(
        STEPS, series, notation=NOTATION, complete=[True, False], span="M1", is_stacked=True
    )

    [bars] = figure["data"]
    assert bars["x"] == ["Jan", "Feb"]
    assert bars["y"] == [3, 4]
    assert bars["customdata"] == ["three", "four"]
    assert bars["marker"]["pattern"]["shape"] == ["", "/"]
    assert figure["layout"]["xaxis"]["type"] == "category"
    assert figure["layout"]["barmode"] == "stack"
    assert figure["layout"]["showlegend"] is False
    assert figure["layout"]["separators"] == ", "
    assert figure["layout"]["yaxis"]["ticksuffix"] == " €"


def test_many_steps_stand_on_an_axis_of_dates():
    days = [date(2026, 1, day) for day in range(1, 10)]
    series = [Series("Signatures", range(9), ["text"] * 9)]

    figure = figures.columns(
        Steps(days, ["name"] * 9), series, notation=NOTATION, complete=[True] * 9, span=86_400_000
    )

    [bars] = figure["data"]
    assert (bars["x"][0], bars["x"][-1]) == ("2026-01-01", "2026-01-09")
    assert (bars["xperiod"], bars["xperiod0"]) == (86_400_000, "2026-01-01")
    assert figure["layout"]["xaxis"]["type"] == "date"


def test_lines_keep_gaps_and_dash_the_goal():
    series = [
        Series("So far", [3, None], ["three", "–"]),
        Series("Goal", [9, 9], ["nine", "nine"], figures.ORANGE, is_dashed=True),
    ]

    figure = figures.lines(STEPS, series, notation=NOTATION)

    so_far, goal = figure["data"]
    assert so_far["y"] == [3, None]
    assert (so_far["mode"], so_far["line"]["dash"]) == ("lines+markers", "solid")
    assert (goal["mode"], goal["line"]["dash"]) == ("lines", "dash")
    assert figure["layout"]["showlegend"] is True


def test_ranked_bars_begin_on_top_with_their_number_beside_them():
    series = Series("", [9, 1], ["9", "1"], figures.GREEN)

    figure = figures.ranked(["Belgium", "France"], series, notation=NOTATION)

    [bars] = figure["data"]
    assert (bars["x"], bars["y"], bars["text"]) == ([9, 1], ["Belgium", "France"], ["9", "1"])
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
