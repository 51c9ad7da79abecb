"""Tags: made, renamed, merged, deleted, and given to supporters."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from crm.access import Role
from crm.people.segments import Segment
from crm.people.tags import Tag, Tagging
from crm.staff import tags
from tests.factories import SupporterFactory
from tests.people_factories import TagFactory, TaggingFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/tag/"
SUPPORTERS = "/staff/crm/supporter/"


def address(name, record):
    return reverse(f"admin:crm_{name}", args=[record.pk])


def names():
    return list(Tag.objects.order_by("name").values_list("name", flat=True))


def tagged(supporter):
    return list(supporter.taggings.order_by("tag__name").values_list("tag__name", flat=True))


@pytest.fixture
def campaigner(client, staff):
    user = staff(Role.CAMPAIGNER)
    client.force_login(user)
    return user


@pytest.fixture
def administrator(client, staff):
    user = staff(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def segment_with(tag, owner, **fields):
    asked = {"all": [{"none": [{"name": "tagged", "tags": [tag.pk]}]}]}
    return Segment.objects.create(name="Friends", conditions=asked, owner=owner, **fields)


def test_tag_is_made_once_in_whatever_case(client, campaigner):
    client.post(f"{LIST}add/", {"name": "  Volunteer   2026 ", "description": "Helps"})
    page = client.post(f"{LIST}add/", {"name": "VOLUNTEER 2026"})

    assert names() == ["Volunteer 2026"]
    assert list(page.context["form"].errors) == ["name"]


def test_tag_is_renamed_but_not_to_the_name_of_another(client, campaigner):
    tag, _other = TagFactory(name="Helper"), TagFactory(name="Press")

    refused = client.post(address("tag_change", tag), {"name": "press"})
    client.post(address("tag_change", tag), {"name": "helper", "description": "Helps us"})

    tag.refresh_from_db()
    assert list(refused.context["form"].errors) == ["name"]
    assert (tag.name, tag.description) == ("helper", "Helps us")


def test_merging_gives_everybody_the_kept_tag_once(client, campaigner):
    kept, lost = TagFactory(name="Volunteer"), TagFactory(name="Helper")
    both, one = SupporterFactory(), SupporterFactory()
    for tag, supporter in ((kept, both), (lost, both), (lost, one)):
        TaggingFactory(tag=tag, supporter=supporter)

    client.post(address("tag_merge", kept), {"lost": "helper"})

    assert (names(), tagged(both), tagged(one)) == (["Volunteer"], ["Volunteer"], ["Volunteer"])


@pytest.mark.parametrize("name", ["", "Nothing", "Volunteer"])
def test_merging_with_nothing_or_with_itself_is_refused(client, campaigner, name):
    kept = TagFactory(name="Volunteer")

    page = client.post(address("tag_merge", kept), {"lost": name})

    assert (list(page.context["form"].errors), names()) == (["lost"], ["Volunteer"])


def test_tag_that_a_segment_asks_for_is_neither_deleted_nor_merged_away(client, administrator):
    used, other = TagFactory(name="Used"), TagFactory(name="Other")
    segment_with(used, administrator)

    merged = client.post(address("tag_merge", other), {"lost": "Used"})
    deleted = client.post(address("tag_remove", used), {"confirmed": "yes"})

    assert list(merged.context["form"].errors) == ["lost"]
    assert deleted.url == address("tag_change", used)
    assert names() == ["Other", "Used"]


def test_tag_that_no_segment_asks_for_is_deleted_after_a_question(client, administrator):
    tag = TagFactory(name="Old")
    TaggingFactory(tag=tag)
    segment_with(TagFactory(name="Used"), administrator)

    client.post(address("tag_remove", tag))
    asked = names()
    client.post(address("tag_remove", tag), {"confirmed": "yes"})

    assert (asked, names(), Tagging.objects.count()) == (["Old", "Used"], ["Used"], 0)


def test_only_administrators_delete_tags(client, campaigner):
    tag = TagFactory()

    assert client.post(address("tag_remove", tag), {"confirmed": "yes"}).status_code == 403
    assert Tag.objects.count() == 1


def test_page_names_own_and_shared_segments_and_only_counts_on_others(client, staff, campaigner):
    tag, other = TagFactory(), staff(Role.FUNDRAISER)
    segment_with(tag, other)
    hidden = client.get(address("tag_change", tag)).context

    Segment.objects.update(is_shared=True)
    shown = client.get(address("tag_change", tag)).context

    assert (hidden["segments"], hidden["is_used"]) == ([], True)
    assert [str(each) for each in shown["segments"]] == ["Friends"]


def test_number_counts_neither_merged_nor_erased_people(client, campaigner, now):
    tag = TagFactory()
    kept = TaggingFactory(tag=tag).supporter
    TaggingFactory(tag=tag, supporter__merged_into=kept)
    TaggingFactory(tag=tag, supporter__erased_at=now)

    [listed] = client.get(LIST).context["cl"].result_list

    assert (listed.number, client.get(address("tag_change", tag)).context["number"]) == (1, 1)


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_as_many_queries_for_three_tags_as_for_one(
    client, campaigner, number, django_assert_num_queries
):
    for _ in range(number):
        TaggingFactory()
    client.get(LIST)

    with django_assert_num_queries(7):
        client.get(LIST)


def test_tag_is_given_on_a_profile_and_taken_away_each_twice(client, campaigner):
    supporter, states = SupporterFactory(), []
    tag = TagFactory(name="Volunteer")

    for name, data in 2 * [("supporter_tag", {"name": "volunteer"})] + 2 * [
        ("supporter_untag", {"tag": tag.pk})
    ]:
        client.post(address(name, supporter), data)
        states.append(tagged(supporter))

    assert states == [["Volunteer"], ["Volunteer"], [], []]


def test_new_tag_can_be_made_while_giving_it(client, campaigner):
    supporter = SupporterFactory()

    answer = client.post(address("supporter_tag", supporter), {"name": "Speaks Arabic"})

    [tagging] = supporter.taggings.all()
    assert answer.url == f"{address('supporter_change', supporter)}#tags"
    assert (tagging.tag.name, tagging.tagged_by, tagging.source) == (
        "Speaks Arabic",
        campaigner,
        "staff",
    )


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_nonsense_is_no_tag(client, campaigner, name):
    client.post(address("supporter_tag", SupporterFactory()), {"name": name})

    assert (Tag.objects.count(), Tagging.objects.count()) == (0, 0)


def test_who_may_not_make_tags_gives_those_there_are(client, django_user_model):
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(rights("view_supporter", "change_tagging", "view_tag"))
    client.force_login(clerk)
    supporter = SupporterFactory()
    TagFactory(name="Volunteer")

    for name in ("New", "Volunteer"):
        client.post(address("supporter_tag", supporter), {"name": name})

    assert (names(), tagged(supporter)) == (["Volunteer"], ["Volunteer"])


def rights(*codenames):
    return Permission.objects.filter(codename__in=codenames)


def test_reader_neither_gives_nor_takes_nor_sees_tags(client, staff):
    reader, supporter, tagging = staff(Role.READER), SupporterFactory(), TaggingFactory()
    client.force_login(reader)

    answers = [
        client.post(address("supporter_tag", supporter), {"name": "x"}),
        client.post(address("supporter_untag", tagging.supporter), {"tag": tagging.tag_id}),
        client.post(address("tag_change", tagging.tag), {"name": "x"}),
        client.post(address("tag_merge", tagging.tag), {"lost": "x"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert tags.panel(supporter, reader) == {}


def test_erased_people_get_no_tag(client, campaigner, now):
    erased = SupporterFactory(erased_at=now)

    answer = client.post(address("supporter_tag", erased), {"name": "x"})

    assert (answer.status_code, tags.panel(erased, campaigner)["may_change"]) == (404, False)


def test_selected_supporters_are_tagged_at_once(client, campaigner):
    one, two, other = SupporterFactory.create_batch(3)
    TaggingFactory(supporter=two, tag=TagFactory(name="Volunteer"))
    selected = {"action": "tag_selected", "_selected_action": [one.pk, two.pk]}

    asked = client.post(SUPPORTERS, selected)
    before = tagged(one)
    client.post(SUPPORTERS, {**selected, "confirmed": "yes", "name": "volunteer"})

    assert [pk for pk, _record in asked.context["records"]] == [one.pk, two.pk]
    assert (before, tagged(one), tagged(two), tagged(other)) == (
        [],
        ["Volunteer"],
        ["Volunteer"],
        [],
    )


def test_tagging_many_with_no_name_asks_again(client, campaigner):
    supporter = SupporterFactory()
    selected = {"action": "tag_selected", "_selected_action": [supporter.pk]}

    page = client.post(SUPPORTERS, {**selected, "confirmed": "yes", "name": " "})

    assert (list(page.context["form"].errors), Tagging.objects.count()) == (["name"], 0)


@pytest.mark.parametrize("number", [1, 3])
def test_panel_takes_as_many_queries_for_three_tags_as_for_one(
    campaigner, number, django_assert_num_queries
):
    supporter = SupporterFactory()
    for _ in range(number):
        TaggingFactory(supporter=supporter)
        TagFactory()
    campaigner.has_perm("crm.view_tag")  # rights are read once

    with django_assert_num_queries(2):
        panel = tags.panel(supporter, campaigner)

    assert (len(panel["taggings"]), len(panel["others"])) == (number, number)
