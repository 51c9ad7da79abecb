"""One factory per model, each making the plainest valid row."""

from datetime import UTC, date, datetime

import factory
from factory.django import DjangoModelFactory

from crm.campaigns.models import Campaign, CampaignText, Signature, Source
from crm.donations.models import Entry, Fund, Gift, Plan
from crm.donations.papers import Receipt
from crm.people.models import Supporter
from crm.privacy.models import Wording
from payments.models import Checkout

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class SupporterFactory(DjangoModelFactory):
    class Meta:
        model = Supporter

    email = factory.Sequence(lambda n: f"supporter{n}@example.org")
    given_name = "Sam"
    family_name = "Supporter"
    postcode = "1000"
    country = "BE"
    region = "BE-BRU"
    created_at = AT
    modified_at = AT
    search_text = factory.LazyAttribute(
        lambda supporter: Supporter(
            given_name=supporter.given_name,
            family_name=supporter.family_name,
            email=supporter.email,
            postcode=supporter.postcode,
        ).searchable()
    )


class WordingFactory(DjangoModelFactory):
    class Meta:
        model = Wording

    purpose = "newsletter"
    version = factory.Sequence(lambda n: n + 1)
    language = "en"
    text = "Yes, send me the newsletter."


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = Campaign

    slug = factory.Sequence(lambda n: f"campaign-{n}")
    kind = Campaign.Kind.PETITION
    goal = 100
    suggested_amounts = [1000, 2500, 5000]
    opens_at = datetime(2020, 1, 1, tzinfo=UTC)


class CampaignTextFactory(DjangoModelFactory):
    class Meta:
        model = CampaignText

    campaign = factory.SubFactory(CampaignFactory)
    language = "en"
    title = "Stop child trafficking"
    summary = "Sign for a national plan."
    body = "Children are not for sale."
    demand = "We ask the government for a national plan."


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source
        django_get_or_create = ("channel",)

    channel = "direct"


class SignatureFactory(DjangoModelFactory):
    class Meta:
        model = Signature

    campaign = factory.SubFactory(CampaignFactory)
    supporter = factory.SubFactory(SupporterFactory)
    source = factory.SubFactory(SourceFactory)
    language = "fr"
    country = "BE"
    region = "BE-BRU"
    signed_at = AT
    modified_at = AT


class PlanFactory(DjangoModelFactory):
    class Meta:
        model = Plan

    reference = factory.Sequence(lambda n: f"test:plan:{n}")
    supporter = factory.SubFactory(SupporterFactory)
    amount = 1000
    currency = "EUR"
    status = Plan.Status.ACTIVE
    started_at = AT


class GiftFactory(DjangoModelFactory):
    class Meta:
        model = Gift

    reference = factory.Sequence(lambda n: f"test:gift:{n}")
    supporter = factory.SubFactory(SupporterFactory)
    status = Gift.Status.PAID
    method = "card"
    amount = 2500
    currency = "EUR"
    given_at = AT
    modified_at = AT
    received_on = date(2026, 3, 1)


class EntryFactory(DjangoModelFactory):
    class Meta:
        model = Entry

    reference = factory.Sequence(lambda n: f"test:entry:{n}")
    gift = factory.SubFactory(GiftFactory)
    kind = Entry.Kind.PAYMENT
    amount = 2500
    currency = "EUR"
    day = date(2026, 3, 1)
    at = AT


class FundFactory(DjangoModelFactory):
    class Meta:
        model = Fund

    code = factory.Sequence(lambda n: f"fund-{n}")
    name = "Shelter"


class ReceiptFactory(DjangoModelFactory):
    class Meta:
        model = Receipt

    gift = factory.SubFactory(GiftFactory)
    supporter = factory.SelfAttribute("gift.supporter")
    year = 2026
    number = factory.Sequence(lambda n: n + 1)
    language = "fr"
    amount = factory.SelfAttribute("gift.amount")
    currency = "EUR"
    donor_name = "Sam Supporter"
    issued_at = AT


class CheckoutFactory(DjangoModelFactory):
    class Meta:
        model = Checkout

    frequency = Checkout.Frequency.ONCE
    amount = 2500
    given_name = "Dora"
    family_name = "Donor"
    email = "dora@example.org"
    language = "en"
    source = factory.SubFactory(SourceFactory)
    started_at = AT
