"""Posting a batch: all rows become gifts, once, or none does."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.batches import Batch, BatchRow
from crm.donations.models import Entry, Gift
from crm.donations.posting import (
    BatchClosed,
    discard_batch,
    post_batch,
    save_rows,
)
from crm.mailing.models import Mail
from crm.people.models import Supporter
from tests.crm.grids import known, new, page, problems, sent
from tests.factories import BatchFactory, FundFactory, SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once

pytestmark = pytest.mark.django_db


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


def test_post_makes_a_gift_of_each_row(client, fundraiser, batch, campaign):
    pia, shelter, school = SupporterFactory(), FundFactory(), FundFactory()
    Batch.objects.update(campaign=campaign, fund=shelter, method="cheque", language="nl")
    rows = [known(pia, fund=school.pk), new(postcode="1000", is_anonymous="on")]

    answer = client.post(page(batch), sent(*rows, action="post"))

    first, second = Gift.objects.order_by("pk")
    assert answer.url == page(batch)
    assert (first.supporter, first.amount, first.fund) == (pia, 1000, school)
    assert (second.amount, second.fund, second.is_anonymous) == (2000, shelter, True)
    nina = second.supporter
    assert (str(nina), nina.language, nina.region) == ("Nina New", "nl", "BE-BRU")
    for position, gift in enumerate((first, second), start=1):
        assert gift.reference == f"batch:{batch.public_id}:{position}"
        assert (gift.campaign, gift.method, gift.status) == (campaign, "cheque", "paid")
        assert str(gift.received_on) == "2026-03-01"
    assert list(Entry.objects.order_by("pk").values_list("amount", flat=True)) == [1000, 2000]
    trail = AuditEntry.objects.get(action="batch.posted")
    assert (trail.by, trail.details) == (fundraiser, {"count": 2, "total": 3000})


def test_names_leave_the_rows_once_the_supporter_holds_them(client, fundraiser, batch):
    client.post(page(batch), sent(new("A", "B", "10"), new(email="n@example.org"), action="post"))

    left = BatchRow.objects.values_list("given_name", "family_name", "email", "postcode")
    assert set(left) == {("", "", "", "")}
    assert BatchRow.objects.filter(supporter=None).count() == 0


@pytest.mark.parametrize(("thank", "mails"), [(True, 1), (False, 0)])
def test_donors_are_thanked_as_the_batch_says(client, fundraiser, batch, thank, mails):
    Batch.objects.update(thank=thank)

    client.post(page(batch), sent(known(SupporterFactory()), new(), action="post"))
    run_jobs()

    assert Mail.objects.filter(template="gift_thanks").count() == mails


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            [new(amount="30")],
            ["Counted 2 gifts, entered 1 gift: 1 gift missing."],
        ),
        (
            [new(), new("Ann", "New", "20")],
            ["Counted €30, entered €40: €10 more than counted."],
        ),
        (
            [new("A"), new("B"), new("C", amount="0,50")],
            [
                "Counted 2 gifts, entered 3 gifts: 1 gift more than counted.",
                "Counted €30, entered €40.50: €10.50 more than counted.",
            ],
        ),
    ],
    ids=["count", "total", "both"],
)
def test_what_does_not_add_up_is_kept_but_not_posted(client, fundraiser, batch, rows, told):
    answer = client.post(page(batch), sent(*rows, action="post"))

    assert problems(answer) == told
    assert (BatchRow.objects.count(), Gift.objects.count()) == (len(rows), 0)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"amount": "10"}, "Row 2: the donor is missing."),
        ({"postcode": "1000", "amount": "10"}, "Row 2: the donor is missing."),
    ],
    ids=["nobody", "only a postcode"],
)
def test_unfinished_row_is_not_posted(client, fundraiser, batch, row, told):
    answer = client.post(page(batch), sent(new(), row, action="post"))

    assert problems(answer) == [told]
    assert Gift.objects.count() == 0


def test_row_without_amount_is_not_posted(client, fundraiser, batch):
    answer = client.post(page(batch), sent(new(amount="30"), new("Ann", amount=""), action="post"))

    assert problems(answer) == ["Row 2: the amount is missing."]


def test_donor_who_was_erased_meanwhile_gets_no_gift(client, fundraiser, batch):
    pia = SupporterFactory()
    client.post(page(batch), sent(known(pia), new()))
    Supporter.objects.filter(pk=pia.pk).update(erased_at=timezone.now())

    with pytest.raises(Exception, match=r"\{1: 'gone'\}"):
        post_batch(batch=batch, at=timezone.now())

    assert Gift.objects.count() == 0


def test_fund_that_was_closed_meanwhile_gets_no_gift(client, fundraiser, batch):
    fund = FundFactory()
    client.post(page(batch), sent(known(SupporterFactory(), fund=fund.pk), new()))
    fund.is_open = False
    fund.save()

    with pytest.raises(Exception, match=r"\{1: 'fund'\}"):
        post_batch(batch=batch, at=timezone.now())


@pytest.mark.parametrize(
    ("postcode", "asks"), [("1000", True), ("", True), ("9000", False)], ids=str
)
def test_somebody_like_a_new_donor_is_offered_before_posting(
    client, fundraiser, batch, postcode, asks
):
    helene = SupporterFactory(given_name="Hélène", family_name="Dubois", postcode="1000")
    rows = [new("HELENE", "dubois", "10", postcode=postcode), new()]

    answer = client.post(page(batch), sent(*rows, action="post"))

    assert Gift.objects.count() == (0 if asks else 2)
    if asks:
        assert answer.context["lines"][0].known == [helene]
        told = "Row 1: we may know this donor. Say who it is, below the row."
        assert problems(answer) == [told]
        assert f"We know Hélène Dubois (1000 {helene.email})" in answer.content.decode()


def test_offered_supporter_is_taken(client, fundraiser, batch):
    helene = SupporterFactory(given_name="Hélène", family_name="Dubois")
    row = new("Helene", "Dubois", "10", postcode="1000", same=helene.pk)

    client.post(page(batch), sent(row, new(), action="post"))

    assert Gift.objects.get(amount=1000).supporter == helene


def test_another_person_of_the_same_name_is_somebody_new(client, fundraiser, batch):
    helene = SupporterFactory(given_name="Hélène", family_name="Dubois")
    row = new("Helene", "Dubois", "10", postcode="1000", is_new="on")

    client.post(page(batch), sent(row, new(), action="post"))

    assert Gift.objects.get(amount=1000).supporter not in {helene, None}


def test_who_has_a_known_address_cannot_be_somebody_else(client, fundraiser, batch):
    SupporterFactory(email="dubois@example.org")
    row = new("Paul", "Dubois", "10", email="Dubois@example.org", is_new="on")

    answer = client.post(page(batch), sent(row, new(), action="post"))

    assert len(problems(answer)) == 1
    assert Gift.objects.count() == 0


def test_new_donor_in_two_rows_is_one_person(client, fundraiser, batch):
    rows = [new(amount="10", postcode="1000"), new("nina", "NEW", postcode="1000")]

    client.post(page(batch), sent(*rows, action="post"))

    assert Gift.objects.count() == 2
    assert Supporter.objects.count() == 1


def test_posting_again_changes_nothing(client, fundraiser, batch):
    form = sent(known(SupporterFactory()), new(), action="post")

    client.post(page(batch), form)
    client.post(page(batch), form)
    post_batch(batch=batch, at=timezone.now())

    assert Gift.objects.count() == 2
    assert AuditEntry.objects.filter(action="batch.posted").count() == 1


def test_posted_batch_is_read_only_and_leads_to_its_gifts(client, fundraiser, batch):
    client.post(page(batch), sent(known(SupporterFactory()), new(), action="post"))

    read = client.get(page(batch))
    client.post(page(batch), sent(new("Other"), version=1))

    gifts = [reverse("admin:crm_gift_change", args=[gift.pk]) for gift in Gift.objects.all()]
    assert [f'href="{address}"' in read.content.decode() for address in gifts] == [True, True]
    assert "<form method" not in read.content.decode().partition("st-batch")[2]
    assert BatchRow.objects.filter(given_name="Other").count() == 0
    with pytest.raises(BatchClosed):
        discard_batch(batch=batch, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_posting_at_once_posts_once(batch):
    rows = [
        BatchRow(supporter=SupporterFactory(), amount=1000),
        BatchRow(given_name="Nina", amount=2000),
    ]
    save_rows(batch=batch, rows=rows, version=0)

    at_once(lambda _: post_batch(batch=batch, at=timezone.now()), range(4))

    assert (Gift.objects.count(), Supporter.objects.count()) == (2, 2)
