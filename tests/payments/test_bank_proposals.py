"""Who may have paid a line: whom staff are shown first, and why."""

from datetime import date

import pytest

from crm.donations.credits import MatchingGift
from payments.imports import decisions, proposals
from tests.factories import EntryFactory, GiftFactory, SupporterFactory
from tests.payments.bank.scene import NOW, knows, promise, take
from tests.payments.bank.writing import JAN, OURS, Move

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def our_account(settings):
    settings.ORGANISATION_IBAN = OURS
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def marie(db):
    return SupporterFactory(given_name="Marie", family_name="Dupont", email="marie@example.org")


def reasons(line):
    return [(str(each.supporter), each.reasons) for each in proposals.proposals_for(line)]


def test_proposals_say_why_and_the_likeliest_comes_first(marie):
    knows(marie, JAN)
    SupporterFactory(given_name="Marie", family_name="Dupont-Leroy")
    SupporterFactory(given_name="Marie", family_name="Peeters")
    anna = SupporterFactory(given_name="Anna", family_name="Claes")
    instalment = promise(anna)
    GiftFactory(supporter=marie, amount=2500)
    (line,) = take(Move(2500, "Mme DUPONT MARIE", JAN, "merci"), match=False)

    assert reasons(line) == [
        (
            "Marie Dupont",
            ["paid from this account before", "same name", "gave the same amount last time"],
        ),
        ("Anna Claes", ["a part of their pledge of this amount is due on March 15, 2026"]),
        ("Marie Dupont-Leroy", ["similar name: dupont marie"]),
    ]
    assert proposals.proposals_for(line)[1].instalment == instalment.pk


def test_expected_matching_gift_of_an_employer_is_proposed_and_received(marie):
    works = SupporterFactory(kind="organisation", given_name="", family_name="Acme NV")
    gift = GiftFactory(supporter=marie)
    expected = MatchingGift.objects.create(
        gift=gift, employer=works, amount=5000, currency="EUR", promised_on=date(2026, 3, 1)
    )
    (line,) = take(Move(5000, "ACME NV", JAN))
    (found,) = proposals.proposals_for(line)
    settled = proposals.settling(
        supporter=works, instalment=found.instalment, matching_gift=found.matching
    )

    decisions.accept(line=line, supporter=works, at=NOW, **settled)

    expected.refresh_from_db()
    line.refresh_from_db()
    assert found.reasons == ["same name", "their matching gift of this amount is expected"]
    assert expected.received == line.gift
    decisions.undo(line=line, at=NOW)
    expected.refresh_from_db()
    assert expected.received is None


def test_promise_of_somebody_else_is_not_settled(marie):
    instalment = promise(SupporterFactory())

    found = proposals.settling(supporter=marie, instalment=instalment.pk, matching_gift=0)

    assert found == {"instalment": None, "matching": None}


def paid(supporter, amount, **fields):
    gift = GiftFactory(supporter=supporter, amount=amount, method="bank_transfer", **fields)
    EntryFactory(gift=gift, amount=amount)
    return gift


def test_gifts_that_may_have_come_back_are_those_of_account_or_name(marie):
    knows(marie)
    paid(SupporterFactory(given_name="Jan", family_name="Peeters"), 2500)
    older = paid(marie, 2500, received_on=date(2026, 2, 1))
    larger = paid(marie, 9000)
    paid(marie, 1000)
    gone = paid(marie, 2500)
    EntryFactory(gift=gone, kind="refund", amount=-2500)
    (line,) = take(Move(-2500, "DUPONT MARIE"))

    assert proposals.gifts_returned_by(line) == [older, larger]


@pytest.mark.parametrize("number", [1, 3])
def test_proposals_cost_the_same_whatever_their_number(number, django_assert_num_queries):
    for _each in range(number):
        SupporterFactory(given_name="Marie", family_name="Dupont")
    (line,) = take(Move(2500), match=False)

    with django_assert_num_queries(6):
        found = proposals.proposals_for(line)

    assert len(found) == number
