"""The filters of the list, and the blocks of a profile, by what their reader may see."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.people.operations import identify
from crm.people.tagging import add_tag, create_tag
from tests.factories import AT, GiftFactory, SupporterFactory
from tests.people_factories import SegmentFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/supporter/"


def found(client, query):
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return [str(supporter) for supporter in answer.context["cl"].result_list]


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


def test_list_is_narrowed_by_kind_province_and_tag(client, fundraiser):
    samen = SupporterFactory(given_name="", family_name="Samen", kind="organisation")
    SupporterFactory(given_name="Ann", region="BE-VAN")
    tag = create_tag(name="Partner", at=AT)
    add_tag(supporter=samen, tag=tag, source="", at=AT)

    assert found(client, "kind__exact=organisation") == ["Samen"]
    assert found(client, "region=BE-VAN") == ["Ann Supporter"]
    assert found(client, f"tag={tag.pk}") == ["Samen"]
    assert found(client, "tag=nonsense") == []


def test_list_is_narrowed_by_a_segment_that_its_reader_may_open(client, fundraiser, staff):
    SupporterFactory(given_name="Ann", language="nl")
    SupporterFactory(given_name="Bea", language="fr")
    in_dutch = {"match": "all", "of": [{"is": "language", "languages": ["nl"]}]}
    hers = SegmentFactory(owner=fundraiser, conditions=in_dutch)
    others = SegmentFactory(owner=staff(Role.ADMINISTRATOR))

    offered = client.get(LIST).context["cl"].filter_specs[-1].lookup_choices

    assert offered == [(str(hers.pk), hers.name)]
    assert found(client, f"segment={hers.pk}") == ["Ann Supporter"]
    assert found(client, f"segment={others.pk}") == []


def test_campaigner_does_not_learn_by_a_filter_who_gives(client, staff):
    client.force_login(staff(Role.CAMPAIGNER))
    GiftFactory(supporter__given_name="Giver")
    SupporterFactory(given_name="Other")

    assert found(client, "given=yes") == found(client, "") == ["Other Supporter", "Giver Supporter"]


def test_identifiers_and_bank_accounts_are_told_by_their_rights(client, fundraiser, staff):
    supporter = SupporterFactory()
    for system, value in (("stripe", "cus_1"), ("iban", "BE68539007547034"), ("row", "abcdef")):
        identify(supporter=supporter, system=system, value=value)
    page = reverse("admin:crm_supporter_change", args=[supporter.pk])
    words = ["cus_1", "BE68539007547034", "abcdef"]

    hers = client.get(page).content.decode()
    client.force_login(staff(Role.CAMPAIGNER))
    theirs = client.get(page).content.decode()

    assert [word in hers for word in words] == [True, True, False]
    assert [word in theirs for word in words] == [False, False, False]


@pytest.mark.parametrize("name", ["household", "supporter_point", "supporter_add", "relationship"])
def test_enter_key_saves_and_does_nothing_else(name, settings):
    """It presses the first button of a form."""
    page = (settings.BASE_DIR / f"crm/templates/staff/{name}.html").read_text()

    first = page.index("<button")

    assert (
        'value="save"' in page[first : first + 120] or 'type="submit"' in page[first : first + 120]
    )
