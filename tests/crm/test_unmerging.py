"""Making two records again: exactly as they were, but for what was done since."""

from datetime import timedelta

import pytest

from crm.audit import AuditEntry
from crm.campaigns import tallies
from crm.campaigns.operations import confirm
from crm.people.contact_points import EmailAddress
from crm.people.duplicates import Suspicion
from crm.people.merging import merge
from crm.people.models import Change, Identifier, Supporter
from crm.people.tags import Tag, Tagging
from crm.people.unmerging import NotUndoable, outlook, unmerge
from crm.privacy.erasure import erase
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from tests.factories import (
    GiftFactory,
    PlanFactory,
    ReceiptFactory,
    SignatureFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return SupporterFactory(given_name="Anna"), SupporterFactory(given_name="Ana")


def edit(supporter, **fields):
    Supporter.objects.filter(pk=supporter.pk).update(**fields)


def told(conflicts):
    return [(each.kind, each.model, each.field) for each in conflicts]


def test_pain_11_a_merge_is_undone_with_receipts_and_cards(pair, now):
    kept, lost = pair
    plan = PlanFactory(supporter=lost)
    receipt = ReceiptFactory(gift=GiftFactory(supporter=lost, plan=plan))
    card = Identifier.objects.create(supporter=lost, system="stripe", value="cus_1")
    done = merge(kept=kept, lost=lost, at=now, choices={"given_name": "lost"})

    conflicts = unmerge(merge=done, at=now + timedelta(1))

    assert conflicts == []
    for row in (plan, receipt, receipt.gift, card):
        row.refresh_from_db()
        assert row.supporter_id == lost.pk
    names = Supporter.objects.current().order_by("pk").values_list("given_name", flat=True)
    assert list(names) == ["Anna", "Ana"]


def test_both_are_in_the_feed_and_the_undoing_in_the_trail(pair, now):
    kept, lost = pair
    done = merge(kept=kept, lost=lost, at=now)

    unmerge(merge=done, at=now + timedelta(1))

    lines = Change.objects.filter(kind="unmerged").order_by("pk")
    assert list(lines.values_list("supporter", flat=True)) == [kept.pk, lost.pk]
    assert AuditEntry.objects.filter(action="supporter.unmerged").count() == 1


def test_undoing_twice_does_nothing(pair, now):
    done = merge(kept=pair[0], lost=pair[1], at=now)
    unmerge(merge=done, at=now)

    assert unmerge(merge=done, at=now) == []

    assert AuditEntry.objects.filter(action="supporter.unmerged").count() == 1


def test_what_was_edited_since_stays_and_is_told(pair, now):
    kept, lost = pair
    done = merge(kept=kept, lost=lost, at=now, choices={"given_name": "lost"})
    edit(kept, given_name="Annie", family_name="Janssens")

    conflicts = unmerge(merge=done, at=now)

    kept.refresh_from_db()
    assert told(conflicts) == [("edited", "crm.Supporter", "given_name")]
    assert (conflicts[0].now, conflicts[0].before) == ("Annie", "Anna")
    assert (kept.given_name, kept.family_name) == ("Annie", "Janssens")


def test_staff_may_have_the_old_value_back(pair, now):
    kept, lost = pair
    done = merge(kept=kept, lost=lost, at=now, choices={"given_name": "lost"})
    edit(kept, given_name="Annie")
    (conflict,) = outlook(merge=done, at=now).conflicts

    conflicts = unmerge(merge=done, at=now, restore={conflict.key})

    kept.refresh_from_db()
    assert (conflicts, kept.given_name) == ([], "Anna")


def test_what_was_removed_since_stays_away_and_is_told(pair, now):
    kept, lost = pair
    tagging = Tagging.objects.create(supporter=lost, tag=Tag.objects.create(name="volunteer"))
    done = merge(kept=kept, lost=lost, at=now)
    tagging.delete()

    assert told(unmerge(merge=done, at=now)) == [("gone", "crm.Tagging", "")]


def test_what_went_to_somebody_else_stays_there(pair, now):
    kept, lost = pair
    gift, third = GiftFactory(supporter=lost), SupporterFactory()
    done = merge(kept=kept, lost=lost, at=now)
    lost.gifts.model.objects.filter(pk=gift.pk).update(supporter=third)

    conflicts = unmerge(merge=done, at=now)

    gift.refresh_from_db()
    assert (told(conflicts), gift.supporter) == ([("elsewhere", "crm.Gift", "")], third)


def test_what_is_new_since_stays_with_the_kept_record(pair, now):
    kept, lost = pair
    old = GiftFactory(supporter=lost)
    done = merge(kept=kept, lost=lost, at=now)
    new = GiftFactory(supporter=kept)

    told_before = outlook(merge=done, at=now)
    unmerge(merge=done, at=now)

    assert told_before.added == {"crm.Gift": 1}
    assert list(kept.gifts.all()) == [new]
    assert list(lost.gifts.all()) == [old]


def test_the_counter_counts_both_again(pair, campaign, now):
    for supporter in pair:
        confirm(signature=SignatureFactory(supporter=supporter, campaign=campaign), at=now)
    done = merge(kept=pair[0], lost=pair[1], at=now)
    tallies.fold()

    unmerge(merge=done, at=now)

    assert tallies.count(campaign) == 2
    assert campaign.signatures.confirmed().count() == 2


def test_a_no_that_was_said_since_counts_for_both(pair, now):
    kept, lost = pair
    for supporter in pair:
        record_consent(supporter=supporter, given=True, source="form", at=now)
    done = merge(kept=kept, lost=lost, at=now)
    record_consent(supporter=kept, given=False, source="mail", at=now + timedelta(1))

    conflicts = unmerge(merge=done, at=now + timedelta(2))

    assert [each.kind for each in conflicts] == ["refused"]
    states = ConsentState.objects.order_by("supporter").values_list("supporter", "given", "since")
    assert list(states) == [(each.pk, False, now + timedelta(1)) for each in pair]
    assert Consent.objects.filter(supporter=kept).count() == 2


def test_a_no_counts_for_both_though_nothing_was_said_before(pair, now):
    done = merge(kept=pair[0], lost=pair[1], at=now)
    record_consent(supporter=pair[0], given=False, source="mail", at=now + timedelta(1))

    unmerge(merge=done, at=now + timedelta(2))

    assert list(ConsentState.objects.values_list("given", flat=True)) == [False, False]


def test_a_yes_that_was_said_since_stays_with_the_kept_record(pair, now):
    kept, lost = pair
    record_consent(supporter=lost, given=False, source="mail", at=now)
    done = merge(kept=kept, lost=lost, at=now)
    record_consent(supporter=kept, given=True, source="form", at=now + timedelta(1))

    unmerge(merge=done, at=now + timedelta(2))

    states = ConsentState.objects.order_by("supporter").values_list("supporter", "given")
    assert list(states) == [(kept.pk, True), (lost.pk, False)]


def test_nobody_is_written_to_at_the_others_address(pair, now):
    kept, lost = pair
    done = merge(kept=kept, lost=lost, at=now)
    edit(kept, email=lost.email)

    conflicts = unmerge(merge=done, at=now)

    kept.refresh_from_db()
    assert (told(conflicts), kept.email) == (
        [("address", "crm.Supporter", "email")],
        pair[0].emails.get().address,
    )


def test_an_address_that_was_added_since_is_the_kept_records(pair, now):
    kept, lost = pair
    done = merge(kept=kept, lost=lost, at=now)
    EmailAddress.objects.create(supporter=kept, address="new@example.org")

    unmerge(merge=done, at=now)

    assert Supporter.objects.with_email("new@example.org").get() == kept
    assert Supporter.objects.with_email(lost.email).get() == lost
    assert list(Supporter.objects.search(lost.email)) == [lost]


def test_of_a_chain_the_last_merge_is_undone_first(pair, now):
    kept, lost = pair
    third, fourth = SupporterFactory(), SupporterFactory()
    first = merge(kept=kept, lost=lost, at=now)
    second = merge(kept=third, lost=kept, at=now)
    last = merge(kept=third, lost=fourth, at=now)

    with pytest.raises(NotUndoable) as refused:
        unmerge(merge=first, at=now)

    assert refused.value.later == last
    for done in (last, second, first):
        assert unmerge(merge=done, at=now) == []
    assert not Supporter.objects.exclude(merged_into=None).exists()


def test_who_was_erased_is_not_taken_apart(pair, now):
    done = merge(kept=pair[0], lost=pair[1], at=now)
    erase(supporter=pair[0], at=now)

    with pytest.raises(NotUndoable) as refused:
        unmerge(merge=done, at=now)

    assert refused.value.later is None
    done.refresh_from_db()
    assert done.journal == {}


def test_two_that_were_taken_apart_are_known_to_be_two(pair, now):
    done = merge(kept=pair[1], lost=pair[0], at=now, score=0.97)

    unmerge(merge=done, at=now)

    found = Suspicion.objects.get()
    assert (found.first, found.second) == pair
    assert (found.state, found.score) == ("different", 0.97)
