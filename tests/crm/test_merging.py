"""Making one record of two: what the result says, what comes along, and who counts once."""

from datetime import date, timedelta

import pytest

from crm.audit import AuditEntry
from crm.donations.operations import record_gift
from crm.donations.papers import Receipt, TaxCertificate, TaxIdentity
from crm.lib.merging import Merging
from crm.people.blending import CHOICES, OLDEST, OWN, columns
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.duplicates import Suspicion
from crm.people.households import Household, HouseholdMember, Relationship
from crm.people.merges import Merge
from crm.people.merging import NotMergeable, merge, preview
from crm.people.models import Change, Identifier, Supporter
from crm.people.moving import relations
from crm.people.tags import Tag, Tagging
from crm.people.unmerging import unmerge
from crm.privacy.erasure import erase
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from tests.factories import (
    GiftFactory,
    PlanFactory,
    ReceiptFactory,
    SoftCreditFactory,
    SupporterFactory,
    TaxCertificateFactory,
    TaxIdentityFactory,
)

pytestmark = pytest.mark.django_db
QUERIES = 20  # of a merge in which gifts move


@pytest.fixture
def pair():
    return SupporterFactory(given_name="Anna"), SupporterFactory(given_name="Ana")


def test_every_model_about_a_supporter_says_what_a_merge_does_with_its_rows():
    silent = {
        model.__name__
        for model in relations()
        if not model.personal_data.is_history
        and not isinstance(getattr(model, "merging", None), Merging)
    }

    assert silent == set()


def test_every_field_of_a_supporter_is_chosen_or_the_records_own():
    chosen = {column for name in CHOICES for column in columns(name)}
    fields = {field.name for field in Supporter._meta.concrete_fields}

    assert fields == chosen | set(OLDEST) | set(OWN)


def test_the_kept_record_is_right_where_it_says_anything(pair, now):
    kept, lost = pair
    Supporter.objects.filter(pk=kept.pk).update(birth_date=None, postcode="", country="")
    Supporter.objects.filter(pk=lost.pk).update(
        birth_date=date(1980, 1, 2), postcode="9000", country="BE", region="BE-VOV"
    )

    merge(kept=kept, lost=lost, at=now)

    kept.refresh_from_db()
    assert (kept.given_name, kept.birth_date) == ("Anna", date(1980, 1, 2))
    assert (kept.postcode, kept.country, kept.region) == ("9000", "BE", "BE-VOV")


def test_what_staff_choose_is_taken(pair, now):
    kept, lost = pair
    both = [kept.email, lost.email]

    merge(kept=kept, lost=lost, at=now, choices={"given_name": "lost", "email": "lost"})

    kept.refresh_from_db()
    assert (kept.given_name, kept.email) == ("Ana", lost.email)
    addresses = kept.emails.order_by("pk").values_list("address", flat=True)
    assert list(addresses) == both


def test_a_choice_that_there_is_not_is_refused(pair, now):
    with pytest.raises(ValueError, match="no such choice"):
        merge(kept=pair[0], lost=pair[1], at=now, choices={"public_id": "lost"})


def test_the_older_record_says_since_when_and_whence_they_are_known(pair, now):
    kept, lost = pair
    Supporter.objects.filter(pk=lost.pk).update(created_at=now - timedelta(99), source="import:1")

    merge(kept=kept, lost=lost, at=now)

    kept.refresh_from_db()
    assert (kept.created_at, kept.source) == (now - timedelta(99), "import:1")


def test_both_records_are_in_the_feed_and_the_merge_in_the_trail(pair, now):
    kept, lost = pair

    done = merge(kept=kept, lost=lost, at=now)

    lines = Change.objects.filter(at=now).order_by("pk").values_list("supporter", "kind")
    assert list(lines) == [(kept.pk, "merged"), (lost.pk, "merged")]
    entry = AuditEntry.objects.get(action="supporter.merged")
    assert entry.details == {"merge": done.pk, "lost": lost.pk}


def test_a_search_for_the_lost_ones_address_finds_the_kept_record(pair, now):
    kept, lost = pair

    merge(kept=kept, lost=lost, at=now)

    assert list(Supporter.objects.current().search(lost.email)) == [kept]
    assert Supporter.objects.with_email(lost.email).get() == kept


def test_pain_11_receipts_cards_and_memberships_come_along(pair, now):
    kept, lost = pair
    plan = PlanFactory(supporter=lost)
    receipt = ReceiptFactory(gift=GiftFactory(supporter=lost, plan=plan))
    card = Identifier.objects.create(supporter=lost, system="stripe", value="cus_1")
    membership = HouseholdMember.objects.create(
        household=Household.objects.create(), supporter=lost
    )

    merge(kept=kept, lost=lost, at=now)

    for row in (plan, receipt, receipt.gift, card, membership):
        row.refresh_from_db()
        assert row.supporter_id == kept.pk


@pytest.mark.parametrize("swapped", [False, True])
def test_pain_12_a_merge_does_not_lose_the_no(pair, now, swapped):
    kept, lost = reversed(pair) if swapped else pair
    record_consent(supporter=pair[0], given=True, source="form", at=now)
    record_consent(supporter=pair[1], given=False, source="mail", at=now + timedelta(1))
    EmailAddress.objects.filter(supporter=pair[1]).update(status="complained")

    merge(kept=kept, lost=lost, at=now + timedelta(2))

    state = ConsentState.objects.get()
    assert (state.supporter_id, state.given, state.since) == (kept.pk, False, now + timedelta(1))
    assert EmailAddress.objects.get(address=pair[1].email).status == "complained"
    assert set(Consent.objects.values_list("supporter", "given")) == {
        (kept.pk, True),
        (kept.pk, False),
    }


def test_two_times_yes_holds_since_the_first(pair, now):
    for number, supporter in enumerate(pair):
        record_consent(supporter=supporter, given=True, source="form", at=now + timedelta(number))

    merge(kept=pair[1], lost=pair[0], at=now + timedelta(2))

    assert list(ConsentState.objects.values_list("given", "since")) == [(True, now)]


def test_a_gift_that_arrives_for_the_lost_record_is_the_kept_ones(pair, now):
    kept, middle = pair
    lost = SupporterFactory()
    merge(kept=middle, lost=lost, at=now)
    merge(kept=kept, lost=middle, at=now)

    gift = record_gift(
        reference="stripe:pi_1",
        supporter=lost,
        amount=1000,
        currency="EUR",
        method="card",
        status="paid",
        given_at=now,
        at=now,
    )

    assert gift.supporter == kept


def test_a_no_that_arrives_for_the_lost_record_is_the_kept_ones(pair, now):
    kept, lost = pair
    merge(kept=kept, lost=lost, at=now)

    record_consent(supporter=lost, given=False, source="mail", at=now)

    assert ConsentState.objects.get().supporter == kept


def test_the_same_number_and_tag_are_there_once(pair, now):
    kept, lost = pair
    tag = Tag.objects.create(name="volunteer")
    for supporter in pair:
        Phone.objects.create(supporter=supporter, number="+32475123456", is_preferred=True)
        Tagging.objects.create(supporter=supporter, tag=tag)

    merge(kept=kept, lost=lost, at=now)

    assert Phone.objects.get().supporter == Tagging.objects.get().supporter == kept


@pytest.mark.parametrize(("side", "street"), [("kept", "Own"), ("lost", "Other")])
def test_letters_go_where_the_chosen_postcode_is(pair, now, side, street):
    for supporter, name in zip(pair, ("Own", "Other"), strict=True):
        PostalAddress.objects.create(supporter=supporter, street=name, is_preferred=True)

    merge(kept=pair[0], lost=pair[1], at=now, choices={"postcode": side})

    assert PostalAddress.objects.filter(supporter=pair[0]).count() == 2
    assert PostalAddress.objects.get(is_preferred=True).street == street


def test_nobody_is_related_to_themselves(pair, now):
    kept, lost = pair
    friend = SupporterFactory()
    Relationship.objects.create(supporter=lost, other=kept, kind="sibling")
    for supporter in pair:
        Relationship.objects.create(supporter=supporter, other=friend, kind="friend")

    merge(kept=kept, lost=lost, at=now)

    left = Relationship.objects.values_list("supporter", "other", "kind")
    assert list(left) == [(kept.pk, friend.pk, "friend")]


def test_nobody_is_credited_with_their_own_gift(pair, now):
    kept, lost = pair
    SoftCreditFactory(supporter=kept, gift=GiftFactory(supporter=lost))
    SoftCreditFactory(supporter=lost, gift=GiftFactory(supporter=kept))

    merge(kept=kept, lost=lost, at=now)

    assert kept.soft_credits.count() == lost.soft_credits.count() == 0


def test_a_pair_that_is_merged_is_decided_and_a_third_is_suspected_once(pair, now):
    kept, lost = pair
    third = SupporterFactory()
    for first, second, score in ((kept, lost, 0.9), (kept, third, 0.5), (lost, third, 0.7)):
        Suspicion.objects.create(first=first, second=second, score=score)

    merge(kept=kept, lost=lost, at=now)

    found = Suspicion.objects.order_by("pk").values_list("first", "second", "score", "state")
    assert list(found) == [
        (kept.pk, lost.pk, 0.9, "merged"),
        (kept.pk, third.pk, 0.7, "open"),
    ]


def test_a_third_who_is_not_one_of_them_stays_so(now):
    third, kept, lost = SupporterFactory(), SupporterFactory(), SupporterFactory()
    Suspicion.objects.create(first=third, second=lost, score=0.7, state="different")

    merge(kept=lost, lost=kept, at=now)
    merge(kept=third, lost=SupporterFactory(), at=now)

    assert Suspicion.objects.get().state == "different"


def test_the_newer_tax_identity_is_the_persons(pair, now):
    kept, lost = pair
    TaxIdentityFactory(supporter=kept, given_at=now, street="Old")
    TaxIdentityFactory(supporter=lost, given_at=now + timedelta(1), street="New")

    merge(kept=kept, lost=lost, at=now)

    assert TaxIdentity.objects.get(supporter=kept).street == "New"
    assert TaxIdentity.objects.get(supporter=lost).street == "Old"


def test_certificates_of_a_year_that_both_have_stay_together(pair, now):
    kept, lost = pair
    TaxCertificateFactory(supporter=kept, year=2025)
    for version in (1, 2):
        TaxCertificateFactory(supporter=lost, year=2025, number=77, version=version)
    TaxCertificateFactory(supporter=lost, year=2024)

    merge(kept=kept, lost=lost, at=now)

    assert TaxCertificate.objects.filter(supporter=lost, year=2025).count() == 2
    assert TaxCertificate.objects.get(year=2024).supporter == kept


def test_a_second_receipt_of_a_year_stays_where_it_was(pair, now):
    kept, lost = pair
    fields = {"of_year": 2025, "year": 2026, "language": "fr", "currency": "EUR", "amount": 5}
    for number, supporter in enumerate(pair, start=1):
        Receipt.objects.create(supporter=supporter, number=number, issued_at=now, **fields)

    merge(kept=kept, lost=lost, at=now)

    assert list(Receipt.objects.order_by("pk").values_list("supporter", flat=True)) == [
        kept.pk,
        lost.pk,
    ]


def test_a_preview_says_what_a_merge_does_and_does_nothing(pair, now):
    kept, lost = pair
    GiftFactory.create_batch(3, supporter=lost)
    record_consent(supporter=kept, given=True, source="form", at=now)
    tag = Tag.objects.create(name="volunteer")
    for supporter in pair:
        Tagging.objects.create(supporter=supporter, tag=tag)

    told = preview(kept=kept, lost=lost, at=now, choices={"given_name": "lost"})

    assert told.moves == {"crm.Gift": 3, "crm.EmailAddress": 1}
    assert (told.drops, told.stays) == ({"crm.Tagging": 1}, {})
    assert told.fields[0].result == ("Ana",)
    assert told.fields[0].name == "given_name"
    assert lost.gifts.count() == 3
    assert not Merge.objects.exists()
    assert Supporter.objects.get(pk=kept.pk).given_name == "Anna"


@pytest.mark.parametrize(
    ("reason", "spoil"),
    [
        (NotMergeable.ERASED, lambda lost, now: erase(supporter=lost, at=now)),
        (
            NotMergeable.MERGED,
            lambda lost, now: merge(kept=SupporterFactory(), lost=lost, at=now),
        ),
        (
            NotMergeable.KINDS,
            lambda lost, now: Supporter.objects.filter(pk=lost.pk).update(kind="organisation"),
        ),
    ],
)
def test_what_cannot_be_merged_says_why(pair, now, reason, spoil):
    spoil(pair[1], now)

    with pytest.raises(NotMergeable) as refused:
        merge(kept=pair[0], lost=pair[1], at=now)

    assert refused.value.reason == reason


def test_a_record_is_not_merged_with_itself(pair, now):
    with pytest.raises(NotMergeable) as refused:
        merge(kept=pair[0], lost=pair[0], at=now)

    assert refused.value.reason == NotMergeable.SAME


@pytest.mark.parametrize("number", [1, 3])
def test_many_gifts_take_no_more_questions_than_one(pair, now, django_assert_num_queries, number):
    GiftFactory.create_batch(number, supporter=pair[1])

    with django_assert_num_queries(QUERIES):
        merge(kept=pair[0], lost=pair[1], at=now)


def test_what_two_are_to_each_other_is_said_once(pair, now):
    kept, lost = pair
    partner = SupporterFactory()
    Relationship.objects.create(supporter=kept, other=partner, kind="partner")
    Relationship.objects.create(supporter=partner, other=lost, kind="partner")
    Relationship.objects.create(supporter=partner, other=lost, kind="parent")

    done = merge(kept=kept, lost=lost, at=now)

    told = Relationship.objects.order_by("pk").values_list("supporter", "other", "kind")
    assert list(told) == [(kept.pk, partner.pk, "partner"), (partner.pk, kept.pk, "parent")]
    assert unmerge(merge=done, at=now) == []
    assert set(lost.relationships_to.values_list("kind", flat=True)) == {"partner", "parent"}
