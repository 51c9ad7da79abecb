"""Lists of members: who enters and leaves, who is held out, and nobody waits for anybody."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from crm.people.contact_points import EmailAddress
from crm.people.models import Change, Supporter
from crm.people.operations import record_change
from crm.people.segments import Segment, SegmentMember
from crm.privacy.erasure import erase
from crm.privacy.operations import record_consent
from crm.privacy.suppressing import suppress
from crm.segments import audience, operations
from crm.segments.members import TooSlow, audience_of, count, members_of, segments_of
from tests.crm.segments import NOW, TODAY, all_of, is_, tree
from tests.factories import GiftFactory, SupporterFactory
from tests.jobs import run_jobs, run_periodic
from tests.people_factories import SegmentFactory
from tests.threads import at_once

GAVE = all_of(is_("gave"))


def refresh(segment, **more):
    done = audience.refresh(segment_id=segment.pk, at=NOW, today=TODAY, **more)
    return done.entered, done.left


def members(segment):
    return set(SegmentMember.objects.filter(segment=segment).values_list("supporter", flat=True))


def feed():
    kinds = Change.objects.filter(kind__startswith="segment.").order_by("pk")
    return list(kinds.values_list("supporter", "kind"))


@pytest.mark.django_db
def test_refresh_lets_in_and_out_and_tells_the_feed():
    segment = SegmentFactory(is_audience=True, conditions=GAVE)
    stays, goes, comes = SupporterFactory.create_batch(3)
    GiftFactory(supporter=stays)
    gift = GiftFactory(supporter=goes)
    refresh(segment)
    Change.objects.all().delete()
    gift.supporter = comes
    gift.save()

    told = refresh(segment)

    assert told == (1, 1)
    assert members(segment) == {stays.pk, comes.pk}
    assert sorted(feed()) == sorted(
        [(comes.pk, f"segment.entered:{segment.pk}"), (goes.pk, f"segment.left:{segment.pk}")]
    )
    segment.refresh_from_db()
    assert (segment.counted, segment.counted_at) == (2, NOW)


@pytest.mark.django_db
def test_refresh_a_second_time_changes_nothing():
    segment = SegmentFactory(is_audience=True, conditions=GAVE)
    GiftFactory()
    refresh(segment)
    before = list(SegmentMember.objects.values())

    assert refresh(segment) == (0, 0)
    assert list(SegmentMember.objects.values()) == before
    assert len(feed()) == 1


@pytest.mark.django_db
def test_merged_and_erased_supporters_leave():
    segment = SegmentFactory(is_audience=True, conditions=GAVE)
    kept, lost, erased = (GiftFactory().supporter for _each in range(3))
    refresh(segment)
    Supporter.objects.filter(pk=lost.pk).update(merged_into=kept)
    erase(supporter=erased, at=NOW, by=None)

    refresh(segment)

    assert members(segment) == {kept.pk}


@pytest.mark.django_db
def test_what_is_no_audience_any_more_has_no_members():
    segment = SegmentFactory(is_audience=True, conditions=GAVE)
    GiftFactory()
    refresh(segment)
    Segment.objects.update(is_audience=False)

    assert refresh(segment) == (0, 1)
    assert members(segment) == set()


@pytest.mark.django_db
def test_held_out_part_is_stable_and_grows_around_itself():
    segment = SegmentFactory(is_audience=True, holdout=20)
    SupporterFactory.create_batch(200)

    def held_out():
        return set(
            SegmentMember.objects.filter(is_held_out=True).values_list("supporter", flat=True)
        )

    refresh(segment)
    fifth = held_out()
    SegmentMember.objects.all().delete()
    refresh(segment)
    again = held_out()
    Segment.objects.update(holdout=40)
    refresh(segment)
    untouched = held_out()
    refresh(segment, draw_again=True)
    larger = held_out()

    assert 15 < len(fifth) < 70
    assert again == untouched == fifth
    assert fifth < larger
    assert 50 < len(larger) < 115


@pytest.mark.django_db
def test_audience_is_who_agreed_can_be_reached_and_is_not_held_out():
    segment = SegmentFactory(is_audience=True)
    yes, no, _never, bouncing, held = SupporterFactory.create_batch(5)
    for supporter in (yes, bouncing, held):
        record_consent(supporter=supporter, given=True, source="test", at=NOW)
    record_consent(supporter=no, given=False, source="test", at=NOW)
    EmailAddress.objects.filter(supporter=bouncing).update(status="bouncing")
    refresh(segment)
    SegmentMember.objects.filter(supporter=held).update(is_held_out=True)

    assert list(audience_of(segment)) == [yes]


@pytest.mark.django_db
def test_audience_heeds_a_no_that_came_after_the_list_was_made():
    segment = SegmentFactory(is_audience=True)
    supporter = SupporterFactory()
    record_consent(supporter=supporter, given=True, source="test", at=NOW)
    refresh(segment)
    record_consent(supporter=supporter, given=False, source="test", at=NOW)

    assert list(audience_of(segment)) == []


@pytest.mark.django_db
def test_audience_of_a_purpose_is_who_agreed_to_it_at_an_address_that_is_not_suppressed():
    segment = SegmentFactory(is_audience=True)
    asked, reader, gone = SupporterFactory.create_batch(3)
    for supporter, purpose in ((asked, "appeals"), (reader, "newsletter"), (gone, "appeals")):
        how = {"given": True, "purpose": purpose, "source": "test", "at": NOW}
        record_consent(supporter=supporter, **how)
    suppress(addresses=[gone.email], reason="erased", at=NOW)
    refresh(segment)

    assert list(audience_of(segment, "appeals")) == [asked]
    assert list(audience_of(segment)) == [reader]


@pytest.mark.django_db
def test_saving_an_audience_queues_its_list(staff):
    user = staff()
    SupporterFactory()
    fields = {"name": "All", "conditions": all_of(is_("language", languages=["fr"]))}

    made = operations.create(by=user, at=NOW, is_audience=True, **fields)
    done = run_jobs()

    assert done == ["segments.refresh"]
    assert made.members.count() == 1


@pytest.mark.django_db
def test_every_night_all_are_looked_at_and_a_broken_one_stops_no_other():
    broken = SegmentFactory(conditions=all_of(is_("gone")), is_audience=True)
    audience_one = SegmentFactory(is_audience=True)
    plain = SegmentFactory()
    SupporterFactory()

    run_periodic("segments.refresh_all")

    for segment in (broken, audience_one, plain):
        segment.refresh_from_db()
    assert [broken.counted, audience_one.counted, plain.counted] == [None, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_catch_up_looks_at_who_changed_and_reads_each_line_once():
    segment = SegmentFactory(is_audience=True, conditions=GAVE)
    comes, unnoticed = SupporterFactory.create_batch(2)
    refresh(segment)
    GiftFactory(supporter=comes)
    GiftFactory(supporter=unnoticed)
    record_change(supporter=comes, kind="gift", at=NOW)
    settle()

    run_periodic("segments.catch_up")
    first = members(segment)
    read_to = Segment.objects.get().read_to
    SegmentMember.objects.all().delete()
    run_periodic("segments.catch_up")

    assert first == {comes.pk}
    assert members(segment) == set()  # no line about others is read twice
    assert Segment.objects.get().read_to >= read_to
    assert refresh(segment) == (2, 0)  # whoever was not told of is found at night


def settle():
    """Wait for the feed: open transactions in other databases of the server hold it up too."""
    end, newest = time.monotonic() + 60, Change.objects.latest("pk")
    while newest not in Change.objects.settled() and time.monotonic() < end:
        time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
def test_two_refreshes_at_once_neither_lock_up_nor_double_anything():
    segments = [SegmentFactory(is_audience=True) for _each in range(2)]
    SupporterFactory.create_batch(60)

    at_once(refresh, [*segments, *segments])

    assert SegmentMember.objects.count() == 120
    assert len(feed()) == 120


@pytest.mark.django_db(transaction=True)
def test_nobody_who_reads_or_signs_waits_for_a_refresh():
    segment = SegmentFactory(is_audience=True)
    supporter = SupporterFactory()
    started, may_end = threading.Event(), threading.Event()

    def slow_refresh():
        with transaction.atomic():
            refresh(segment)
            started.set()
            may_end.wait(10)
        connection.close()

    thread = threading.Thread(target=slow_refresh)
    thread.start()
    started.wait(10)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '200ms'")
        seen = members(segment)
        number = members_of(segment, today=TODAY).count()
        Supporter.objects.filter(pk=supporter.pk).update(given_name="Eve")
    may_end.set()
    thread.join()

    assert (seen, number) == (set(), 1)
    assert members(segment) == {supporter.pk}


class Slow:
    """Conditions that take five seconds."""

    def where(self):
        return Q(RawSQL("(SELECT pg_sleep(5) IS NULL)", [], output_field=BooleanField()))


@pytest.mark.django_db
def test_count_gives_up_in_time_and_leaves_the_session_as_it_was():
    SupporterFactory.create_batch(3)
    made = tree(is_("language", languages=["fr"]))

    assert count(made) == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('jit')")
        assert cursor.fetchone()[0] == "0"

    with pytest.raises(TooSlow):
        count(Slow(), patience=50)
    assert Supporter.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_segments_of_somebody_take_the_same_queries_for_any_number(
    staff, number, django_assert_num_queries
):
    user = staff()
    supporter = SupporterFactory()
    for _each in range(number):
        SegmentFactory(is_audience=True)
        SegmentFactory(conditions=GAVE)
    user.get_all_permissions()

    with django_assert_num_queries(4):
        found = segments_of(supporter, reader=user, today=TODAY)

    assert len(found) == number
