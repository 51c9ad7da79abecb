"""The newsletter's wordings: published, kept, and never changed."""

import pytest
from django.urls import reverse

from crm import audit
from crm.access import Role
from crm.audit import AuditEntry
from crm.privacy.models import Wording
from crm.privacy.operations import publish_wording
from tests.factories import CampaignTextFactory, WordingFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/wording/"
OURS = {"purpose": "newsletter", "language": "nl", "text": "Ja, mail mij de nieuwsbrief."}


@pytest.fixture
def campaigner(client, staff):
    user = staff(Role.CAMPAIGNER)
    client.force_login(user)
    return user


def wordings():
    return list(Wording.objects.order_by("pk").values_list("language", "version", "text"))


def test_first_wording_brings_the_box_onto_the_petition(client, campaigner, campaign):
    CampaignTextFactory(campaign=campaign)
    address = f"/nl/petition/{campaign.slug}/"
    before = client.get(address).content.decode()

    answer = client.post(f"{LIST}add/", OURS)

    assert answer.url == LIST
    assert wordings() == [("nl", 1, OURS["text"])]
    assert [
        page.count(OURS["text"]) for page in (before, client.get(address).content.decode())
    ] == [
        0,
        1,
    ]


def test_next_wording_has_the_next_number_of_its_language_and_the_old_one_stays(client, campaigner):
    WordingFactory(language="nl", version=1, text="Ja.")
    WordingFactory(language="fr", version=7, text="Oui.")

    client.post(f"{LIST}add/", OURS)

    assert wordings() == [("nl", 1, "Ja."), ("fr", 7, "Oui."), ("nl", 2, OURS["text"])]


def test_publication_is_in_the_trail_without_its_text(client, campaigner):
    client.post(f"{LIST}add/", OURS)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by) == ("wording.published", campaigner)
    assert entry.subject == audit.subject_of(Wording.objects.get())
    assert entry.details == {"language": "nl", "version": 1}


def test_same_text_again_is_no_new_version(campaigner, now):
    first, second = (publish_wording(**OURS, by=campaigner, at=now) for _ in range(2))

    assert (first, Wording.objects.count(), AuditEntry.objects.count()) == (second, 1, 1)


def test_text_of_blanks_is_refused(client, campaigner):
    answer = client.post(f"{LIST}add/", OURS | {"text": "  "})

    assert list(answer.context["form"].errors) == ["text"]
    assert wordings() == []


@pytest.mark.parametrize("verb", ["change", "delete"])
def test_wording_can_be_neither_changed_nor_deleted(client, staff, verb):
    client.force_login(staff(Role.ADMINISTRATOR))
    wording = WordingFactory(text="Ja.")

    answer = client.post(
        reverse(f"admin:crm_wording_{verb}", args=[wording.pk]), OURS | {"post": "yes"}
    )

    assert answer.status_code == 403
    assert [text for _language, _version, text in wordings()] == ["Ja."]


def test_fundraiser_publishes_none(client, staff):
    client.force_login(staff(Role.FUNDRAISER))

    assert client.post(f"{LIST}add/", OURS).status_code == 403
    assert wordings() == []


def test_list_says_which_version_the_forms_show(client, campaigner):
    for version in (1, 2):
        WordingFactory(language="fr", version=version)
    WordingFactory(language="nl", version=1)

    rows = client.get(LIST).context["cl"].result_list

    assert [(row.language, row.version, row.is_newest) for row in rows] == [
        ("fr", 2, True),
        ("fr", 1, False),
        ("nl", 1, True),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_as_many_queries_for_three_as_for_one(
    client, campaigner, number, django_assert_num_queries
):
    WordingFactory.create_batch(number)
    client.get(LIST)

    with django_assert_num_queries(5):
        client.get(LIST)
