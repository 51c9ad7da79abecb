"""Workbooks that leave the system: read again, they say what was written, and nothing runs."""

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from crm.lib import spreadsheets
from tests.factories import AT


def test_long_list_goes_on_on_another_sheet(monkeypatch):
    monkeypatch.setattr(spreadsheets, "MOST_ROWS", 3)
    about = spreadsheets.About("List", "Rita", AT, "About", [("Why", "For this")])

    data = b"".join(spreadsheets.workbook(["n"], ([n] for n in range(5)), about))

    book = openpyxl.load_workbook(io.BytesIO(data))
    assert [
        [cell.value for (cell,) in sheet.iter_rows(max_col=1)] for sheet in book.worksheets
    ] == [
        ["n", 0, 1],
        ["n", 2, 3],
        ["n", 4],
        ["Why"],
    ]
    assert book.sheetnames == ["List", "List 2", "List 3", "About"]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ('a<b&"c"\'', 'a<b&"c"\''),
        ("nul\x00 and \x1b", "nul and "),
        ("line\nline", "line\nline"),
        (" spaces ", " spaces "),
        ("x" * 40_000, "x" * 32_767),
        (Decimal("12.50"), 12.5),
        (0, 0),
        (None, None),
        ("", None),
        (date(2024, 2, 29), datetime.fromisoformat("2024-02-29")),
        (
            datetime.fromisoformat("2026-03-01T10:30:15"),
            datetime.fromisoformat("2026-03-01T10:30:15"),
        ),
    ],
)
def test_cell_is_read_as_it_was_written(value, read):
    about = spreadsheets.About("List", "Rita", AT, "About", [])

    data = b"".join(spreadsheets.workbook(["n"], [[value, "end"]], about))

    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    assert [cell.value for cell in sheet[2]] == [read, "end"]
