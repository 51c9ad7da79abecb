"""Many gifts entered in a grid, and posted when they add up to what was counted."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.batches import Batch, BatchRow
from crm.donations.models import Gift
from crm.donations.posting import (
    BatchChanged,
    discard_batch,
    save_rows,
)
from tests.crm.grids import known, new, page, problems, sent
from tests.factories import BatchFactory, FundFactory, SupporterFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db
ADD = "/staff/crm/batch/add/"


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


@pytest.fixture
def batch(db):
    """Two gifts of 30 euros together."""
    return BatchFactory()


def opened(**changes):
    return {
        "name": "May Day",
        "method": "cash",
        "received_on": "2026-03-01",
        "expected_count": "3",
        "expected_total": "45,50",
        "language": "nl",
        **changes,
    }


def test_new_batch_holds_what_was_counted(client, fundraiser, campaign):
    fund = FundFactory()

    answer = client.post(ADD, opened(campaign=campaign.pk, fund=fund.pk, thank="on"))

    batch = Batch.objects.get()
    assert answer.url == page(batch)
    assert (batch.expected_count, batch.expected_total) == (3, 4550)
    assert (batch.campaign, batch.fund, batch.thank, batch.language) == (campaign, fund, True, "nl")
    assert AuditEntry.objects.values_list("action", "by").get() == ("batch.opened", fundraiser.pk)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("received_on", "2999-01-01"),
        ("expected_count", "0"),
        ("expected_count", "501"),
        ("expected_total", "much"),
        ("expected_total", "0"),
        ("method", "card"),
        ("name", ""),
    ],
)
def test_batch_that_makes_no_sense_is_not_opened(client, fundraiser, field, value):
    answer = client.post(ADD, opened(**{field: value}))

    assert list(answer.context["form"].errors) == [field]
    assert Batch.objects.count() == 0


def test_draft_is_kept_with_unfinished_rows(client, fundraiser, batch):
    pia, fund = SupporterFactory(), FundFactory()
    rows = [known(pia, "", fund=fund.pk), {}, {"amount": "12,50", "is_anonymous": "on"}]

    answer = client.post(page(batch), sent(*rows))

    assert answer.url == page(batch)
    kept = batch.rows.order_by("position").values_list(
        "position", "supporter", "amount", "fund", "is_anonymous"
    )
    assert list(kept) == [(1, pia.pk, None, fund.pk, False), (2, None, 1250, None, True)]
    assert Gift.objects.count() == 0


def test_kept_rows_stand_in_the_grid_again(client, fundraiser, batch):
    client.post(page(batch), sent(known(SupporterFactory(), "12,50"), new(postcode="1000")))

    lines = client.get(page(batch)).context["lines"]

    first, second, *empty = [line.values for line in lines]
    assert (first["who"], first["amount"]) == ("Sam Supporter", "12,50")
    assert (second["given_name"], second["postcode"], second["amount"]) == ("Nina", "1000", "20")
    assert [any(values.values()) for values in empty] == [False]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (new(amount="ten"), "Row 2: Write an amount, such as 25 or 12,50."),
        (new(amount="-5"), "Row 2: Write an amount, such as 25 or 12,50."),
        (new(email="nina"), "Row 2: This is not an e-mail address."),
        (new(postcode="1" * 13), "Row 2: At most 12 characters."),
        (new(fund="999"), "Row 2: This fund is closed."),
        (
            {"who": "Zacharias", "amount": "5"},
            "Row 2: Nobody is found for “Zacharias”. "
            "Write a new donor beside it, or leave it empty.",
        ),
    ],
    ids=["amount", "negative", "address", "postcode", "fund", "nobody"],
)
def test_row_that_does_not_fit_is_named_and_nothing_is_kept(client, fundraiser, batch, row, told):
    answer = client.post(page(batch), sent(new(), row))

    assert problems(answer) == [told]
    assert answer.context["lines"][1].values["amount"] == row["amount"]
    assert BatchRow.objects.count() == 0


def test_somebody_known_and_somebody_new_in_one_row_is_refused(client, fundraiser, batch):
    answer = client.post(page(batch), sent(known(SupporterFactory(), given_name="Nina")))

    told = "Row 1: Choose somebody we know or write somebody new, not both."
    assert problems(answer) == [told]


def test_words_that_find_one_supporter_are_enough(client, fundraiser, batch):
    pia = SupporterFactory(given_name="Pia", family_name="Peeters", postcode="9000")

    client.post(page(batch), sent({"who": "peet 9000", "amount": "10"}))

    assert BatchRow.objects.get().supporter == pia


def test_words_that_find_several_ask_which_one(client, fundraiser, batch):
    sam, other = SupporterFactory(), SupporterFactory()
    row = {"who": "sam", "amount": "10"}

    answer = client.post(page(batch), sent(row))
    client.post(page(batch), sent({**row, "pick": other.pk}))

    assert answer.context["lines"][0].choices == [sam, other]
    assert BatchRow.objects.get().supporter == other


def test_changed_words_overrule_who_was_chosen_before(client, fundraiser, batch):
    sam = SupporterFactory()
    pia = SupporterFactory(given_name="Pia")

    client.post(page(batch), sent({**known(sam), "who": "pia"}))

    assert BatchRow.objects.get().supporter == pia


def test_second_of_two_people_is_told_and_overwrites_nothing(client, fundraiser, batch):
    client.post(page(batch), sent(new("Anna")))

    answer = client.post(page(batch), sent(new("Bea"), version=0))

    assert answer.context["is_stale"]
    assert answer.context["lines"][0].values["given_name"] == "Bea"
    assert BatchRow.objects.get().given_name == "Anna"


def test_same_rows_sent_twice_are_no_conflict(client, fundraiser, batch):
    form = sent(new("Anna"))

    client.post(page(batch), form)
    answer = client.post(page(batch), form)

    assert answer.status_code == 302
    assert Batch.objects.get().version == 1


def test_version_that_is_none_overwrites_nothing(client, fundraiser, batch):
    client.post(page(batch), sent(new("Anna"), version="x"))

    assert BatchRow.objects.count() == 0


def test_open_batch_is_thrown_away_after_a_question(client, fundraiser, batch):
    client.post(page(batch), sent(new()))
    address = reverse("admin:crm_batch_discard", args=[batch.pk])

    asked = client.post(address)
    client.post(address, {"confirmed": "yes"})

    assert asked.status_code == 200
    assert (Batch.objects.count(), BatchRow.objects.count()) == (0, 0)
    assert AuditEntry.objects.filter(action="batch.discarded", by=fundraiser).count() == 1
    discard_batch(batch=batch, at=timezone.now())


def test_search_finds_supporters_to_choose(client, fundraiser, batch):
    pia = SupporterFactory(given_name="Pia", family_name="Peeters", email="pia@example.org")
    SupporterFactory(given_name="Pia", erased_at=timezone.now())
    address = reverse("admin:crm_batch_people", args=[batch.pk])

    found = client.get(address, {"q": "pee"}).json()

    told = {"id": pia.pk, "name": "Pia Peeters", "where": "1000 pia@example.org"}
    assert found == {"people": [told]}
    assert client.get(address).json() == {"people": []}


def test_who_may_only_read_fills_in_nothing(client, staff, batch):
    client.force_login(staff(Role.CAMPAIGNER))

    assert client.post(page(batch), sent(new())).status_code == 403
    assert BatchRow.objects.count() == 0


def test_open_batches_stand_first(client, fundraiser):
    BatchFactory(name="Done", posted_at=timezone.now(), opened_at=timezone.now())
    BatchFactory(name="Open")

    answer = client.get(reverse("admin:crm_batch_changelist"))

    assert [each.name for each in answer.context["cl"].result_list] == ["Open", "Done"]


@pytest.mark.parametrize("number", [1, 3])
def test_saving_costs_the_same_for_more_rows(
    client, fundraiser, batch, number, django_assert_num_queries
):
    people = SupporterFactory.create_batch(number)
    rows = [known(person) for person in people]
    rows += [new(f"N{each}", email=f"n{each}@example.org") for each in range(number)]
    form = sent(*rows)

    with django_assert_num_queries(16):
        client.post(page(batch), form)


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_for_more_batches(
    client, fundraiser, number, django_assert_num_queries
):
    for _each in range(number):
        BatchRow.objects.create(batch=BatchFactory(opened_by=fundraiser), position=1, amount=5)

    with django_assert_num_queries(6):
        client.get(reverse("admin:crm_batch_changelist"))


@pytest.mark.django_db(transaction=True)
def test_saving_at_once_keeps_the_rows_of_one(batch):
    def save(number):
        rows = [BatchRow(given_name=f"{number}-{each}", amount=1000) for each in range(3)]
        try:
            save_rows(batch=batch, rows=rows, version=0)
        except BatchChanged:
            return "told"
        return "saved"

    done = at_once(save, range(4))

    assert sorted(done) == ["saved", "told", "told", "told"]
    assert BatchRow.objects.count() == 3
