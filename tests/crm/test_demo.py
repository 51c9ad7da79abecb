"""What the demo holds: its numbers, and that they agree with one another."""

import io
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Max, Q, Sum
from django.urls import reverse

from crm import audit
from crm.access import Role
from crm.campaigns import tallies
from crm.campaigns.comments import Comment
from crm.campaigns.counting import (
    DayTally,
    LanguageTally,
    RegionTally,
    SignatureDelta,
    SourceTally,
    WayTally,
)
from crm.campaigns.models import Campaign, CampaignText, Signature
from crm.campaigns.shares import Share
from crm.campaigns.sheets import Sheet
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.demo import load
from crm.demo.contents import PASSWORD
from crm.demo.moments import midnight
from crm.donations.models import Entry, Gift, GiftDelta, GiftTally, Plan
from crm.donations.operations import record_gift
from crm.lib.contact import normal_email
from crm.lib.periods import local_day
from crm.lib.regions import region_of
from crm.people.contact_points import EmailAddress
from crm.people.models import Change, Supporter
from crm.privacy.models import Consent, ConsentState, Wording
from crm.programmes.models import ImpactFigure

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 14)
AT = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker):
    """The demo, loaded once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load.load(today=TODAY, signatures=1500, gifts=400, out=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def petition():
    return Campaign.objects.get(slug="stop-traite")


def test_petition_has_exactly_the_signatures_asked_for(petition):
    states = Counter(petition.signatures.values_list("status", flat=True))

    assert states.pop("pending") >= 30
    assert states == {"confirmed": 1500, "withdrawn": 6, "held": 41}
    assert tallies.count(petition) == 1500


def test_campaigns_that_people_join_have_a_few_hundred():
    joined = Signature.objects.exclude(campaign__slug="stop-traite").confirmed()

    assert Counter(joined.values_list("campaign__slug", flat=True)) == {
        "je-dis-stop": 342,
        "react": 187,
        "make-it-safe": 264,
    }


def test_gifts_are_as_many_as_asked_for_by_fewer_donors():
    gifts = Gift.objects.filter(reference__startswith="demo:gift:")

    assert gifts.count() == 400
    people = gifts.filter(supporter__kind=Supporter.Kind.PERSON)
    assert people.values("supporter").distinct().count() == 180
    assert Plan.objects.count() == 18
    assert not Plan.objects.filter(gifts=None).exists()


@pytest.mark.parametrize(
    ("tally", "question"),
    [
        (DayTally, []),
        (SourceTally, ["source"]),
        (RegionTally, ["country", "region"]),
        (LanguageTally, ["language"]),
        (WayTally, ["way"]),
    ],
)
def test_signature_tallies_equal_the_rows(tally, question):
    rows = Signature.objects.confirmed().values_list("confirmed_at", "campaign", *question)
    counted = Counter((local_day(at), *rest) for at, *rest in rows)
    for *place, valid in Sheet.objects.values_list("ends_on", "campaign", *question, "valid"):
        counted[tuple(place)] += valid

    told = {
        tuple(row): number
        for *row, number in tally.objects.values_list("day", "campaign", *question, "number")
    }

    assert told == counted
    assert not SignatureDelta.objects.exists()


def test_gift_tallies_equal_the_entries():
    counted = {}
    entries = Entry.objects.select_related("gift")
    for entry in entries:
        gift = entry.gift
        key = (entry.day, gift.campaign_id, "EUR", gift.plan_id is not None)
        sums = counted.setdefault(key, Counter())
        column = "refund" if entry.kind in Entry.WENT_BACK else entry.kind
        sums[column] += entry.amount
        sums["gifts"] += entry.kind == Entry.Kind.PAYMENT

    told = GiftTally.objects.values_list(
        "day", "campaign", "currency", "is_recurring", "gifts", "gross", "fees", "refunds"
    )

    assert {tuple(row[:4]): tuple(row[4:]) for row in told} == {
        key: (sums["gifts"], sums["payment"], sums["fee"], sums["refund"])
        for key, sums in counted.items()
    }
    assert not GiftDelta.objects.exists()


def test_paid_gifts_have_their_payment_and_others_nothing():
    payment = Q(entries__kind=Entry.Kind.PAYMENT)
    paid = Gift.objects.of_money()
    right = paid.filter(
        payment,
        entries__amount=F("amount"),
        entries__day=F("received_on"),
        entries__at__gte=F("given_at"),
    )

    assert right.count() == paid.count() == Entry.objects.filter(kind="payment").count()
    others = Gift.objects.exclude(pk__in=paid.values("pk"))
    assert not others.filter(entries__isnull=False).exists()
    assert {gift.received_on for gift in paid} == {
        local_day(at) for at in Entry.objects.filter(kind="payment").values_list("at", flat=True)
    }


def test_what_went_back_is_no_more_than_the_gift():
    gifts = Gift.objects.paid().annotate(
        back=Sum("entries__amount", filter=Q(entries__kind__in=Entry.WENT_BACK))
    )

    assert not gifts.filter(back__lt=-F("amount")).exists()


def test_two_donors_in_five_signed_before_they_gave(petition):
    signed = dict(petition.signatures.confirmed().values_list("supporter", "confirmed_at"))
    given = Gift.objects.filter(supporter__in=signed).values_list("supporter", "given_at")

    assert len({supporter for supporter, _at in given}) == 72
    assert [at for supporter, at in given if at <= signed[supporter]] == []


def test_nothing_happens_later_than_yesterday():
    moments = [
        (Supporter, "created_at"),
        (Supporter, "modified_at"),
        (Signature, "signed_at"),
        (Signature, "confirmed_at"),
        (Signature, "modified_at"),
        (Consent, "at"),
        (ConsentState, "since"),
        (Comment, "approved_at"),
        (Share, "at"),
        (Sheet, "entered_at"),
        (Gift, "given_at"),
        (Gift, "modified_at"),
        (Entry, "at"),
        (Plan, "started_at"),
        (Plan, "ended_at"),
    ]
    latest = [model.objects.aggregate(at=Max(field))["at"] for model, field in moments]

    assert [at for at in latest if at is None or at >= midnight(TODAY)] == []


def test_petition_runs_from_its_launch_until_yesterday(petition):
    days = sorted({local_day(at) for at in petition.signatures.values_list("signed_at", flat=True)})

    assert days[0] == local_day(petition.opens_at) == date(2023, 3, 7)
    assert days[-1] in {date(2026, 3, 13), date(2026, 3, 12)}


def test_supporters_are_written_as_registering_would():
    supporters = list(Supporter.objects.prefetch_related("emails"))
    found = [(person.email, person.search_text, person.region) for person in supporters]
    addresses = list(EmailAddress.objects.values_list("address", flat=True))

    assert found == [
        (
            person.email and normal_email(person.email),
            person.searchable(address.address for address in person.emails.all()),
            region_of(person.country.code, person.postcode),
        )
        for person in supporters
    ]
    assert addresses == [normal_email(address) for address in addresses]
    assert {address.partition("@")[2] for address in addresses} == {
        "example.org",
        "example.com",
        "example.net",
    }
    current = Supporter.objects.current().exclude(email="")
    assert not current.exclude(emails__address=F("email")).exists()


def test_signatures_tell_where_their_signer_lives():
    signatures = Signature.objects.exclude(
        supporter__country=F("country"),
        supporter__region=F("region"),
        supporter__language=F("language"),
    )

    assert not signatures.exists()
    assert set(Signature.objects.values_list("language", flat=True)) == {"fr", "nl", "en"}


def test_consents_hold_as_the_last_word_says():
    last = {}
    for consent in Consent.objects.order_by("at"):
        last[consent.supporter_id, consent.purpose] = (consent.given, consent.at)

    states = ConsentState.objects.values_list("supporter", "purpose", "given", "since")

    assert {(supporter, purpose): rest for supporter, purpose, *rest in states} == {
        key: list(value) for key, value in last.items()
    }
    assert {(purpose, given) for (_who, purpose), (given, _at) in last.items()} == {
        ("newsletter", True),
        ("newsletter", False),
        ("appeals", True),
    }


def test_nobody_consents_before_their_address_is_confirmed():
    unproved = Consent.objects.exclude(source="donation").filter(
        supporter__signatures__confirmed_at=None
    )

    assert not unproved.exists()


def test_comments_are_shown_only_when_wished_and_approved():
    assert not Comment.objects.filter(is_public=False, approved_at__isnull=False).exists()
    assert not Comment.objects.filter(approved_at__lt=F("signature__confirmed_at")).exists()
    assert Comment.objects.count() == 150
    assert set(Comment.objects.values_list("signature__language", flat=True)) >= {"fr", "nl"}


def test_a_change_is_dated_by_the_last_thing_a_supporter_did():
    late = Supporter.objects.annotate(gift=Max("gifts__modified_at")).filter(
        gift__gt=F("modified_at")
    )

    assert not late.exists()


def test_campaigns_and_wordings_speak_three_languages():
    texts = Counter(CampaignText.objects.values_list("language", flat=True))
    wordings = Wording.objects.values_list("purpose", "version", "language")

    # The one that is prepared has no English text yet.
    assert texts == {"fr": 6, "nl": 6, "en": 5}
    assert set(wordings) == {
        (purpose, 1, language)
        for purpose in ("newsletter", "appeals")
        for language in ("fr", "nl", "en")
    }
    assert not CampaignText.objects.filter(Q(summary="") | Q(body="") | Q(thanks="")).exists()
    assert set(Campaign.objects.values_list("report_url", flat=True)) == {
        "https://www.jedisstop.be"
    }


def test_the_brochures_figures_stand_for_the_last_full_year():
    figures = ImpactFigure.objects.values_list("key", "year", "value")

    assert set(figures) == {
        ("network_members", 2025, 102),
        ("trained", 2025, 410),
        ("partners", 2025, 76),
        ("children", 2025, 2500),
    }


def test_each_role_has_an_account_that_signs_in(client):
    users = get_user_model().objects.order_by("pk")

    assert [(user.username, [g.name for g in user.groups.all()]) for user in users] == [
        (role.value, [role.value]) for role in Role
    ]
    assert client.login(username="reader", password=PASSWORD)
    assert not any(user.is_superuser for user in users)


def test_pages_know_that_this_is_a_demo(client):
    assert audit.is_demo()
    loaded = audit.AuditEntry.objects.get(action=audit.DEMO_LOADED)
    assert loaded.details == {"signatures": 1500, "gifts": 400}
    assert client.get(reverse("account_login")).context["is_demo"] is True


def test_people_sign_and_give_on_top_of_the_demo(petition):
    signature = sign(
        campaign=petition,
        email="pia@example.org",
        given_name="Pia",
        family_name="Peeters",
        postcode="2000",
        country="BE",
        language="nl",
        trail=Trail(),
        at=AT,
    )

    gift = record_gift(
        reference="test:1",
        supporter=signature.supporter,
        amount=2500,
        currency="EUR",
        method="card",
        status="paid",
        given_at=AT,
        at=AT,
    )

    assert gift.entries.get().amount == 2500
    kinds = Change.objects.filter(supporter=signature.supporter).order_by("pk")
    assert kinds.last().kind == "gift.paid"
