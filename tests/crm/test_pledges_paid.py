"""Parts of pledges that are paid, and outstanding again when all of the money goes back."""

import uuid
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.by_hand import record_return
from crm.donations.models import Gift
from crm.donations.operations import record_entry
from crm.donations.promises import CannotPay, pay_instalment
from crm.mailing.models import Mail
from tests.crm.promised import gift_of, pay, payment, state
from tests.factories import (
    CampaignTextFactory,
    FundFactory,
    InstalmentFactory,
    PledgeFactory,
    SupporterFactory,
)
from tests.jobs import run_jobs
from tests.threads import at_once

pytestmark = pytest.mark.django_db
CAME, LATER = date(2026, 3, 1), date(2999, 1, 1)


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


@pytest.fixture
def pledge(campaign):
    """100 euros in two parts: one late, one far away."""
    CampaignTextFactory(campaign=campaign)
    made = PledgeFactory(campaign=campaign, fund=FundFactory())
    InstalmentFactory(pledge=made, due_on=CAME, amount=6000)
    InstalmentFactory(pledge=made, due_on=LATER, amount=4000)
    return made


@pytest.fixture
def late(pledge):
    return pledge.instalments.get(due_on=CAME)


def test_payment_by_hand_is_a_gift_with_the_purpose_of_the_pledge(client, fundraiser, late):
    answer = client.post(pay(late), payment(thank="on"))
    run_jobs()

    late.refresh_from_db()
    gift, pledge = Gift.objects.get(), late.pledge
    assert answer.url == reverse("admin:crm_pledge_change", args=[pledge.pk])
    assert (late.gift, gift.amount, gift.method) == (gift, 6000, "cash")
    assert (gift.supporter, gift.campaign) == (pledge.supporter, pledge.campaign)
    assert (gift.fund, str(gift.received_on)) == (pledge.fund, "2026-03-02")
    assert Mail.objects.filter(template="gift_thanks").count() == 1
    assert AuditEntry.objects.filter(action="instalment.paid", by=fundraiser).count() == 1


def test_payment_sent_twice_pays_once(client, fundraiser, pledge, late):
    form = payment()

    client.post(pay(late), form)
    client.post(pay(late), form)

    assert Gift.objects.count() == 1
    assert pledge.instalments.exclude(gift=None).count() == 1


def test_payment_is_filled_in_with_what_is_due_next(client, fundraiser, pledge, late):
    page = client.get(reverse("admin:crm_pledge_pay", args=[pledge.pk]))

    assert page.context["part"] == late
    assert page.context["payment"].initial["amount"] == 6000


def test_payment_of_the_future_is_refused(client, fundraiser, late):
    answer = client.post(pay(late), payment(received_on="2999-01-01"))

    assert list(answer.context["payment"].errors) == ["received_on"]
    assert Gift.objects.count() == 0


def test_known_gift_of_the_donor_pays(client, fundraiser, pledge, late):
    gift = gift_of(pledge)

    client.post(pay(late), {"gift": gift.pk})

    late.refresh_from_db()
    assert (late.gift, Gift.objects.count()) == (gift, 1)


@pytest.mark.parametrize("of", ["somebody else", "no money", "another part", "given back"])
def test_gift_that_cannot_pay_is_not_taken(client, fundraiser, pledge, late, of):
    gift = gift_of(pledge)
    if of == "somebody else":
        Gift.objects.update(supporter=SupporterFactory())
    elif of == "no money":
        Gift.objects.update(kind="in_kind")
    elif of == "another part":
        pledge.instalments.filter(due_on=LATER).update(gift=gift)
    else:
        give_back(gift)

    answer = client.post(pay(late), {"gift": gift.pk})

    assert list(answer.context["known"].errors) == ["gift"]
    with pytest.raises(CannotPay):
        pay_instalment(instalment=late, gift=gift, at=timezone.now())
    late.refresh_from_db()
    assert late.gift is None


def give_back(gift, amount=None):
    record_return(
        gift=gift,
        amount=amount or gift.amount,
        returned_on=CAME,
        key=uuid.uuid4(),
        at=timezone.now(),
    )


def test_part_is_outstanding_again_when_all_of_its_gift_went_back(client, fundraiser, late):
    gift = gift_of(late.pledge)
    pay_instalment(instalment=late, gift=gift, at=timezone.now())

    give_back(gift, 5999)
    kept = state(client, late.pledge)
    give_back(gift, 1)

    assert (kept, state(client, late.pledge)) == ("to come", "late")
    other = gift_of(late.pledge)
    pay_instalment(instalment=late, gift=other, at=timezone.now())
    late.refresh_from_db()
    assert late.gift == other


def test_part_stays_paid_when_a_chargeback_is_undone(client, fundraiser, late):
    gift = gift_of(late.pledge)
    pay_instalment(instalment=late, gift=gift, at=timezone.now())
    for kind, amount in (("dispute", -6000), ("reversal", 6000)):
        record_entry(gift=gift, reference=kind, kind=kind, amount=amount, at=timezone.now())

    assert state(client, late.pledge) == "to come"


def test_paid_part_is_not_paid_again(client, fundraiser, pledge, late):
    first = gift_of(pledge)
    pay_instalment(instalment=late, gift=first, at=timezone.now())

    pay_instalment(instalment=late, gift=first, at=timezone.now())
    with pytest.raises(CannotPay):
        pay_instalment(instalment=late, gift=gift_of(pledge), at=timezone.now())

    answer = client.post(pay(late), payment())
    assert answer.status_code == 302
    assert Gift.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_gifts_at_once_pay_one_part_once(late):
    gifts = [gift_of(late.pledge) for _each in range(8)]

    def try_it(gift):
        try:
            pay_instalment(instalment=late, gift=gift, at=timezone.now())
        except CannotPay:
            return "refused"
        return "paid"

    assert sorted(at_once(try_it, gifts)) == ["paid", *["refused"] * 7]


@pytest.mark.django_db(transaction=True)
def test_one_gift_at_once_pays_one_of_two_parts(pledge):
    gift = gift_of(pledge)

    def try_it(part):
        try:
            pay_instalment(instalment=part, gift=gift, at=timezone.now())
        except CannotPay:
            return "refused"
        return "paid"

    assert sorted(at_once(try_it, pledge.instalments.all())) == ["paid", "refused"]
