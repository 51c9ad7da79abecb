"""Reading XLSX: cells become text as a CSV has it, and no archive takes the machine down."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from crm.lib.reading import BadFile, detect, lines_of
from tests.crm.test_reading import refused

AFTERNOON = datetime(2025, 3, 4, 14, 5)  # noqa: DTZ001 (a workbook knows no zones)
SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main"><sheetData>{rows}</sheetData></worksheet>'
)


def workbook(*rows, title="People", more=()) -> bytes:
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for name in more:
        book.create_sheet(name).append(["Other", "Sheet"])
        book[name].append(["a", "b"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(data: bytes, **members: bytes) -> bytes:
    """Put other members into a workbook."""
    file = io.BytesIO()
    names = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml"}
    new = {names.get(name, name): content for name, content in members.items()}
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name in old.namelist():
            archive.writestr(name, new.pop(name, None) or old.read(name))
        for name, content in new.items():
            archive.writestr(name, content)
    return file.getvalue()


def read(data: bytes, **chosen):
    file = io.BytesIO(data)
    how = detect(file, "list.xlsx", **chosen)
    return how, [(line.number, line.cells) for line in lines_of(file, how)]


def test_cells_become_text_and_lines_keep_their_numbers():
    data = workbook(
        ["Email", "Postcode", "Amount", "On", "At", "Yes", "Empty", "Note"],
        [
            "a@example.org",
            1050,
            12.5,
            date(2025, 3, 4),
            AFTERNOON,
            True,
            None,
            "x",
        ],
        [],
        ["b@example.org", 1000.0, 1.125, date(2025, 3, 5), None, False],
    )

    how, rows = read(data)

    assert (how.kind, how.sheet) == ("xlsx", "People")
    assert rows == [
        (
            2,
            ["a@example.org", "1050", "12.5", "2025-03-04", "2025-03-04 14:05:00", "true", "", "x"],
        ),
        (4, ["b@example.org", "1000", "1.1250", "2025-03-05", "", "false"]),
    ]


def test_sheet_can_be_chosen():
    data = workbook(["Email", "Name"], ["a@example.org", "Anne"], more=["More"])

    how, rows = read(data, sheet="More")

    assert how.sheets == ("People", "More")
    assert rows == [(2, ["a", "b"])]


def test_row_wider_than_the_column_names_shows_that_it_is():
    data = workbook(["Email", "Name"], ["a@example.org", "Anne", "x", "y"])

    _how, rows = read(data)

    assert rows == [(2, ["a@example.org", "Anne", "x"])]


def test_name_of_another_kind_does_not_matter():
    file = io.BytesIO(workbook(["Email", "Name"], ["a@example.org", "Anne"]))

    assert detect(file, "list.csv").kind == "xlsx"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"Email,Name\na@example.org,Anne\n", "no-workbook"),
        (b"PK\x03\x04 and no more", "no-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Workbook".ljust(600), "old-excel"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "locked",
        ),
        (workbook(), "empty"),
        (workbook(["Email", "Name"]), "no-rows"),
        (workbook(["Email", "email"], ["a@example.org", "b"]), "duplicate-column"),
        (
            workbook(["E", "N"], ["Email", "Name"], ["a@b.org", "A"], ["b@b.org", "B"]),
            "second-header",
        ),
        (workbook([f"c{n}" for n in range(501)], [1] * 501), "columns"),
        (changed(workbook(["Email"], ["a@example.org"]), sheet=b"<broken"), "no-workbook"),
    ],
)
def test_bad_workbook_is_told(data, reason):
    assert refused(data, "list.xlsx")[0] == reason


def test_sheet_that_is_not_there_is_told():
    assert refused(workbook(["Email"], ["a@b.org"]), sheet="No")[0] == "no-sheet"


def test_open_document_is_told():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")

    assert refused(file.getvalue(), "list.ods")[0] == "open-document"


def test_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = changed(workbook(["Email"], ["a@example.org"]), strings=b"0" * 200_000_000)

    assert len(bomb) < 1_000_000
    assert refused(bomb)[0] == "bomb"


def test_entities_are_not_expanded():
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l "ha"><!ENTITY m "&l;&l;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>&m;</t></is></c></row></sheetData></worksheet>'
    )

    assert refused(changed(workbook(["Email"], ["a@b.org"]), sheet=laughs))[0] == "no-workbook"


def test_row_of_a_million_cells_is_refused_before_it_is_read():
    cell = '<c t="inlineStr"><is><t>{n}</t></is></c>'
    row = "<row>" + "".join(cell.format(n=n) for n in range(120_000)) + "</row>"
    data = changed(workbook(["Email"], ["a@b.org"]), sheet=SHEET.format(rows=row).encode())

    assert refused(data)[0] in {"long-line", "bomb"}


def test_row_far_beyond_excels_last_is_not_waited_for():
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Email</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>a@b.org</t></is></c></row>'
        '<row r="2000000000"><c r="A2000000000" t="inlineStr"><is><t>b@b.org</t></is></c></row>'
    )
    data = changed(workbook(["Email"], ["a@b.org"]), sheet=SHEET.format(rows=rows).encode())

    assert read(data)[1] == [(2, ["a@b.org"])]


def test_long_cell_is_told_with_its_place():
    data = workbook(["Email", "Note"], ["a@b.org", "x"])
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>Email</t></is></c></row>'
        f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"x" * 200_000}</t></is></c></row>'
    )
    with pytest.raises(BadFile) as told:
        read(changed(data, sheet=SHEET.format(rows=rows).encode()))

    assert (told.value.reason, told.value.line, told.value.column) == ("long-cell", 2, 1)
