"""Taking in files of banks: once, whole, and only those of our accounts."""

from datetime import date

import pytest
from django.utils import translation

from crm.audit import AuditEntry
from crm.donations.models import Gift
from payments.bank.lines import Unreadable
from payments.imports.files import import_file
from payments.statements import BankFile, BankLine, BankStatement
from tests.factories import SupporterFactory
from tests.payments.bank.writing import JAN, MARIE, OURS, SHOP, Move, camt, coda

pytestmark = pytest.mark.django_db
OTHER = "BE43068999999501"
TWICE = [Move(2500), Move(2500)]


@pytest.fixture(autouse=True)
def our_account(settings):
    settings.ORGANISATION_IBAN = OURS


@pytest.fixture
def take(now):
    def take(data, name="march.cod"):
        return import_file(name=name, data=data, at=now)

    return take


def amounts():
    return list(BankLine.objects.order_by("pk").values_list("amount", flat=True))


def test_file_is_written_with_its_statements_and_lines(take, staff, now):
    user = staff()

    found = import_file(name="march.cod", data=coda([Move(2500), Move(-1000)]), at=now, by=user)

    file, statement = BankFile.objects.get(), BankStatement.objects.get()
    assert (found.file, found.is_new, found.added, found.known) == (file, True, 2, 0)
    assert (file.name, file.format, file.uploaded_by) == ("march.cod", "coda", user)
    assert (statement.opening_balance, statement.closing_balance) == (100_000, 101_500)
    assert [line.position for line in statement.lines.order_by("pk")] == [1, 2]
    entry = AuditEntry.objects.get(action="bankfile.imported")
    assert (entry.by, entry.details) == (user, {"lines": 2, "known": 0})


def test_same_file_twice_adds_nothing(take):
    first = take(coda([Move(2500)]))

    second = take(coda([Move(2500)]), "copy.cod")

    assert (second.file, second.is_new, second.added) == (first.file, False, 0)
    assert (BankFile.objects.count(), amounts()) == (1, [2500])


@pytest.mark.parametrize("references", [True, False])
def test_two_equal_transfers_of_one_day_stay_two(take, references):
    take(coda(TWICE, references=references))

    assert amounts() == [2500, 2500]


@pytest.mark.parametrize("references", [True, False])
def test_same_day_in_the_other_format_adds_nothing(take, references):
    take(coda(TWICE, references=references))

    found = take(camt(TWICE, references=references))

    assert (found.added, found.known, amounts()) == (0, 2, [2500, 2500])


def test_same_day_in_the_other_format_adds_nothing_where_banks_add_payments_up(take):
    take(camt([Move(2000, text="A"), Move(3000, text="B")]))

    found = take(coda([Move(5000, name="", iban="", text="2 PAYMENTS")]))

    assert (found.added, amounts()) == (0, [2000, 3000])


@pytest.mark.parametrize("write", [coda, camt])
def test_longer_statement_adds_only_the_days_that_are_new(take, write):
    earlier = [Move(2500, on=date(2026, 3, 9)), Move(2500, on=date(2026, 3, 9))]
    take(coda(earlier, closed_on=date(2026, 3, 9)))

    found = take(write([*earlier, Move(4000)]))

    assert (found.added, found.known, amounts()) == (1, 2, [2500, 2500, 4000])


def test_second_statement_of_a_day_adds_equal_transfers_that_the_bank_names_differently(take):
    take(coda([Move(2500, reference="A1")]))

    found = take(coda([Move(2500, reference="A2")], opening=102_500, number=43))

    assert (found.added, amounts()) == (1, [2500, 2500])


def test_other_format_with_other_references_knows_a_line_by_what_was_written(take):
    take(coda([Move(2500, reference="A1", text="Don de mars"), Move(100, reference="A9")]))

    found = take(camt([Move(2500, reference="Z7", text="Don  de MARS")], opening=100_100))

    assert found.added == 0


def test_other_format_with_another_communication_is_another_line(take):
    take(coda([Move(2500, reference="A1", text="Don de mars"), Move(100, reference="A9")]))

    found = take(camt([Move(2500, reference="Z7", text="Don pour Lina")], opening=100_100))

    assert found.added == 1


@pytest.mark.parametrize("fields", [{"text": "Don " * 100}, {"reference": "KB42" * 25}])
def test_line_that_tells_more_than_is_kept_is_known_again(take, fields):
    move = Move(2500, on=date(2026, 3, 9), **fields)
    take(camt([move], closed_on=date(2026, 3, 9), references=False))

    found = take(camt([move, Move(4000)], references=False))

    assert (found.added, found.known, amounts()) == (1, 1, [2500, 4000])


def test_known_line_is_recognised_once_only(take):
    take(coda([Move(2500)], references=False))

    found = take(camt([Move(2500), Move(2500)], references=False))

    assert (found.added, found.known, amounts()) == (1, 1, [2500, 2500])


def test_two_statements_in_one_file_are_both_written(take):
    take(coda([Move(2500)]) + coda([Move(2500)], opening=102_500, number=43))

    assert (BankStatement.objects.count(), amounts()) == (2, [2500, 2500])


def test_statement_that_stands_twice_in_a_file_is_written_once(take):
    take(coda([Move(2500)]) + coda([Move(2500)]))

    assert (BankStatement.objects.count(), amounts()) == (1, [2500])


def test_statement_of_a_foreign_account_refuses_the_whole_file(take):
    with translation.override("en"), pytest.raises(Unreadable) as caught:
        take(coda([Move(1)]) + coda([Move(2)], account=OTHER))

    assert caught.value.line == 8
    assert caught.value.reason.startswith(f"The account {OTHER} is not one of the organisation's")
    assert (BankFile.objects.count(), BankLine.objects.count()) == (0, 0)


def test_statement_of_a_second_account_is_taken_once_it_is_named(take, settings):
    settings.OTHER_IBANS = [OTHER]

    take(coda([Move(1)], account=OTHER))

    assert BankStatement.objects.get().account == OTHER


def test_nothing_is_written_of_a_file_with_a_fault_at_its_end(take):
    with pytest.raises(Unreadable):
        take(coda([Move(1)]) + coda([Move(2)])[:300])

    assert (BankFile.objects.count(), BankStatement.objects.count()) == (0, 0)


def test_what_is_paid_to_others_and_moved_between_own_accounts_waits_for_nobody(take, settings):
    settings.OTHER_IBANS = [OTHER]
    SupporterFactory().identifiers.create(system="iban", value=JAN)

    take(
        coda(
            [
                Move(-9000, "LANDLORD", SHOP.replace("43", "42"), "Rent"),
                Move(5000, "AMIS DES ENFANTS", OTHER, "Transfer"),
                Move(-2500, "PEETERS JAN", JAN, "Back"),
                Move(-2000, "X", returned=True),
                Move(800, "LANDLORD", returned=True),
                Move(2500, "DUPONT MARIE", MARIE),
            ]
        )
    )

    lines = BankLine.objects.order_by("pk").values_list("state", "matched_by")
    assert list(lines) == [
        ("no_gift", "rule"),
        ("no_gift", "rule"),
        ("waiting", ""),
        ("waiting", ""),
        ("no_gift", "rule"),
        ("waiting", ""),
    ]
    assert Gift.objects.count() == 0


@pytest.mark.parametrize("write", [coda, camt])
def test_thousands_of_lines_take_few_queries(take, write, django_assert_max_num_queries):
    moves = [Move(100 + number, text=f"Don {number}") for number in range(3000)]

    with django_assert_max_num_queries(20):
        found = take(write(moves))

    assert found.added == 3000
