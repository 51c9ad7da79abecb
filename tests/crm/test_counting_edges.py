"""Where two ways of ending or placing a signature meet: the tallies stay true."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from crm.campaigns import tallies
from crm.campaigns.counting import RegionTally, WayTally
from crm.campaigns.entering_sheets import correct_sheet
from crm.campaigns.models import Signature
from crm.campaigns.naming_lines import name_line
from crm.campaigns.operations import confirm, withdraw
from crm.campaigns.revising import put_right
from crm.campaigns.signing import release_held
from crm.campaigns.withdrawing import Pattern, withdraw_found
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.people.unmerging import unmerge
from tests.crm.spreading import joined, sign, steps
from tests.factories import SignatureFactory, SupporterFactory, WordingFactory
from tests.sheet_factories import enter, row
from tests.threads import meanwhile

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def brought():
    return [(each[2], each[-1]) for each in steps("bring")]


def test_who_is_withdrawn_by_a_pattern_was_brought_by_nobody(petition, now):
    anna = joined(petition, "anna", now)
    for number in range(3):
        joined(petition, f"bot{number}", now + number * DAY, through=anna)
    joined(petition, "ben", now + 5 * DAY, through=anna)

    withdraw_found(pattern=Pattern(address="bot*@example.org"), expected=3, at=now + 6 * DAY)

    assert brought() == [((now + 5 * DAY).date(), 1)]


def test_pattern_that_takes_all_leaves_a_sharer_who_brought_nobody(petition, now):
    anna = joined(petition, "anna", now)
    joined(petition, "bot", now, through=anna)

    withdraw_found(pattern=Pattern(address="bot@*"), expected=1, at=now)

    assert brought() == []


def test_boxes_end_with_what_is_withdrawn_by_a_pattern(petition, now):
    waiting = sign(petition, "bot", now)
    Signature.objects.filter(pk=waiting.pk).update(newsletter=WordingFactory())

    withdraw_found(pattern=Pattern(address="bot@*"), expected=1, at=now)

    waiting.refresh_from_db()
    assert (waiting.newsletter, waiting.appeals) == (None, None)


def test_paper_was_brought_by_nobody(petition, now):
    anna = joined(petition, "anna", now)
    ben = sign(petition, "ben", now, through=anna)
    line = name_line(sheet=enter(petition, at=now), supporter=ben.supporter, at=now)

    withdraw(signature=line, at=now)

    assert (line.referrer_id, line.generation) == (None, 0)
    assert steps("bring") == []


def test_line_of_a_sheet_counts_where_its_sheet_does_wherever_its_signer_moves(petition, now):
    sheet = enter(petition, row(valid=3, struck=0), at=now)
    line = name_line(sheet=sheet, supporter=SupporterFactory(country="BE"), at=now)

    put_right(signature=line, at=now, postcode="9000", country="BE")

    tallies.fold()
    found = RegionTally.objects.exclude(number=0).values_list("region", "number")
    assert list(found) == [("BE-WNA", 3)]


def test_line_that_a_merge_took_out_follows_its_sheet_to_another_day(petition, now):
    kept, lost = SupporterFactory(), SupporterFactory()
    confirm(signature=SignatureFactory(campaign=petition, supporter=kept), at=now)
    sheet = enter(petition, row(valid=3, struck=0), at=now)
    line = name_line(sheet=sheet, supporter=lost, at=now)
    merged = merge(kept=kept, lost=lost, at=now)
    correct_sheet(sheet=sheet, at=now, ends_on=date(2026, 2, 21))

    unmerge(merge=merged, at=now)

    line.refresh_from_db()
    tallies.fold()
    days = WayTally.objects.filter(way="paper").exclude(number=0).values_list("day", "number")
    assert (line.status, list(days)) == ("confirmed", [(date(2026, 2, 21), 3)])


def test_longest_chain_goes_no_further(petition, now):
    last = joined(petition, "anna", now)
    Signature.objects.filter(pk=last.pk).update(generation=32767)

    assert sign(petition, "ben", now, through=last).generation == 32767


def test_link_of_a_record_that_was_merged_brings_to_the_one_that_stands(petition, now):
    own, other = (joined(petition, name, now) for name in ("anna", "ana"))
    merge(kept=own.supporter, lost=other.supporter, at=now)

    assert sign(petition, "ben", now, through=other).referrer_id == own.pk


@pytest.mark.django_db(transaction=True)
def test_release_and_merge_at_once_wait_for_each_other(petition, now):
    kept, lost = SupporterFactory(), SupporterFactory()
    held = SignatureFactory(campaign=petition, supporter=lost, status="held")

    with transaction.atomic():
        Supporter.objects.select_for_update().get(pk=lost.pk)  # as a merge begins
        releasing = meanwhile(lambda: release_held(signatures=[held], at=now, by=None))
        merge(kept=kept, lost=lost, at=now)

    assert releasing.result() == 1
    held.refresh_from_db()
    assert (held.status, held.supporter_id) == ("pending", kept.pk)


@pytest.mark.django_db(transaction=True)
def test_old_link_and_unmerge_at_once_wait_for_each_other(petition, now):
    kept, lost = SupporterFactory(), SupporterFactory()
    waiting = SignatureFactory(campaign=petition, supporter=lost)
    SignatureFactory(campaign=petition, supporter=kept)
    merged = merge(kept=kept, lost=lost, at=now)

    with transaction.atomic():
        Supporter.objects.select_for_update().get(pk=kept.pk)  # as an unmerge begins
        confirming = meanwhile(lambda: confirm(signature=waiting, at=now))
        unmerge(merge=merged, at=now)
    confirming.result()

    assert tallies.count(petition) == Signature.objects.confirmed().count() == 1
