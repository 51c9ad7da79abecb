"""Files of banks: what is read from them, and what is refused, on which line and why."""

from pathlib import Path

import pytest
from django.utils import translation

from payments.bank import elements
from payments.bank.lines import Flaw, Line, Unreadable
from payments.bank.reading import read
from tests.payments.bank.scene import sample
from tests.payments.bank.writing import DAY, JAN, MARIE, OURS, Move, camt, coda

OWN = Path(__file__).parents[2] / "data" / "bank"
OGM = "000000001212"
MOVES = [Move(2500), Move(5000, "PEETERS JAN", JAN, OGM), Move(-1250, "BUREAU SA", text="Facture")]


def only(data):
    (statement,) = read(data).statements
    return statement


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def refusal(data):
    with pytest.raises(Unreadable) as caught:
        read(data)
    return caught.value.line, caught.value.reason


@pytest.mark.parametrize("write", [coda, camt])
def test_statement_says_the_same_in_both_formats(write):
    statement = only(write(MOVES))

    assert (statement.account, statement.currency, statement.closed_on) == (OURS, "EUR", DAY)
    assert statement.number == ("2026/042" if write is coda else "2026/42")
    assert (statement.opening_balance, statement.closing_balance) == (100_000, 106_250)
    assert statement.lines == [
        Line(DAY, 2500, "EUR", "DUPONT MARIE", MARIE, "Don", "", "KB260310000001"),
        Line(DAY, 5000, "EUR", "PEETERS JAN", JAN, "", OGM, "KB260310000002"),
        Line(DAY, -1250, "EUR", "BUREAU SA", MARIE, "Facture", "", "KB260310000003"),
    ]


def test_long_communication_of_coda_runs_on_over_three_records():
    text = "Pour les enfants " * 8

    statement = only(coda([Move(2500, text=text)]))

    assert statement.lines[0].communication == text.strip()


@pytest.mark.parametrize("write", [coda, camt])
@pytest.mark.parametrize("text", [f"+++{OGM[:3]}/{OGM[3:7]}/{OGM[7:]}+++", f"don {OGM} merci"])
def test_structured_communication_is_found_where_it_was_typed_as_text(write, text):
    statement = only(write([Move(2500, text=text)]))

    assert statement.lines[0].structured == OGM


@pytest.mark.parametrize("write", [coda, camt])
def test_number_with_wrong_check_digits_is_no_structured_communication(write):
    statement = only(write([Move(2500, text="+++000/0000/01213+++")]))

    assert statement.lines[0].structured == ""
    assert statement.lines[0].communication == "+++000/0000/01213+++"


@pytest.mark.parametrize("write", [coda, camt])
def test_returned_payment_says_that_it_is_one(write):
    statement = only(write([Move(-2500, returned=True)]))

    assert statement.lines[0].is_return


def test_letters_of_windows_and_of_utf_8_are_both_read():
    data = coda([Move(2500, "LÉONÏE ÇELIK")])

    names = [
        only(each).lines[0].payer_name
        for each in (data, data.decode("windows-1252").encode("utf-8"))
    ]

    assert names == ["LÉONÏE ÇELIK", "LÉONÏE ÇELIK"]


def test_file_of_coda_may_hold_several_statements():
    data = coda([Move(100)], number=1) + coda([Move(200)], opening=100_100, number=2)

    statements = read(data).statements

    assert [each.number for each in statements] == ["2026/001", "2026/002"]
    assert [each.at_line for each in statements] == [1, 8]


def test_details_of_a_sum_booked_by_the_bank_are_payments_of_their_own():
    lines = coda([Move(5000)]).decode().splitlines()
    whole = lines[2][:53] + "2" + lines[2][54:]
    parts = [
        (record[:6] + f"{number:04d}" + record[10:31] + f"0{cents:015d}" + record[47:53])
        + "6"
        + record[54:]
        for number, cents in ((1, 20_000), (2, 30_000))
        for record in [lines[2]]
    ]
    lines[2:5] = [whole, *parts]
    lines[-1] = lines[-1][:16] + "000005" + lines[-1][22:]

    statement = only("\n".join(lines).encode())

    assert [line.amount for line in statement.lines] == [2000, 3000]


@pytest.mark.parametrize("version", ["02", "04", "08"])
def test_versions_of_camt_are_read(version):
    swaps = {"<Pty>": "", "</Pty>": "", "<Sts><Cd>BOOK</Cd></Sts>": "<Sts>BOOK</Sts>"}

    statement = only(camt(MOVES, version=version, **(swaps if version != "08" else {})))

    assert [line.payer_name for line in statement.lines] == [move.name for move in MOVES]


def test_prefix_of_a_namespace_changes_nothing():
    text = camt(MOVES).decode().replace("<", "<c:").replace("<c:/", "</c:").replace("<c:?", "<?")

    statement = only(text.replace("xmlns=", "xmlns:c=").encode())

    assert len(statement.lines) == 3


def test_entry_that_is_not_booked_yet_does_not_count():
    pending = "<Ntry><Amt Ccy='EUR'>9.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts>"

    statement = only(camt([Move(100)], **{"</Stmt>": f"{pending}</Ntry></Stmt>"}))

    assert [line.amount for line in statement.lines] == [100]


def test_payments_booked_as_one_entry_are_lines_of_their_own_if_they_make_its_sum():
    split = batched("2.00", "3.00")
    whole = batched("2.00", "2.00")

    assert [(line.amount, line.payer_name) for line in split.lines] == [
        (200, "N2.00"),
        (300, "N3.00"),
    ]
    assert [line.amount for line in whole.lines] == [500]


def batched(*amounts):
    details = "".join(
        f"<TxDtls><Amt Ccy='EUR'>{amount}</Amt>"
        f"<RltdPties><Dbtr><Nm>N{amount}</Nm></Dbtr></RltdPties></TxDtls>"
        for amount in amounts
    )
    text = camt([Move(500)]).decode()
    before, after = text.partition("<TxDtls>")[0], text.rpartition("</TxDtls>")[2]
    return only((before + details + after).encode())


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (lambda lines: lines[:-1], 6, "cut off"),
        (lambda lines: [*lines[:3], lines[3][:90], *lines[4:]], 4, "90 characters"),
        (lambda lines: [lines[0], *lines[2:]], 2, "type 2 cannot stand here"),
        (lambda lines: [lines[0][:-1] + "1", *lines[1:]], 1, "version 1"),
        (lambda lines: [lines[0], "17" + lines[1][2:], *lines[2:]], 2, "how the account is"),
        (
            lambda lines: [*lines[:2], lines[2].replace("100326", "310226", 1), *lines[3:]],
            3,
            "date",
        ),
        (lambda lines: [*lines[:2], lines[2].replace("025000", "026000"), *lines[3:]], 7, "sums"),
        (lambda lines: [*lines[:6], lines[6].replace("000005", "000006")], 7, "number of lines"),
    ],
    ids=["cut", "short", "order", "version", "account", "date", "sum", "count"],
)
def test_faulty_coda_is_refused_with_line_and_reason(change, line, reason):
    lines = coda([Move(2500)]).decode().splitlines()[:7]

    found = refusal("\n".join(change(lines)).encode())

    assert found[0] == line
    assert reason in found[1]


@pytest.mark.parametrize(
    ("closing", "difference"),
    [("0000000001035000", 1000), ("0000000000000000", -102_500), ("1000000000001000", -102_600)],
)
def test_coda_that_does_not_add_up_is_read_with_this_flaw(closing, difference):
    lines = coda([Move(2500)]).decode().splitlines()
    lines[5] = lines[5].replace("0000000001025000", closing)

    statement = only("\n".join(lines).encode())

    assert [flaw.line for flaw in statement.flaws] == [6]
    assert statement.flaws[0].reason.startswith("The statement 2026/042 does not add up")
    assert statement.difference == difference
    assert statement.closing_balance == 102_500 + difference
    assert [line.amount for line in statement.lines] == [2500]


def test_overdrawn_coda_that_adds_up_has_no_flaw():
    statement = only(coda([Move(2500), Move(-4000)], opening=-100_000))

    assert (statement.closing_balance, statement.flaws) == (-101_500, [])


@pytest.mark.parametrize(
    ("closing", "line", "reason"),
    [
        ("CHF0000000001025000", 6, "in different currencies"),
        ("EURX000000001025000", 6, "malformed"),
        ("EUR0000000001025X00", 6, "malformed"),
        ("EUR0000000001025001", 1, "no whole number of cents"),
    ],
)
def test_closing_record_that_cannot_be_compared_is_refused(closing, line, reason):
    lines = coda([Move(2500)]).decode().splitlines()
    lines[5] = lines[5].replace("EUR0000000001025000", closing)

    found = refusal("\n".join(lines).encode())

    assert found[0] == line
    assert reason in found[1]


def test_flaw_of_one_statement_in_a_file_is_not_one_of_the_others():
    lines = (coda([Move(100)]) + coda([Move(200)], opening=100_100)).decode().splitlines()
    lines[5] = lines[5].replace(OURS, JAN)

    first, second = read("\n".join(lines).encode()).statements

    assert (first.account, second.account) == (OURS, OURS)
    assert first.flaws == [
        Flaw(
            f"The opening balance is for the account {OURS}, "
            f"but the closing balance for another one, {JAN}.",
            6,
        )
    ]
    assert (first.difference, second.flaws) == (0, [])


@pytest.mark.parametrize(
    ("swaps", "line", "reason"),
    [
        ({'"EUR">25.00': '"EUR">25.0.0'}, 8, "“25.0.0” is no amount"),
        ({'"EUR">25.00': '"EUR">25.001'}, 8, "“25.001” is no amount"),
        ({'"EUR">25.00': '"EUR">-25.00'}, 8, "“-25.00” is no amount"),
        ({'"EUR">25.00': '"EUR">1E2'}, 8, "“1E2” is no amount"),
        ({"<BookgDt><Dt>2026-03-10": "<BookgDt><Dt>2026-13-10"}, 8, "“2026-13-10” is no date"),
        ({"<Cd>CLBD</Cd>": "<Cd>CLAV</Cd>"}, 4, "no balance of type CLBD"),
        ({"</Stmt>": ""}, 14, "no well-formed XML"),
        ({'"EUR">25.00': '"CHF">25.00'}, 4, "A line is in CHF"),
        ({"CRDT</CdtDbtInd>\n<Sts>": "X</CdtDbtInd>\n<Sts>"}, 8, "whether money came"),
        ({"BkToCstmrStmt": "BkToCstmrAcctRpt"}, 3, "This is a CAMT.052"),
        ({"BkToCstmrStmt": "Other"}, 1, "holds no account statement"),
        ({"?>\n<": '?>\n<!DOCTYPE D [<!ENTITY a "b">]>\n<'}, 1, "defines a document type"),
        ({"?>\n<": "?>\n<!DOCTYPE Document>\n<"}, 1, "defines a document type"),
        ({"?>\n<": '?>\n<!DOCTYPE D SYSTEM "file:///etc/passwd">\n<'}, 1, "a document type"),
    ],
)
def test_faulty_camt_is_refused_with_line_and_reason(swaps, line, reason):
    found = refusal(camt([Move(2500)], **swaps))

    assert found[0] == line
    assert reason in found[1]


def test_camt_that_does_not_add_up_is_read_with_this_flaw():
    statement = only(camt([Move(2500)], **{'"EUR">1025.00': '"EUR">1026.00'}))

    assert statement.flaws == [
        Flaw(
            "The statement 2026/42 does not add up: its opening balance and its lines make "
            "1025.00 EUR, but its closing balance is 1026.00 EUR (difference: 1.00 EUR).",
            4,
        )
    ]
    assert statement.difference == 100


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", None, "The file is empty."),
        (b"Datum;Bedrag\n2026-03-10;25,00\n", 1, "This is neither a CODA nor a CAMT.053 file."),
        (coda([Move(1)]).decode().encode("utf-16"), 1, "two bytes each"),
        (b"%PDF-1.7\n\x81", 2, "A letter cannot be read"),
        (b"<a>" + b"<b>" * 40, 1, "nested too deeply"),
        (b"<a>" + b"x" * 20_000 + b"</a>", 1, "The text of <a> is too long."),
        (b"<a>" + b"\n" * 20_000 + b"</a>", 1, "holds no account statement"),
    ],
)
def test_what_is_no_bank_file_is_refused(data, line, reason):
    found = refusal(data)

    assert found[0] == line
    assert reason in found[1]


def test_file_of_more_elements_than_the_memory_holds_is_refused(monkeypatch):
    monkeypatch.setattr(elements, "MOST_ELEMENTS", 3)

    assert refusal(b"<a>\n<b/><b/>\n<b/></a>") == (3, "The text of <a> is too long.")


def test_elements_of_entries_that_were_read_do_not_count_any_more(monkeypatch):
    file = camt([Move(2500)] * 3)
    monkeypatch.setattr(elements, "MOST_ELEMENTS", file.count(b"<", 0, file.rindex(b"<Ntry>")))

    assert len(only(file).lines) == 3


def test_file_above_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr("payments.bank.reading.LONGEST_FILE", 1024 * 1024)

    assert refusal(b"0" * (1024 * 1024 + 1)) == (None, "The file is larger than 1 MB.")


@pytest.mark.parametrize("name", ["2026-03-10.cod", "2026-03-10.xml"])
def test_day_of_a_belgian_association_is_read_from_either_file(name):
    statement = only((OWN / name).read_bytes())

    assert (statement.opening_balance, statement.closing_balance) == (1_284_350, 1_355_100)
    assert [(line.amount, line.payer_name, line.structured) for line in statement.lines] == [
        (2500, "DUPONT MARIE", "000000010306"),
        (5000, "PEETERS JAN", "000000010407"),
        (5000, "PEETERS JAN", "000000010407"),
        (10_000, "LES AMIS DE LINA ASBL", ""),
        (4000, "VAN DEN BERGHE AN", ""),
        (-2500, "CLAES ANNA", ""),
        (-43_250, "IMPRIMERIE DU PARC SRL", ""),
        (90_000, "STRIPE PAYMENTS EUROPE LTD", ""),
    ]
    assert [line.is_return for line in statement.lines].index(True) == 5
    assert statement.lines[3].communication == "Collecte de la fête de l'école, merci à tous"


def test_real_coda_of_another_version_is_refused():
    found = refusal(sample("Coda_faulty_version.txt"))

    assert found == (1, "CODA version 5 cannot be read, only version 2.")
