"""Who may see, use, change and copy which segment; and what nobody learns by counting."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.people.segments import Segment
from crm.segments import operations
from crm.segments.members import segments_of
from tests.crm.segments import NOW, TODAY, all_of, is_
from tests.factories import GiftFactory
from tests.people_factories import SegmentFactory

pytestmark = pytest.mark.django_db
LIST, ADD = "/staff/crm/segment/", "/staff/crm/segment/add/"
COUNT = "/staff/crm/segment/count/"
FRENCH = {"c:match": "all", "c-0:is": "language", "c-0:languages": "fr"}
MONEY = all_of(is_("gave"))
PAGES = ["change", "edit", "why", "versions", "take"]


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


@pytest.fixture
def sign_in(client, staff):
    def make(role=Role.CAMPAIGNER):
        user = staff(role)
        client.force_login(user)
        return user

    return make


def page(segment, name="change"):
    return reverse(f"admin:crm_segment_{name}", args=[segment.pk])


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_campaigner_learns_in_no_way_who_gives(client, sign_in):
    """Not by building, counting, opening, explaining, copying, exporting, nor through another."""
    user = sign_in()
    giver = GiftFactory(supporter__given_name="Giver").supporter
    shared = SegmentFactory(conditions=MONEY, is_shared=True, counted=1, name="Givers")
    around = SegmentFactory(
        conditions=all_of(is_("segment", segments=[shared.pk])), is_shared=True, owner=user
    )
    gave = {"name": "x", "c:match": "none", "c-0:is": "gave"}
    through = {"c:match": "all", "c-0:is": "segment", "c-0:segments": shared.pk}

    answers = [
        client.post(ADD, gave),
        client.post(ADD, {**gave, "do": "group c"}),
        client.post(COUNT, gave),
        *(client.get(page(each, name)) for each in (shared, around) for name in PAGES),
        *(client.post(page(each, "copy")) for each in (shared, around)),
    ]
    added = client.post(ADD, {"name": "x", **through})
    counted = client.post(COUNT, through)
    listed = text_of(client.get(LIST))

    told = "This cannot be chosen, or no longer."
    assert added.context["part"].parts[0].inputs[0].error == told
    assert counted.context["problems"] == [told]
    assert added.context["part"].parts[0].inputs[0].choices == []
    with pytest.raises(operations.NotForThem):
        operations.create(by=user, at=NOW, name="x", conditions=around.conditions)
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert Segment.objects.count() == 2
    assert "gave" not in text_of(client.get(ADD))
    rows = client.get(LIST).context["cl"].result_list
    assert [each.pk in each.open_ones for each in rows] == [False, False]
    assert "Givers" in listed
    assert "Giver Supporter" not in listed
    assert segments_of(giver, reader=user, today=TODAY) == []


@pytest.mark.parametrize(
    ("condition", "role", "status"),
    [
        (is_("has_phone"), Role.CAMPAIGNER, 403),
        (is_("has_address"), Role.CAMPAIGNER, 403),
        (is_("age"), Role.CAMPAIGNER, 403),
        (is_("regular", state="running"), Role.CAMPAIGNER, 403),
        (is_("pledge", state="open"), Role.CAMPAIGNER, 403),
        (is_("source", sources=["checkout"]), Role.CAMPAIGNER, 403),
        (is_("lapsed", before="last"), Role.CAMPAIGNER, 403),
        (is_("has_phone"), Role.FUNDRAISER, 200),
        (is_("age"), Role.FUNDRAISER, 200),
        (is_("signed"), Role.CAMPAIGNER, 200),
    ],
)
def test_each_condition_takes_its_right(client, sign_in, condition, role, status):
    user = sign_in(role)

    answer = client.get(page(SegmentFactory(conditions=all_of(condition), owner=user)))

    assert answer.status_code == status


def test_private_segment_is_not_there_for_others(client, sign_in):
    sign_in()
    private = SegmentFactory(name="Private")

    answers = [client.get(page(private, name)) for name in PAGES]

    assert [answer.status_code for answer in answers] == [404] * len(PAGES)
    assert "Private" not in text_of(client.get(LIST))


def test_shared_segment_is_changed_by_its_maker_and_administrators_only(client, sign_in):
    shared = SegmentFactory(is_shared=True)
    sign_in()

    refused = [
        client.get(page(shared, "edit")),
        client.post(page(shared, "edit"), {"name": "Mine", **FRENCH}),
        client.post(page(shared, "remove")),
    ]
    sign_in(Role.ADMINISTRATOR)
    edited = client.post(page(shared, "edit"), {"name": "Theirs", **FRENCH})

    shared.refresh_from_db()
    assert [answer.status_code for answer in refused] == [403] * 3
    assert (edited.status_code, shared.name) == (302, "Theirs")


def test_copy_is_ones_own(client, sign_in):
    user = sign_in()
    shared = SegmentFactory(name="Theirs", is_shared=True, is_audience=True, holdout=10)

    answer = client.post(page(shared, "copy"))

    copied = Segment.objects.get(owner=user)
    assert answer.url == page(copied, "edit")
    assert (copied.name, copied.conditions) == ("Copy of Theirs", shared.conditions)
    assert (copied.is_shared, copied.is_audience, copied.holdout) == (False, False, 0)


def test_version_with_conditions_of_money_is_hidden_from_campaigners(client, sign_in):
    segment = SegmentFactory(owner=sign_in(), conditions=MONEY)
    segment.conditions = all_of(is_("language", languages=["fr"]))
    segment.save()

    assert client.get(page(segment, "versions")).context["versions"] == []


def test_conditions_that_no_longer_work_are_told_to_the_maker_only(client, sign_in):
    user = sign_in()
    broken = all_of(is_("gone"))
    mine = SegmentFactory(owner=user, conditions=broken)
    others = SegmentFactory(is_shared=True, conditions=broken)

    assert "Its conditions no longer work:" in text_of(client.get(page(mine)))
    assert client.get(page(mine, "edit")).status_code == 200
    assert client.get(page(others)).status_code == 403
