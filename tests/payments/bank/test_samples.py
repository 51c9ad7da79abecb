"""Files that banks have published, through the page where treasurers upload them."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.access import Role
from crm.audit import AuditEntry
from payments.statements import BankFile, BankLine, BankStatement
from tests.payments.bank.scene import sample
from tests.payments.bank.writing import JAN, OURS, Move, coda

pytestmark = pytest.mark.django_db
UPLOAD = "/staff/payments/bankfile/add/"
STATEMENTS = "/staff/payments/bankstatement/"
GLOBALISED, SINGLE = "Coda_v2_3_globalisation.txt", "Coda_v2_3_single_statement.txt"
REDUCED, DETAILED = "camt053.xml", "camt053-txdtls.xml"
ACCOUNTS = {
    GLOBALISED: "BE12341676096039",
    SINGLE: "BE86407051416150",
    REDUCED: "NL77ABNA0574908765",
    DETAILED: "CH1111000000123456789",
}
TICK_BOX = "Import it although it contradicts itself"
DOES_NOT_ADD_UP = (
    "The statement 2014/2 does not add up: its opening balance and its lines make "
    "15555.28 EUR, but its closing balance is 15121.12 EUR (difference: -434.16 EUR)."
)
OTHER_ACCOUNT = (
    "The opening balance is for the account BE12341676096039, "
    "but the closing balance for another one, BE12301676096039."
)
FLAWED = [(REDUCED, 7, DOES_NOT_ADD_UP, -43_416), (GLOBALISED, 24, OTHER_ACCOUNT, None)]


@pytest.fixture(autouse=True)
def our_accounts(settings):
    settings.ORGANISATION_IBAN, settings.OTHER_IBANS = OURS, list(ACCOUNTS.values())
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def treasurer(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


def upload(client, *names, **sent):
    files = [SimpleUploadedFile(name, sample(name)) for name in names]
    return client.post(UPLOAD, {"statements": files, **sent})


def amounts():
    return list(BankLine.objects.order_by("pk").values_list("amount", flat=True))


def balances():
    return BankStatement.objects.values_list("opening_balance", "closing_balance").get()


@pytest.mark.parametrize(("name", "line", "reason", "difference"), FLAWED)
def test_file_that_contradicts_itself_is_refused_and_offered(
    client, treasurer, name, line, reason, difference
):
    answer = upload(client, name)

    (report,) = answer.context["reports"]
    page = answer.content.decode()
    assert [(flaw.line, flaw.reason) for flaw in report.flaws] == [(line, reason)]
    assert (report.refusal.line, report.refusal.reason) == (line, reason)
    assert f"Line {line}: {reason}" in page
    assert TICK_BOX in page
    assert (BankFile.objects.count(), BankLine.objects.count()) == (0, 0)


@pytest.mark.parametrize(("name", "line", "reason", "difference"), FLAWED)
def test_file_that_contradicts_itself_is_imported_if_one_wants_it_so(
    client, treasurer, name, line, reason, difference
):
    answer = upload(client, name, despite_flaws="on")

    (report,) = answer.context["reports"]
    statement = BankStatement.objects.get()
    assert (report.outcome.is_new, report.refusal) == (True, None)
    assert (statement.difference, statement.flaw) == (difference, reason)
    assert statement.account == ACCOUNTS[name]
    assert reason in answer.content.decode()
    assert TICK_BOX not in answer.content.decode()
    entry = AuditEntry.objects.get(action="bankfile.flaws_accepted")
    gaps = [] if difference is None else [difference]
    assert (entry.by, entry.details) == (treasurer, {"flaws": 1, "differences": gaps})
    assert entry.subject == f"bankfile:{statement.file_id}"


def test_lines_of_the_reduced_camt_are_those_of_its_entries(client, treasurer):
    upload(client, REDUCED, despite_flaws="on")

    # Its entries are 754.25 and 664.05 (in two payments) out, and 1405.31 in.
    assert amounts() == [-75_425, -56_405, -10_000, 140_531]
    assert sum(amounts()) == 140_531 - 75_425 - 66_405
    assert balances() == (1_556_827, 1_512_112)
    assert set(BankLine.objects.values_list("booked_on", flat=True)) == {date(2014, 1, 5)}


def test_lines_of_the_globalised_coda_make_its_balances_and_its_sums(client, treasurer):
    upload(client, GLOBALISED, despite_flaws="on")

    assert amounts() == [11_313_500, 11_313_500, 5_000_000, -54_430]
    assert balances() == (-45_517, 27_527_053)
    assert sum(amounts()) == 27_527_053 + 45_517
    assert sum(amount for amount in amounts() if amount > 0) == 27_627_000  # of its record 9
    days = BankLine.objects.order_by("pk").values_list("booked_on", flat=True)
    assert list(days) == [date(2011, 11, 11)] * 2 + [date(2014, 12, 10)] * 2  # as it says


@pytest.mark.parametrize("name", [REDUCED, GLOBALISED])
@pytest.mark.parametrize("second", [{"despite_flaws": "on"}, {}], ids=["ticked", "not ticked"])
def test_file_that_contradicts_itself_adds_nothing_the_second_time(client, treasurer, name, second):
    upload(client, name, despite_flaws="on")
    before = amounts()

    answer = upload(client, name, **second)

    (report,) = answer.context["reports"]
    assert (report.outcome.is_new, report.outcome.added) == (False, 0)
    assert (BankFile.objects.count(), amounts()) == (1, before)
    assert AuditEntry.objects.filter(action="bankfile.flaws_accepted").count() == 1


def test_coda_of_one_statement_adds_up_to_its_balances_and_sums(client, treasurer):
    answer = upload(client, SINGLE)

    assert answer.context["reports"][0].outcome.added == 30
    assert (len(amounts()), sum(amounts()), balances()) == (30, 0, (0, 0))
    # Its record 9 says so of both sums.
    assert sum(amount for amount in amounts() if amount > 0) == 6_470_301
    assert sum(amount for amount in amounts() if amount < 0) == -6_470_301
    statement = BankStatement.objects.get()
    assert (statement.account, statement.difference, statement.flaw) == (ACCOUNTS[SINGLE], None, "")
    assert not AuditEntry.objects.filter(action="bankfile.flaws_accepted").exists()


def test_camt_with_details_adds_up_to_its_balances(client, treasurer):
    upload(client, DETAILED)

    assert amounts() == [218_700, 129_600]
    assert balances() == (7_596_015, 7_944_315)
    assert sum(amounts()) == 7_944_315 - 7_596_015 == 348_300
    statement = BankStatement.objects.get()
    assert (statement.currency, statement.opened_on) == ("CHF", date(2017, 3, 22))
    assert (statement.difference, statement.flaw) == (None, "")


def test_all_samples_together_are_imported_and_the_faulty_one_refused(client, treasurer):
    names = [GLOBALISED, SINGLE, REDUCED, DETAILED, "Coda_faulty_version.txt"]

    answer = upload(client, *names, despite_flaws="on")

    reports = answer.context["reports"]
    added = [report.outcome and report.outcome.added for report in reports]
    assert added == [4, 30, 4, 2, None]
    assert reports[-1].refusal.line == 1
    assert reports[-1].refusal.reason == "CODA version 5 cannot be read, only version 2."


@pytest.mark.parametrize("name", [REDUCED, GLOBALISED])
def test_account_of_somebody_else_is_refused_whatever_is_ticked(client, treasurer, settings, name):
    # Not even if the closing balance alone is for an account of ours.
    settings.OTHER_IBANS = ["BE12301676096039"]

    answer = upload(client, name, despite_flaws="on")

    (report,) = answer.context["reports"]
    assert report.refusal.reason.startswith(f"The account {ACCOUNTS[name]} is not one of the")
    assert (report.flaws, BankFile.objects.count()) == ([], 0)
    assert TICK_BOX not in answer.content.decode()


def test_tick_box_is_not_offered_before_nor_where_nothing_was_read(client, treasurer):
    pages = [client.get(UPLOAD), upload(client, "Coda_faulty_version.txt"), client.post(UPLOAD)]

    assert [TICK_BOX in page.content.decode() for page in pages] == [False, False, False]


def test_tick_box_stays_ticked_if_no_file_was_chosen(client, treasurer):
    answer = client.post(UPLOAD, {"despite_flaws": "on"})

    assert answer.context["form"].errors == {"statements": ["Choose at least one file."]}
    assert answer.context["form"]["despite_flaws"].value() is True
    assert TICK_BOX in answer.content.decode()


def test_several_flaws_are_all_told_and_kept(client, treasurer):
    lines = coda([Move(2500)]).decode().splitlines()
    lines[5] = lines[5].replace(OURS, JAN).replace("0000000001025000", "0000000001020000")
    sent = [SimpleUploadedFile("march.cod", "\n".join(lines).encode()) for _ in range(2)]

    refused = client.post(UPLOAD, {"statements": [sent[0]]})
    client.post(UPLOAD, {"statements": [sent[1]], "despite_flaws": "on"})

    flaws = refused.context["reports"][0].flaws
    assert [flaw.line for flaw in flaws] == [6, 6]
    statement = BankStatement.objects.get()
    assert statement.flaw == "\n".join(flaw.reason for flaw in flaws)
    assert statement.difference == -500


def test_statements_are_marked_in_the_list_and_say_why(client, treasurer):
    upload(client, REDUCED, GLOBALISED, SINGLE, despite_flaws="on")

    listed = client.get(STATEMENTS).content.decode()
    statement = BankStatement.objects.get(account=ACCOUNTS[REDUCED])
    shown = client.get(f"{STATEMENTS}{statement.pk}/change/").content.decode()

    assert listed.count("does not add up: -€434.16") == 1
    assert listed.count("contradicts itself") == 1
    assert DOES_NOT_ADD_UP in shown
    assert "does not add up: -€434.16" in shown
