"""Tables as CSV: no cell is a formula, to whatever program opens them."""

import csv
from io import StringIO

import pytest

from crm.lib.tables import csv_lines


def cells(text, delimiter):
    return [cell for row in csv.reader(StringIO(text), delimiter=delimiter) for cell in row]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "name", ["=1+1", " =1+1", "Anne;=1+1", "Anne; =1+1", "Anne\t@SUM(1)", "Anne\n+1", "Anne\r-1"]
)
def test_no_cell_is_a_formula_whatever_separates_cells(delimiter, name):
    text = "".join(csv_lines(["name", "amount"], [[name, 1]])).removeprefix("\ufeff")

    assert [cell for cell in cells(text, delimiter) if cell.strip().startswith(tuple("=+-@"))] == []


@pytest.mark.parametrize("name", ["Anne-Marie", "d'Hondt; Jan", "a@b.example.org", "1 + 1 = 2"])
def test_other_cells_stay_as_they_are(name):
    text = "".join(csv_lines(["name"], [[name]])).removeprefix("\ufeff")

    assert cells(text, ",") == ["name", name]
