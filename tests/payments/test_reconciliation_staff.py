"""Stripe and us: the page on which staff see what differs."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from crm.access import Role
from payments.books import Difference
from tests.factories import (
    AT,
    BankLineFactory,
    DifferenceFactory,
    GiftFactory,
    PayoutFactory,
    PayoutLineFactory,
    ReconciliationFactory,
)
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
PAGE = "/staff/payments/reconciliation/"


@pytest.fixture
def fundraiser(client, staff):
    client.force_login(staff(Role.FUNDRAISER))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def test_page_says_that_nothing_was_compared_yet(fundraiser):
    page = text(fundraiser.get(PAGE))

    assert "Our books were not compared with Stripe's yet." in page
    assert "No payout yet." in page
    assert "agree" not in page.partition("What differs")[2].partition("Last payouts")[0]


def test_page_says_that_the_books_agree(fundraiser):
    ReconciliationFactory()

    page = text(fundraiser.get(PAGE))

    assert "To the cent" in page
    assert "Our books and Stripe's agree." in page


def test_difference_stands_with_both_sides_its_gift_its_payout_and_what_to_do(fundraiser):
    ReconciliationFactory(differences=1)
    line = PayoutLineFactory(gift=GiftFactory())
    DifferenceFactory(kind="payout", reference=line.transaction, gift=line.gift)

    page = text(fundraiser.get(PAGE))

    assert "1 difference" in page
    assert "<dt>Our books</dt><dd>€24</dd>" in page
    assert "<dt>Stripe's books</dt><dd>€24.37</dd>" in page
    assert f'href="/staff/crm/gift/{line.gift_id}/change/"' in page
    assert f'href="/staff/payments/payout/{line.payout_id}/change/"' in page
    assert "The payout brought another sum than our entries say." in page


def test_resolved_difference_is_in_the_list_only(fundraiser):
    DifferenceFactory(reference="txn_old", resolved_at=AT)

    assert "txn_old" not in text(fundraiser.get(PAGE))
    assert "txn_old" in text(fundraiser.get("/staff/payments/difference/"))
    assert "txn_old" not in text(fundraiser.get("/staff/payments/difference/?state=open"))


@pytest.mark.parametrize("kind", Difference.Kind.values)
def test_every_kind_of_difference_says_what_to_do(fundraiser, kind):
    difference = DifferenceFactory(kind=kind)

    page = text(fundraiser.get(f"/staff/payments/difference/{difference.pk}/change/"))

    assert "What to do" in page
    assert str(difference.get_kind_display()).replace("'", "&#x27;") in page


def test_run_that_stopped_is_told(fundraiser):
    ReconciliationFactory(finished_at=None)

    assert "was not finished: Stripe could not be reached" in text(fundraiser.get(PAGE))


def test_compare_now_queues_one_comparison_and_the_page_says_so(fundraiser, stripe):
    for _ in range(2):
        answer = fundraiser.post(PAGE)
        assert (answer.status_code, answer["Location"]) == (302, PAGE)

    assert ProcrastinateJob.objects.filter(task_name="payments.reconcile").count() == 1
    assert "A comparison waits for a worker or is running." in text(fundraiser.get(PAGE))
    assert run_jobs() == ["payments.reconcile"]
    assert "waits for a worker" not in text(fundraiser.get(PAGE))


@pytest.mark.parametrize("role", [Role.READER, Role.CAMPAIGNER])
def test_who_sees_no_money_neither_sees_nor_starts_a_comparison(client, staff, role):
    client.force_login(staff(role))
    payout = PayoutFactory()

    paths = [PAGE, "/staff/payments/payout/", f"/staff/payments/payout/{payout.pk}/change/"]
    answers = [client.post(PAGE), *(client.get(path) for path in paths)]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert ProcrastinateJob.objects.count() == 0


def test_payout_shows_its_lines_and_marks_those_that_differ(fundraiser):
    payout = PayoutFactory(our_sum=2400)
    gift = GiftFactory()
    odd = PayoutLineFactory(payout=payout, gift=gift)
    PayoutLineFactory(payout=payout, kind="stripe_fee", amount=-200, fee=0, net=-200)
    DifferenceFactory(kind="payout", reference=odd.transaction, gift=gift)

    page = text(fundraiser.get(f"/staff/payments/payout/{payout.pk}/change/"))

    assert "Does not add up: see the lines marked below." in page
    assert page.count('class="st-odd"') == 1
    assert "our books: €24" in page
    assert "no gift of ours" in page
    assert f'href="/staff/crm/gift/{gift.pk}/change/"' in page


def test_payout_asked_for_by_hand_is_not_said_to_differ(fundraiser):
    payout = PayoutFactory(lines_sum=None, our_sum=None)

    page = text(fundraiser.get(f"/staff/payments/payout/{payout.pk}/change/"))

    assert "This payout was asked for by hand" in page
    assert "Its lines are not known." in page


def test_payout_says_on_which_day_the_bank_booked_it(fundraiser):
    payout = PayoutFactory(bank_line=BankLineFactory())

    page = text(fundraiser.get(f"/staff/payments/payout/{payout.pk}/change/"))

    assert "<dt>On the bank statement</dt><dd>March 3, 2026</dd>" in page


@pytest.mark.parametrize("name", ["9", "abc", "²"])
def test_payout_that_is_not_there_is_not_found(fundraiser, name):
    assert fundraiser.get(f"/staff/payments/payout/{name}/change/").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_however_much_they_show(
    fundraiser, count, django_assert_max_num_queries
):
    payout = PayoutFactory()
    for _ in range(count):
        line = PayoutLineFactory(payout=payout, gift=GiftFactory())
        DifferenceFactory(kind="payout", reference=line.transaction, gift=line.gift)
        PayoutFactory(bank_line=BankLineFactory())
        ReconciliationFactory()
    paths = [
        PAGE,
        "/staff/payments/payout/",
        "/staff/payments/difference/",
        f"/staff/payments/payout/{payout.pk}/change/",
    ]
    found = []
    for path in paths:
        with django_assert_max_num_queries(40) as queries:
            fundraiser.get(path)
        found.append(len(queries))

    assert found == [13, 5, 5, 8]
