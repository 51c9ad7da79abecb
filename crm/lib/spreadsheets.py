"""Tables that leave the system as workbooks (XLSX), written while they are sent.

Text is always text: no cell holds a formula, whatever it begins with.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

MOST_ROWS = 1_048_576  # of a sheet; then another one begins
LONGEST_TEXT = 32_767  # of a cell
SENT_AT_ONCE = 1 << 16
DAY_ZERO = date(1899, 12, 30)
SECONDS = 86_400
# What no XML may hold, and what Excel reads as an escape.
UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
PLAIN, BOLD, DAY, MOMENT, AMOUNT = range(5)  # the styles below, in their order
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
STYLES = f"""{HEAD}<styleSheet xmlns="{MAIN}">\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>\
<cellXfs count="5"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="14" applyNumberFormat="1"/>\
<xf numFmtId="22" applyNumberFormat="1"/><xf numFmtId="4" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


class About(NamedTuple):
    """What a workbook says of itself: in its properties, and line by line on its last sheet."""

    title: str
    author: str
    made_at: datetime
    sheet: str
    lines: list[tuple[str, Any]]


class Sink:
    """A file that only grows, and hands over what was written since."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        data, self.parts, self.size = b"".join(self.parts), [], 0
        return data


def workbook(heads: Iterable[Any], rows: Iterable[Iterable[Any]], about: About) -> Iterator[bytes]:
    """Yield the file piece by piece; no more than a piece of it is in memory."""
    sink: Any = Sink()
    names: list[str] = []
    heading = [str(head) for head in heads]
    source = iter(rows)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
        more = True
        while more:
            names.append(about.title[:28] + (f" {len(names) + 1}" if names else ""))
            with book.open(sheet_path(len(names)), "w") as sheet:
                sheet.write(sheet_start(heading))
                more = yield from body(sheet, source, sink)
        names.append(about.sheet)
        book.writestr(sheet_path(len(names)), told(about.lines))
        for name, text in frame(names, about).items():
            book.writestr(name, text)
    yield sink.taken()


def body(sheet: Any, rows: Iterator[Iterable[Any]], sink: Sink) -> Any:
    """Write rows into a sheet, yielding what is ready; return whether it is full."""
    number = 1
    for row in rows:
        number += 1
        sheet.write(row_of(number, row))
        if sink.size > SENT_AT_ONCE:
            yield sink.taken()
        if number == MOST_ROWS:
            break
    sheet.write(b"</sheetData></worksheet>")
    return number == MOST_ROWS


def sheet_path(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def sheet_start(heads: list[str]) -> bytes:
    """Return the beginning of a sheet: its first line is bold, and stays when one scrolls."""
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{max(len(head) + 3, 14)}" customWidth="1"/>'
        for n, head in enumerate(heads, start=1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}'
        f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
    ).encode() + row_of(1, heads, BOLD)


def told(lines: list[tuple[str, Any]]) -> bytes:
    """Return the sheet that tells where the others come from."""
    rows = b"".join(row_of(number, line) for number, line in enumerate(lines, start=1))
    start = f'{HEAD}<worksheet xmlns="{MAIN}"><cols><col min="1" max="2" width="40" \
customWidth="1"/></cols><sheetData>'
    return start.encode() + rows + b"</sheetData></worksheet>"


def row_of(number: int, values: Iterable[Any], style: int = PLAIN) -> bytes:
    cells = "".join(cell(value, style) for value in values)
    return f'<row r="{number}">{cells}</row>'.encode()


def cell(value: Any, style: int = PLAIN) -> str:
    """Return a cell: text as text, numbers as numbers, days and moments as such."""
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, datetime):
        seconds = (value - datetime(1899, 12, 30, tzinfo=value.tzinfo)).total_seconds()
        return f'<c s="{MOMENT}"><v>{seconds / SECONDS:.10f}</v></c>'
    if isinstance(value, date):
        return f'<c s="{DAY}"><v>{(value - DAY_ZERO).days}</v></c>'
    if isinstance(value, Decimal):
        return f'<c s="{AMOUNT}"><v>{value}</v></c>'
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>"
    marked = f' s="{style}"' if style else ""
    return f'<c t="inlineStr"{marked}><is><t xml:space="preserve">{text(str(value))}</t></is></c>'


def text(value: str) -> str:
    """Return what a cell may say, for XML.

    >>> text("=1+1"), text("a<b"), text("x\\x00y"), text("_x0041_")
    ('=1+1', 'a&lt;b', 'xy', '_x005F_x0041_')
    """
    return escape(ESCAPE.sub("_x005F_", UNWANTED.sub("", value[:LONGEST_TEXT])))


def frame(names: list[str], about: About) -> dict[str, str]:
    """Return the parts that hold the sheets together."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name="{attribute(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, names, strict=True)
    )
    links = "".join(link(n, f"{OFFICE}/worksheet", f"worksheets/sheet{n}.xml") for n in numbers)
    styles = link(len(names) + 1, f"{OFFICE}/styles", "styles.xml")
    root = link(1, f"{OFFICE}/officeDocument", "xl/workbook.xml")
    core = link(2, f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml")
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'
    return {
        "xl/styles.xml": STYLES,
        "xl/workbook.xml": HEAD + book,
        "xl/_rels/workbook.xml.rels": relations(links + styles),
        "_rels/.rels": relations(root + core),
        "docProps/core.xml": properties(about),
        "[Content_Types].xml": types(len(names)),
    }


def attribute(name: str) -> str:
    """Return a sheet's name without what it may not hold."""
    return escape(re.sub(r"[\[\]:*?/\\']", " ", UNWANTED.sub("", name))[:31], {'"': "&quot;"})


def link(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'


def relations(links: str) -> str:
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def properties(about: About) -> str:
    names = (
        f'xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    made = f"{about.made_at:%Y-%m-%dT%H:%M:%SZ}"
    told = escape(UNWANTED.sub("", "; ".join(f"{name}: {value}" for name, value in about.lines)))
    return (
        f"{HEAD}<cp:coreProperties {names}><dc:title>{text(about.title)}</dc:title>"
        f"<dc:creator>{text(about.author)}</dc:creator><dc:description>{told}</dc:description>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{made}</dcterms:created></cp:coreProperties>'
    )


def types(sheets: int) -> str:
    base = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {f"/{sheet_path(n)}": SHEET_TYPE for n in range(1, sheets + 1)} | {
        "/xl/workbook.xml": f"{base}.sheet.main+xml",
        "/xl/styles.xml": f"{base}.styles+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    told = "".join(
        f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items()
    )
    relations_type = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations_type}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{told}</Types>'
    )
