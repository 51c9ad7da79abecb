"""What the demo knows of people besides what they did: how they are reached, and who they are."""

import io
from collections import Counter
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F, Max, Q
from django.urls import reverse

from crm.access import Role
from crm.demo import load
from crm.demo.data import read
from crm.demo.moments import midnight
from crm.exchange.models import Export, Import
from crm.lib.contact import normal_phone
from crm.lib.periods import local_day
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.duplicates import Suspicion
from crm.people.files import StoredFile
from crm.people.households import Household, HouseholdMember, Relationship
from crm.people.matching import match_one
from crm.people.merges import Merge
from crm.people.models import Change, Supporter
from crm.people.notes import Note, Task
from crm.people.proposals import Proposal
from crm.people.segments import Segment, SegmentMember
from crm.people.tags import Tagging
from crm.segments.members import members_of

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 14)


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker):
    """The demo, loaded once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load.load(today=TODAY, signatures=1500, gifts=400, out=io.StringIO())
        yield
        transaction.set_rollback(True)


def test_telephones_are_in_their_normal_form_and_of_one_invented_block():
    numbers = list(Phone.objects.values_list("number", flat=True))

    assert numbers == [normal_phone(number) for number in numbers]
    assert {number[:6] for number in numbers} == {"+32450"}


def test_letters_go_where_the_record_says_they_live():
    preferred = PostalAddress.objects.filter(is_preferred=True)
    right = preferred.filter(supporter__postcode=F("postcode"), supporter__country=F("country"))

    assert right.count() == preferred.count() > 100
    assert not preferred.filter(Q(street="") | Q(town="")).exclude(source__startswith="import:")


def test_every_belgian_postcode_of_the_demo_has_a_town():
    known = {**read("towns")["towns"], **read("towns")["brussels"]}
    lists = [place["postcodes"] for place in read("places")["place"] if place["country"] == "BE"]

    assert {code for codes in lists for code in codes} == set(known)


def test_couples_live_at_one_address_and_give():
    for household in Household.objects.all():
        people = [place.supporter for place in household.members.select_related("supporter")]
        homes = {
            (home.street, home.town)
            for one in people
            for home in one.addresses.filter(is_preferred=True)
        }

        assert (len(people), len(homes)) == (2, 1)
        assert all(one.gifts.exists() for one in people)
    assert Household.objects.count() == 6


def test_organisations_have_a_main_contact_and_a_tag():
    organisations = Supporter.objects.filter(
        kind=Supporter.Kind.ORGANISATION, email__startswith="info."
    )

    assert organisations.count() == 18
    for organisation in organisations:
        assert organisation.relationships_to.filter(is_main_contact=True).count() == 1
        assert organisation.taggings.count() == 1


def test_staff_have_something_overdue_and_something_today():
    for role in (Role.CAMPAIGNER, Role.FUNDRAISER, Role.ADMINISTRATOR):
        user = get_user_model().objects.get(username=role)
        due = set(Task.objects.to_do().filter(assigned_to=user).values_list("due_on", flat=True))

        assert TODAY in due
        assert min(due) < TODAY < max(due)


def test_doubles_were_found_by_the_real_rules_and_three_are_merged():
    merges = Merge.objects.order_by("pk")
    states = Counter(Suspicion.objects.values_list("state", flat=True))

    assert [(merge.merged_by is None, merge.score is None) for merge in merges] == [
        (False, True),
        (False, True),
        (True, False),
    ]
    assert (states["merged"], states["different"]) == (3, 1)
    assert states["open"] >= 5
    pair = Suspicion.objects.open().order_by("-score").first()
    before = (pair.score, pair.evidence)
    match_one(pair.second, at=midnight(TODAY))
    pair.refresh_from_db()
    assert (pair.score, pair.evidence) == before


def test_the_list_of_the_stall_came_in_but_for_what_cannot_be_read():
    batch = Import.objects.get()

    counts = (batch.read, batch.created, batch.updated, batch.bad)
    assert (batch.state, *counts) == (Import.State.DONE, 23, 20, 1, 2)
    assert batch.rejects is not None
    named = Tagging.objects.filter(tag__name="Salon du volontariat")
    assert named.filter(supporter__source=f"import:{batch.pk}").count() == 20


def test_segments_are_counted_as_they_are():
    segments = Segment.objects.order_by("pk")

    for segment in segments:
        number = members_of(segment, today=TODAY).count()
        kept = SegmentMember.objects.filter(segment=segment).count()
        assert (kept if segment.is_audience else segment.counted) == number > 0
    assert [segment.holdout for segment in segments] == [0, 10, 0, 0, 0]
    assert {segment.is_shared for segment in segments} == {True, False}


def test_what_was_taken_along_has_its_reason():
    taken = Export.objects.order_by("exported_at").values_list("what", "format", "rows")

    assert list(taken) == [("gifts", "xlsx", 3120), ("supporters", "csv", 486),
                           ("members", "xlsx", 212)]  # fmt: skip
    assert not Export.objects.filter(Q(reason="") | Q(exported_by=None)).exists()


def test_nothing_of_it_is_confidential_and_corrections_differ_from_what_is_known():
    assert not Note.objects.filter(is_confidential=True).exists()
    assert not StoredFile.objects.filter(is_confidential=True).exists()
    proposals = Proposal.objects.open().select_related("supporter")
    assert len(proposals) == 7
    for proposal in proposals:
        assert getattr(proposal.supporter, proposal.field) != proposal.value


def test_nothing_of_it_happened_later_than_yesterday():
    moments = [
        (Change, "at"),
        (EmailAddress, "added_at"),
        (Phone, "added_at"),
        (PostalAddress, "added_at"),
        (Household, "created_at"),
        (Relationship, "added_at"),
        (Tagging, "tagged_at"),
        (Note, "written_at"),
        (Task, "created_at"),
        (Task, "done_at"),
        (StoredFile, "added_at"),
        (Proposal, "at"),
        (Suspicion, "found_at"),
        (Merge, "merged_at"),
        (Segment, "created_at"),
        (Import, "finished_at"),
        (Export, "exported_at"),
    ]
    latest = {
        (model.__name__, field): local_day(model.objects.aggregate(at=Max(field))["at"])
        for model, field in moments
    }

    assert {key: day for key, day in latest.items() if day >= TODAY} == {}
    assert HouseholdMember.objects.exists()


@pytest.mark.parametrize(
    "page",
    [
        "admin:crm_suspicion_changelist",
        "admin:crm_merge_changelist",
        "admin:crm_proposal_changelist",
        "admin:crm_task_changelist",
        "admin:crm_tag_changelist",
        "admin:crm_segment_changelist",
        "admin:crm_import_changelist",
        "admin:crm_export_changelist",
    ],
)
def test_each_new_page_has_something_to_show(client, page):
    client.force_login(get_user_model().objects.get(username=Role.ADMINISTRATOR))

    answer = client.get(reverse(page))

    assert answer.status_code == 200
    assert "st-empty" not in answer.content.decode()
