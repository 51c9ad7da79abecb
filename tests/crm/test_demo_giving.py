"""The demo's money side: funds, promises, papers, letters and a batch, and that they agree."""

import io
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from django.db import transaction
from django.db.models import F, Max, Sum
from django.urls import reverse

from crm.campaigns.models import Campaign
from crm.demo import load
from crm.demo.moments import midnight
from crm.donations import receipts
from crm.donations.batches import Batch
from crm.donations.communications import Communication, communication_for
from crm.donations.credits import MatchingGift, SoftCredit, Tribute
from crm.donations.models import Entry, Fund, Gift, Plan
from crm.donations.papers import Receipt
from crm.donations.pledges import Instalment, Pledge
from crm.lib.periods import local_day
from crm.mailing.alarms import Alarm
from crm.people.models import Supporter

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 14)


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker):
    """A demo with enough gifts for a little of everything; taken back after this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        load.load(today=TODAY, signatures=800, gifts=1200, out=io.StringIO())
        yield
        transaction.set_rollback(True)


def test_gifts_are_of_every_kind_and_way():
    kinds = Counter(
        Gift.objects.filter(reference__startswith="demo:").values_list("kind", "method")
    )

    assert {kind for kind, _method in kinds} == {"money", "legacy", "in_kind"}
    assert {method for kind, method in kinds if kind == "in_kind"} == {"other"}
    assert kinds["legacy", "bank_transfer"] == 3
    assert kinds["money", "cheque"] > 3


def test_gift_in_kind_says_what_it_is_and_moves_no_money():
    things = Gift.objects.filter(kind=Gift.Kind.IN_KIND)

    assert things.exists()
    assert not things.filter(description="").exists()
    assert not Entry.objects.filter(gift__kind=Gift.Kind.IN_KIND).exists()
    assert not Gift.objects.exclude(kind=Gift.Kind.IN_KIND).exclude(description="").exists()


def test_funds_got_gifts_and_the_closed_one_none_of_late():
    found = dict(Fund.objects.values_list("code", "is_open"))
    last = Gift.objects.filter(fund__code="helpline").aggregate(at=Max("given_at"))["at"]

    assert found == {"accueil": True, "formation": True, "helpline": False}
    assert Counter(Gift.objects.exclude(fund=None).values_list("fund__code", flat=True)).keys() == (
        found.keys()
    )
    assert local_day(last) < date(2024, 5, 1)


def test_plans_are_monthly_and_yearly_and_some_are_paused():
    plans = Plan.objects.all()

    assert set(plans.values_list("interval", flat=True)) == {"month", "year"}
    assert not plans.filter(method="").exists()
    assert not plans.filter(status="active", next_at__lt=midnight(TODAY)).exists()
    assert not plans.filter(status__in=["active", "past_due"], next_at=None).exists()
    assert not plans.filter(status="paused", resumes_at__lt=midnight(TODAY)).exists()
    assert not plans.filter(status="ended", ended_at=None).exists()


def test_yearly_plan_brings_a_gift_a_year():
    plan = Plan.objects.filter(interval="year", gifts__isnull=False).annotate(
        last=Max("gifts__given_at")
    )

    days = [
        sorted(local_day(at) for at in each.gifts.values_list("given_at", flat=True))
        for each in plan
    ]

    gaps = [(later - day).days for row in days for day, later in pairwise(row)]
    assert {gap // 300 for gap in gaps} <= {1}


def test_receipts_run_without_gaps_in_the_order_of_their_issue():
    rows = Receipt.objects.order_by("year", "number").values_list("year", "number", "issued_at")
    numbers = {}
    for year, number, at in rows:
        assert local_day(at).year == year
        numbers.setdefault(year, []).append((number, at))

    assert len(numbers) > 4
    for each in numbers.values():
        assert [number for number, _at in each] == list(range(1, len(each) + 1))
        assert sorted(at for _number, at in each) == [at for _number, at in each]


def test_each_gift_of_money_has_the_receipt_that_issuing_would_give_it():
    kept = Gift.objects.of_money().exclude(kind=Gift.Kind.LEGACY).with_kept()
    told = dict(Receipt.objects.valid().values_list("gift", "amount"))

    assert told == dict(kept.filter(kept__gt=0).values_list("pk", "kept"))
    for receipt in Receipt.objects.valid().select_related("supporter")[:50]:
        name = receipt.supporter.full_name or receipt.supporter.email
        assert (receipt.donor_name, receipt.language) == (name, receipt.supporter.language)


def test_what_went_back_voids_the_receipt_and_what_was_kept_has_another():
    gifts = Gift.objects.filter(entries__kind__in=Entry.WENT_BACK, reference__startswith="demo:")
    partly = gifts.with_kept().filter(kept__gt=0)

    voided = Receipt.objects.exclude(voided_at=None)

    assert set(voided.values_list("gift", flat=True)) == set(gifts.values_list("pk", flat=True))
    assert partly.exists()
    assert {each.replaces.gift_id for each in Receipt.objects.exclude(replaces=None)} == {
        gift.pk for gift in partly
    }


def test_next_receipt_follows_the_demos():
    gift = Gift.objects.filter(kind=Gift.Kind.LEGACY).first()
    last = Receipt.objects.filter(year=2026).aggregate(last=Max("number"))["last"]

    receipt = receipts.issue(gift=gift, at=midnight(TODAY))

    assert (receipt.year, receipt.number) == (2026, last + 1)


def test_pledges_are_late_kept_given_up_and_still_to_come():
    pledges = Pledge.objects.all()

    assert pledges.count() == 15
    assert pledges.late(TODAY).count() > 2
    assert pledges.fulfilled().count() == 2
    assert pledges.cancelled().count() == 1
    assert pledges.annotate(sum=Sum("instalments__amount")).filter(sum=F("amount")).count() == 15


def test_parts_were_paid_by_their_donors_with_their_amount():
    paid = Instalment.objects.exclude(gift=None).filter(gift__reference__startswith="demo:")
    right = paid.filter(
        gift__supporter=F("pledge__supporter"),
        gift__amount=F("amount"),
        gift__status="paid",
        gift__kind="money",
    )

    assert paid.count() == right.count() > 20


def test_employers_added_to_gifts_of_people_or_are_to():
    matchings = MatchingGift.objects.select_related("gift", "employer", "received")

    found = [
        (
            each.employer.kind,
            each.gift.supporter.kind,
            each.gift.amount == each.amount,
            each.received is None
            or (each.received.supporter_id, each.received.amount)
            == (each.employer_id, each.amount),
        )
        for each in matchings
    ]

    assert found == [("organisation", "person", True, True)] * 6
    assert MatchingGift.objects.waiting().count() == 3


def test_tributes_and_soft_credits_stand_beside_paid_gifts():
    assert Tribute.objects.count() == 24
    assert not Tribute.objects.exclude(gift__status="paid").exists()
    assert not Tribute.objects.exclude(notify_email="").filter(notified_at=None).exists()
    assert SoftCredit.objects.count() in {19, 20}  # nobody is credited with a gift of their own
    assert not SoftCredit.objects.filter(supporter=F("gift__supporter")).exists()
    assert not SoftCredit.objects.filter(amount__gt=F("gift__amount")).exists()


def test_letter_gave_each_donor_a_communication_and_the_next_one_is_free():
    asked = Communication.objects.exclude(supporter=None)
    supporter = Supporter.objects.filter(communications=None).first()

    new = communication_for(supporter=supporter, campaign=None, at=midnight(TODAY))

    assert set(asked.exclude(pk=new.pk).values_list("appeal", "campaign__slug")) == {
        ("Lettre, février 2026", "je-dis-stop")
    }
    assert asked.count() == 501
    assert int(new.digits[:10]) > 500


def test_batch_is_half_entered(client, django_user_model):
    batch = Batch.objects.with_entered().get()
    client.force_login(django_user_model.objects.get(username="fundraiser"))

    page = client.get(reverse("admin:crm_batch_change", args=[batch.pk]))

    assert (batch.entered_count, batch.expected_count, batch.posted_at) == (6, 14, None)
    assert batch.entered_total < batch.expected_total
    assert page.status_code == 200


def test_staff_home_tells_of_the_gift_that_a_bank_took_back(client, django_user_model):
    alarm = Alarm.objects.open().get()
    dispute = Entry.objects.get(kind=Entry.Kind.DISPUTE)
    client.force_login(django_user_model.objects.get(username="administrator"))

    home = client.get(reverse("admin:index")).content.decode()

    assert alarm.kind == Alarm.Kind.DISPUTE
    assert alarm.address == reverse("admin:crm_gift_change", args=[dispute.gift_id])
    assert alarm.address in home


def test_every_campaign_is_one_of_the_demos():
    shared = Communication.objects.filter(supporter=None).values_list("campaign", flat=True)

    assert Campaign.objects.count() == 6
    assert set(shared) == {None, *Campaign.objects.values_list("pk", flat=True)}
