"""Reading tables that people send: every notation found, every broken file told."""

import io
import subprocess
import sys

import pytest
from django.utils.translation import override

from crm.lib.reading import BadFile, detect, lines_of

PLAIN = "Email,Name,Amount\nanne@example.org,Anne,12\nbram@example.org,Bram,13\n"


def read(data: bytes, name: str = "list.csv", **chosen):
    file = io.BytesIO(data)
    how = detect(file, name, **chosen)
    return how, [line.cells for line in lines_of(file, how)]


def refused(data: bytes, name: str = "list.csv", **chosen) -> tuple[str, int]:
    with pytest.raises(BadFile) as told:
        read(data, name, **chosen)
    assert str(told.value)
    return told.value.reason, told.value.line


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
        ("mac_roman", "mac_roman"),
        ("cp850", "cp850"),
    ],
)
def test_encoding_is_found(encoding, found):
    text = (
        "E-mail;Prénom;Commune\n"
        "helene@example.org;Hélène;Liège\n"
        "joelle@example.org;Joëlle;Court-Saint-Étienne à côté\n"
    )

    how, rows = read(text.encode(encoding))

    assert how.encoding == found
    assert how.columns == ("E-mail", "Prénom", "Commune")
    assert rows[1] == ["joelle@example.org", "Joëlle", "Court-Saint-Étienne à côté"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter):
    text = PLAIN.replace(",", delimiter)

    how, rows = read(text.encode())

    assert how.delimiter == delimiter
    assert rows[0] == ["anne@example.org", "Anne", "12"]


def test_delimiter_inside_quotation_marks_is_text():
    how, rows = read(b'Email;Name;City\na@example.org;"Dupont; Anne, ""A""";Mons\n')

    assert how.delimiter == ";"
    assert rows == [["a@example.org", 'Dupont; Anne, "A"', "Mons"]]


def test_excels_line_about_the_delimiter_is_no_record():
    how, rows = read(b"sep=|\r\nEmail|Name\r\na@example.org|Anne, Bram\r\n")

    assert (how.delimiter, how.columns) == ("|", ("Email", "Name"))
    assert rows == [["a@example.org", "Anne, Bram"]]


def test_single_quotation_marks_are_found():
    how, rows = read(b"'Email','Name'\n'a@example.org','Anne, B'\n'b@example.org','Bram'\n")

    assert how.quote == "'"
    assert rows[0] == ["a@example.org", "Anne, B"]


def test_list_of_addresses_alone_is_one_column():
    how, rows = read(b"Email\na@example.org\nb@example.org\n")

    assert how.columns == ("Email",)
    assert rows == [["a@example.org"], ["b@example.org"]]


def test_title_above_the_column_names_is_left_out():
    how, rows = read(b"Signatures 2025,,\n\nEmail,Name,City\na@example.org,Anne,Mons\n")

    assert (how.header_line, how.columns) == (3, ("Email", "Name", "City"))
    assert rows == [["a@example.org", "Anne", "Mons"]]


def test_blank_lines_are_no_records_and_lines_keep_their_numbers():
    file = io.BytesIO(b'Email,Note\n\na@example.org,"two\nlines"\n,\nb@example.org,x\n')

    lines = list(lines_of(file, detect(file)))

    assert [(line.number, line.cells[0]) for line in lines] == [
        (3, "a@example.org"),
        (6, "b@example.org"),
    ]


@pytest.mark.parametrize(
    ("dates", "order", "doubtful"),
    [
        ("31/12/2024,05/01/2025", "dmy", ""),
        ("12/31/2024,01/05/2025", "mdy", ""),
        ("05/01/2025,03/04/2025", "dmy", "05/01/2025"),
        ("05.01.2025,03.04.2025", "dmy", ""),
        ("2025-01-05,2025-04-03", "dmy", ""),
    ],
)
def test_order_of_dates_is_found_or_told_to_be_doubtful(dates, order, doubtful):
    first, second = dates.split(",")

    how, _rows = read(f"Email,On\na@example.org,{first}\nb@example.org,{second}\n".encode())

    assert (how.dates, how.doubtful_date) == (order, doubtful)


@pytest.mark.parametrize(
    ("amount", "decimal", "doubtful"),
    [
        ("1.234,56", ",", ""),
        ("1 234,56", ",", ""),
        ("1,234.56", ".", ""),
        ("12.5", ".", ""),
        ("1.234", ",", "1.234"),
        ("1,234", ".", "1,234"),
    ],
)
def test_decimal_sign_is_found_or_told_to_be_doubtful(amount, decimal, doubtful):
    how, _rows = read(f"Email;Amount\na@example.org;{amount}\n".encode())

    assert (how.decimal, how.doubtful_number) == (decimal, doubtful)


def test_what_was_chosen_is_not_guessed():
    data = "Email;On;Amount\na@example.org;05/01/2025;1.234\n".encode("cp1252")

    how, _rows = read(data, encoding="latin-1", delimiter=";", dates="mdy", decimal=".")

    assert (how.encoding, how.dates, how.decimal) == ("latin-1", "mdy", ".")
    assert (how.doubtful_date, how.doubtful_number) == ("", "")


def test_detected_survives_its_storage():
    how, _rows = read(PLAIN.encode())

    again = type(how).from_json(how.as_json())

    assert again == type(how)(**{**vars(how), "sample": ()})


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", ("empty", 0)),
        (b"\xef\xbb\xbf\r\n", ("empty", 0)),
        (b"Email,Name\n", ("no-rows", 1)),
        (b"Email,Name,email\na@example.org,Anne,b\n", ("duplicate-column", 1)),
        (b"Email,Name\na@example.org,An\x00ne\n", ("nul", 2)),
        (b'Email,Name\na@example.org,"Anne\nb@example.org,Bram\n', ("quote", 2)),
        (b'Email,Name\na@example.org,"Anne" Smith\nb@example.org,Bram\n', ("quote", 2)),
        ("Email,Name\né@example.org,Hé\n".encode() + b"b@example.org,\xe9\n", ("encoding", 3)),
        (b"Email,Name\nEmail,Name\na@example.org,Anne\n", ("second-header", 2)),
        (
            b"Contact,Person\nEmail,Name\na@example.org,Anne\nb@example.org,B\n",
            ("second-header", 2),
        ),
        (b"Email,Name\na@example.org," + b"x" * 200_000 + b"\n", ("long-cell", 2)),
        (b"Email,Name\na@example.org," + b"x" * 5_000_000 + b"\n", ("long-line", 2)),
        (b",".join(b"c%d" % n for n in range(501)) + b"\n" + b"," * 500 + b"x\n", ("columns", 1)),
    ],
)
def test_bad_file_is_told_with_its_line(data, told):
    assert refused(data) == told


def test_wrong_encoding_that_was_chosen_is_told_with_the_line():
    data = "Email,Name\na@example.org,Anne\nb@example.org,Hélène\n".encode("cp1252")

    assert refused(data, encoding="utf-8") == ("encoding", 3)
    assert refused(data, encoding="no-such") == ("unknown-encoding", 0)


def test_broken_quote_far_below_is_told_when_the_records_are_read():
    rows = "".join(f"a{n}@example.org,Anne\n" for n in range(1000))
    file = io.BytesIO(f'Email,Name\n{rows}b@example.org,"Bram\n{rows}'.encode())
    how = detect(file)

    with pytest.raises(BadFile) as told:
        list(lines_of(file, how))

    assert (told.value.reason, told.value.line) == ("quote", 1002)


def test_second_header_may_be_chosen():
    how, rows = read(
        b"Contact,Person\nEmail,Name\na@example.org,Anne\nb@example.org,B\n", header_line=2
    )

    assert how.columns == ("Email", "Name")
    assert rows == [["a@example.org", "Anne"], ["b@example.org", "B"]]


def test_messages_name_line_and_column_in_words():
    with pytest.raises(BadFile) as told:
        read(b"Email,Name\na@example.org,An\x00ne\n")

    with override("en"):
        assert str(told.value) == (
            "Line 2, column 2: The file holds a character that no text has (NUL). "
            "Save it again as CSV UTF-8."
        )


# Each makes a monstrous file without holding it, reads it, and prints what was told and how much
# memory the reading took beyond the start.
MONSTER = """
import resource, sys, tempfile
import django
from django.conf import settings
settings.configure(USE_I18N=False, TIME_ZONE="Europe/Brussels")
django.setup()
from crm.lib.reading import BadFile, detect, lines_of
file = tempfile.TemporaryFile()
for block in {blocks}:
    file.write(block)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
told = "read"
try:
    for line in lines_of(file, detect(file, "list.csv")):
        pass
except BadFile as error:
    told = error.reason
print(told, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
HEAD = 'b"Email,Name\\n"'


@pytest.mark.parametrize(
    ("blocks", "told"),
    [
        ('(b"column%d," % n for n in range(1_000_000))', "columns"),
        (f'({HEAD}, *[b"x" * 1_000_000] * 50)', "long-line"),
        (f"({HEAD}, b'a,\"', *[b'x\\n' * 500_000] * 50)", "quote"),
        (f'({HEAD}, *[b"anne@example.org,Anne\\n" * 10_000] * 200)', "read"),
    ],
    ids=["a million columns", "a cell of 50 MB", "a quotation mark never closed", "44 MB of rows"],
)
def test_monstrous_file_takes_little_memory(blocks, told):
    done = subprocess.run(
        [sys.executable, "-c", MONSTER.format(blocks=blocks)],
        capture_output=True,
        text=True,
        check=True,
    )

    reason, megabytes = done.stdout.split()

    assert reason == told
    assert int(megabytes) < 40
