"""From lines to gifts: by themselves, by a person, and back again."""

from datetime import date, timedelta

import pytest
from django.db import connection

from crm.audit import AuditEntry
from crm.donations.communications import communication_for
from crm.donations.instructions import CannotRefund
from crm.donations.models import Entry, Gift
from crm.donations.pledges import Instalment
from crm.mailing.models import Mail
from crm.people.models import Identifier, Supporter
from payments.imports import automatic, decisions, proposals
from payments.statements import BankFile, BankLine
from tests.factories import EntryFactory, GiftFactory, SupporterFactory
from tests.jobs import run_jobs
from tests.payments.bank.scene import NOW, knows, promise, take
from tests.payments.bank.writing import JAN, MARIE, OURS, Move

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def our_account(settings):
    settings.ORGANISATION_IBAN = OURS
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def marie(db):
    return SupporterFactory(given_name="Marie", family_name="Dupont", email="marie@example.org")


def net(gift):
    return sum(gift.entries.values_list("amount", flat=True))


def test_communication_makes_a_gift_at_once(marie, campaign):
    communication = communication_for(supporter=marie, campaign=campaign, appeal="Letter", at=NOW)

    (line,) = take(Move(2500, "SOMEBODY ELSE", JAN, communication.digits))

    gift = Gift.objects.get()
    assert (line.state, line.gift, line.matched_by) == ("gift", gift, "communication")
    assert (gift.supporter, gift.campaign, gift.amount) == (marie, campaign, 2500)
    assert (gift.status, gift.method, gift.received_on) == ("paid", "bank_transfer", line.booked_on)
    assert (gift.reference, gift.source.channel) == (f"bank:{line.key}", "bank")
    assert [(entry.kind, entry.amount) for entry in gift.entries.all()] == [("payment", 2500)]
    assert Identifier.objects.get(system="iban").value == JAN


def test_giver_with_an_address_is_thanked_at_once_and_once(marie):
    communication = communication_for(supporter=marie, campaign=None, at=NOW)
    (line,) = take(Move(2500, text=communication.digits))

    run_jobs()
    automatic.match_file(file=line.statement.file, at=NOW)
    run_jobs()

    assert Mail.objects.get(template="gift_thanks").supporter == marie
    assert Gift.objects.count() == 1


def test_giver_without_an_address_gives_too(db):
    lina = SupporterFactory(email="")
    communication = communication_for(supporter=lina, campaign=None, at=NOW)

    take(Move(2500, text=communication.digits))
    run_jobs()

    assert (Gift.objects.get().supporter, Mail.objects.count()) == (lina, 0)


def test_old_statement_thanks_nobody(marie):
    communication = communication_for(supporter=marie, campaign=None, at=NOW)

    take(Move(2500, text=communication.digits, on=date(2025, 12, 1)))
    run_jobs()

    assert (Gift.objects.count(), Mail.objects.count()) == (1, 0)


def test_file_is_matched_by_its_job_too(marie):
    communication = communication_for(supporter=marie, campaign=None, at=NOW)
    take(Move(2500, text=communication.digits), match=False)

    done = run_jobs()

    assert done[:2] == ["payments.match_lines", "payments.match_payouts"]
    assert BankLine.objects.get().state == "gift"


def test_known_account_under_the_same_name_makes_a_gift(marie):
    knows(marie)

    (line,) = take(Move(2500, "DUPONT MARIE"))

    assert (line.state, line.matched_by, line.gift.supporter) == ("gift", "iban", marie)


@pytest.mark.parametrize(
    "move",
    [
        Move(2500, "DUPONT PAUL"),
        Move(2500, "DUPONT MARIE", JAN),
        Move(2500, "DUPONT MARIE", text="090933755493"),
        Move(2500, "DUPONT MARIE", text="+++090/9337/55493+++"),
    ],
    ids=["another name", "another account", "a communication of others", "typed as text"],
)
def test_what_is_less_certain_waits_for_a_person(marie, move):
    knows(marie)

    (line,) = take(move)

    assert (line.state, Gift.objects.count()) == ("waiting", 0)


def test_known_accounts_are_only_proposed_where_the_organisation_wants_it_so(marie, settings):
    settings.MATCH_KNOWN_ACCOUNTS = False
    knows(marie)

    (line,) = take(Move(2500, "DUPONT MARIE"))

    assert line.state == "waiting"


def test_communication_of_everybody_gives_its_campaign_to_who_is_known_by_account(marie, campaign):
    knows(marie)
    communication = communication_for(supporter=None, campaign=campaign, at=NOW)

    known, unknown = take(
        Move(2500, "DUPONT MARIE", MARIE, communication.digits),
        Move(2500, "PEETERS JAN", JAN, communication.digits),
    )

    assert (known.gift.supporter, known.gift.campaign) == (marie, campaign)
    assert unknown.state == "waiting"
    assert proposals.campaign_of(unknown) == campaign


def test_erased_donor_gets_no_gift_by_itself(marie):
    communication = communication_for(supporter=marie, campaign=None, at=NOW)
    Supporter.objects.update(erased_at=NOW)

    (line,) = take(Move(2500, text=communication.digits))

    assert line.state == "waiting"


def test_part_of_a_pledge_is_paid_by_the_gift_that_fits_it(marie):
    communication = communication_for(supporter=marie, campaign=None, at=NOW)
    march = promise(marie)
    promise(marie, due_on=date(2026, 9, 15))

    first, second = take(*[Move(2500, text=communication.digits)] * 2)

    march.refresh_from_db()
    assert march.gift == first.gift
    assert not Instalment.objects.filter(gift=second.gift).exists()


def test_many_lines_are_looked_up_at_once(marie, django_assert_max_num_queries):
    knows(marie)
    (line, *_rest) = take(*[Move(100 + each, "NOBODY") for each in range(150)], match=False)

    with django_assert_max_num_queries(5):
        automatic.match_file(file=line.statement.file, at=NOW)


def test_person_decides_and_the_account_is_remembered(marie, staff):
    user = staff()
    (line,) = take(Move(2500))

    decisions.accept(line=line, supporter=marie, at=NOW, by=user)

    line.refresh_from_db()
    assert (line.state, line.matched_by, line.decided_by) == ("gift", "staff", user)
    assert Identifier.objects.get(system="iban", value=MARIE).supporter == marie
    entry = AuditEntry.objects.get(action="bankline.gift")
    assert (entry.by, entry.details) == (user, {"how": "staff", "gift": line.gift_id})


def test_decision_of_staff_thanks_only_after_the_time_to_undo(marie):
    (line,) = take(Move(2500))
    run_jobs()

    decisions.accept(line=line, supporter=marie, at=NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, scheduled_at FROM procrastinate_jobs")
        assert cursor.fetchall() == [
            ("payments.thank_for_transfer", NOW + timedelta(minutes=10)),
        ]
    run_jobs()
    assert Mail.objects.get(template="gift_thanks").supporter == marie


def test_second_decision_about_a_line_is_refused(marie):
    (line,) = take(Move(2500))
    decisions.accept(line=line, supporter=marie, at=NOW)

    with pytest.raises(decisions.AlreadyDecided):
        decisions.accept(line=line, supporter=SupporterFactory(), at=NOW)

    assert Gift.objects.get().supporter == marie


def test_somebody_new_needs_no_address(db):
    (line,) = take(Move(2500))
    person = {"given_name": "Lina", "family_name": "Maes", "email": "", "language": "nl"}

    decisions.accept_newcomer(line=line, person=person, at=NOW)

    assert (str(Gift.objects.get().supporter), Gift.objects.get().supporter.email) == (
        "Lina Maes",
        "",
    )


def test_undone_gift_is_taken_back_in_the_books_and_its_line_is_free(marie, staff):
    user, other = staff(), SupporterFactory()
    instalment = promise(marie)
    (line,) = take(Move(2500))
    decisions.accept(line=line, supporter=marie, instalment=instalment, at=NOW, by=user)
    wrong = Gift.objects.get()

    decisions.undo(line=line, at=NOW, by=user)

    line.refresh_from_db()
    instalment.refresh_from_db()
    assert (line.state, line.gift, line.decided_at, line.matched_by) == (
        "waiting",
        None,
        None,
        "undone",
    )
    assert (net(wrong), instalment.gift) == (0, None)
    assert not Identifier.objects.filter(system="iban").exists()
    assert AuditEntry.objects.get(action="bankline.undone").details == {"was": "gift"}
    run_jobs()
    assert not Mail.objects.exists()

    decisions.accept(line=line, supporter=other, at=NOW, by=user)

    right = Gift.objects.get(supporter=other)
    assert (right.reference, net(right)) == (f"bank:{line.key}#2", 2500)


def test_undone_line_is_never_matched_by_itself_again(marie):
    communication = communication_for(supporter=marie, campaign=None, at=NOW)
    (line,) = take(Move(2500, text=communication.digits))

    decisions.undo(line=line, at=NOW)
    automatic.match_file(file=BankFile.objects.get(), at=NOW)

    line.refresh_from_db()
    assert line.state == "waiting"


def test_account_that_another_gift_taught_is_remembered_after_an_undo(marie):
    first, second = take(Move(2500, text="A"), Move(2500, text="B"))
    decisions.accept(line=first, supporter=marie, at=NOW)
    decisions.accept(line=second, supporter=marie, at=NOW)

    decisions.undo(line=second, at=NOW)

    assert Identifier.objects.get(system="iban").supporter == marie


def test_undo_twice_and_undo_of_a_payout_are_refused(marie):
    waiting, payout = take(Move(2500, text="A"), Move(2500, text="B"))
    BankLine.objects.filter(pk=payout.pk).update(state="payout")

    for line in (waiting, payout):
        with pytest.raises(decisions.CannotUndo):
            decisions.undo(line=line, at=NOW)


def test_line_that_is_no_gift_can_be_taken_up_again(db):
    (line,) = take(Move(2500))

    assert decisions.set_aside(line=line, at=NOW).state == "no_gift"
    assert decisions.undo(line=line, at=NOW).state == "waiting"


def test_returned_transfer_refunds_its_gift(marie, staff):
    user = staff()
    knows(marie)
    came, went = take(Move(2500, "DUPONT MARIE"), Move(-2500, "DUPONT MARIE"))

    decisions.take_back(line=went, gift=came.gift, at=NOW, by=user)

    went.refresh_from_db()
    refund = Entry.objects.get(kind="refund")
    assert (went.state, went.gift) == ("returned", None)
    assert (refund.reference, refund.amount, refund.gift) == (f"bank:{went.key}", -2500, came.gift)
    assert net(came.gift) == 0


def test_returned_transfer_can_be_undone_and_linked_again(marie):
    knows(marie)
    came, went = take(Move(2500, "DUPONT MARIE"), Move(-1000, "DUPONT MARIE"))
    other = GiftFactory(supporter=marie)
    EntryFactory(gift=other)
    decisions.take_back(line=went, gift=came.gift, at=NOW)

    decisions.undo(line=went, at=NOW)
    decisions.take_back(line=went, gift=other, at=NOW)

    assert (net(came.gift), net(other)) == (2500, 1500)


@pytest.mark.parametrize("returned", [2500, 1000])
def test_undone_return_of_a_gift_that_was_undone_itself_brings_no_money_back(marie, returned):
    knows(marie)
    came, went = take(Move(2500, "DUPONT MARIE"), Move(-returned, "DUPONT MARIE"))
    wrong = came.gift
    decisions.take_back(line=went, gift=wrong, at=NOW)

    decisions.undo(line=came, at=NOW)
    decisions.accept(line=came, supporter=SupporterFactory(), at=NOW)
    decisions.undo(line=went, at=NOW)

    went.refresh_from_db()
    assert (went.state, net(wrong)) == ("waiting", 0)


def test_more_than_is_left_of_a_gift_cannot_go_back(marie):
    knows(marie)
    came, first, second = take(
        Move(2500, "DUPONT MARIE"), Move(-2000, text="A"), Move(-2000, text="B")
    )
    decisions.take_back(line=first, gift=came.gift, at=NOW)

    with pytest.raises(CannotRefund) as caught:
        decisions.take_back(line=second, gift=came.gift, at=NOW)

    second.refresh_from_db()
    assert (caught.value.left, second.state) == (500, "waiting")


def test_money_that_went_out_is_no_gift_and_money_that_came_in_no_return(marie):
    knows(marie)
    came, went = take(Move(2500, "X"), Move(-2500, "X"))

    with pytest.raises(decisions.WrongSign):
        decisions.accept(line=went, supporter=marie, at=NOW)
    with pytest.raises(decisions.WrongSign):
        decisions.take_back(line=came, gift=GiftFactory(), at=NOW)
