"""Whatever people do, in whichever order: the tallies say what the rows say."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Min
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm.campaigns import sharing
from crm.campaigns import tallies as signed
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm, withdraw
from crm.campaigns.shares import Medium, Share
from crm.campaigns.sources import Trail, source_of
from crm.donations import tallies as given_money
from crm.donations.models import Entry, Gift, GiftDelta, GiftSourceTally, GiftTally
from crm.donations.operations import record_entry
from crm.lib.periods import local_day
from tests.conftest import NOW
from tests.crm.spreading import give, sign, steps
from tests.factories import CampaignFactory, PlanFactory

pytestmark = pytest.mark.django_db
few = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CHANNELS = ("facebook", "newsletter", "youtube")
DEEDS = ("sign", "sign", "confirm", "confirm", "withdraw", "share", "give", "give", "plan",
         "refund", "fold")  # fmt: skip
NUMBER = st.integers(min_value=0, max_value=9)
HISTORIES = st.lists(st.tuples(st.sampled_from(DEEDS), NUMBER, NUMBER), min_size=10, max_size=60)
HOURS = timedelta(hours=7)  # several things happen on a day
MONEY = ("gifts", "gross", "fees", "refunds")
BY = ("day", "campaign", "source", "first_source", "currency", "is_recurring")


class World:
    """Four people and two campaigns. `donors` and `monthly` are who gave before, and how."""

    def __init__(self):
        self.campaigns = [CampaignFactory() for _ in range(2)]
        self.at, self.gifts = NOW, 0
        self.donors, self.monthly, self.taken = set(), set(), Counter()

    def do(self, deed, one, other):
        self.at += HOURS
        signatures = list(Signature.objects.order_by("pk"))
        if deed == "sign":
            through = signatures[other % len(signatures)] if signatures and other % 2 else None
            where = {} if through else {"utm_source": CHANNELS[other % 3]}
            campaign = self.campaigns[one % 2]
            sign(campaign, f"person{other % 4}", self.at, through=through, **where)
        elif deed == "fold":
            signed.fold(batch=3)
            given_money.fold(batch=3)
        elif signatures:
            getattr(self, deed)(signatures[one % len(signatures)], other)

    def confirm(self, signature, _other):
        confirm(signature=signature, at=self.at)

    def withdraw(self, signature, _other):
        withdraw(signature=signature, at=self.at)

    def share(self, signature, other):
        sharing.share(signature=signature, medium=list(Medium)[other % 5], at=self.at)

    def give(self, signature, other, **how):
        self.gifts += 1
        donor = signature.supporter
        took = ["give"] * (donor not in self.donors)
        took += ["monthly"] * ("plan" in how and donor not in self.monthly)
        for each in donor.signatures.filter(status="confirmed") if took else ():
            for step in took:
                key = (each.campaign_id, step, local_day(self.at), each.source_id)
                self.taken[key] += 1
        self.donors.add(donor)
        if "plan" in how:
            self.monthly.add(donor)
        source = source_of(Trail(utm_source=CHANNELS[other % 3])) if other % 2 else None
        campaign = self.campaigns[other % 2]
        give(donor, self.at, f"gift:{self.gifts}", source=source, campaign=campaign, **how)

    def plan(self, signature, other):
        self.give(signature, other, plan=PlanFactory(supporter=signature.supporter))

    def refund(self, _signature, other):
        if gift := Gift.objects.order_by("pk").filter(entries__kind="payment").last():
            reference = f"{gift.reference}:refund:{other}"
            record_entry(gift=gift, reference=reference, kind="refund", amount=-100, at=self.at)


def counted_steps():
    """What the rows say of confirming, bringing and sharing."""
    found = Counter()
    confirmed = Signature.objects.confirmed()
    for row in confirmed:
        found[row.campaign_id, "confirm", local_day(row.confirmed_at), row.source_id] += 1
    brought = confirmed.exclude(referrer=None).values_list("referrer").annotate(Min("confirmed_at"))
    first_shares = Share.objects.values_list("signature").annotate(Min("at"))
    for step, firsts in (("bring", brought), ("share", first_shares)):
        for pk, moment in firsts:
            row = Signature.objects.get(pk=pk)
            found[row.campaign_id, step, local_day(moment), row.source_id] += 1
    return found


def money_of_rows():
    found = {}
    for entry in Entry.objects.select_related("gift"):
        gift = entry.gift
        sources = (gift.campaign_id, gift.source_id, gift.first_source_id)
        key = (entry.day, *sources, entry.currency, gift.plan_id is not None)
        sums = found.setdefault(key, [0, 0, 0, 0])
        sums[0] += entry.kind == "payment"
        sums[{"payment": 1, "fee": 2}.get(entry.kind, 3)] += entry.amount
    return found


def money_in(*models, by):
    found = {}
    for model in models:
        for row in model.objects.values_list(*by, *MONEY):
            sums = found.setdefault(row[: len(by)], [0, 0, 0, 0])
            found[row[: len(by)]] = [a + b for a, b in zip(sums, row[len(by) :], strict=True)]
    return found


@few
@given(HISTORIES)
def test_tallies_say_what_the_rows_say(history):
    with transaction.atomic():
        world = World()
        for deed, one, other in history:
            world.do(deed, one, other)

        expected = counted_steps() + world.taken
        told = steps("confirm", "bring", "share", "give", "monthly")
        assert told == sorted((*key, number) for key, number in expected.items())
        assert sum(row[-1] for row in steps("submit")) == Signature.objects.count()
        for campaign in world.campaigns:
            assert signed.count(campaign) == campaign.signatures.confirmed().count()
        assert money_in(GiftSourceTally, GiftDelta, by=BY) == money_of_rows()
        while given_money.fold():
            continue
        by = tuple(name for name in BY if "source" not in name)
        assert money_in(GiftSourceTally, by=by) == money_in(GiftTally, by=by)
        transaction.set_rollback(True)  # nothing of an example stays for the next one
