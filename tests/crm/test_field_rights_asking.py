"""What members of staff send, and ask by, of a supporter: nothing that they may not see."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.people.models import Supporter
from crm.people.notes import Note
from tests.crm.doors import all_but, told
from tests.crm.test_field_rights import ROLES, TABLE
from tests.crm.told_person import CONDITIONS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", CONDITIONS)
@pytest.mark.parametrize("number", range(4), ids=ROLES)
def test_role_counts_only_by_what_it_sees(client, staff, number, kind):
    """A number tells, too."""
    client.force_login(staff(ROLES[number]))
    stored = CONDITIONS[kind]
    values = {
        f"c-0:{name}": value[0] if isinstance(value, list) else value
        for name, value in stored.items()
    }

    answer = client.post(reverse("admin:crm_segments_count"), {"c:match": "all", **values})

    assert answer.status_code == (200 if TABLE[kind][number] else 403)


@pytest.mark.parametrize(
    "lookup",
    [
        "birth_date=1932-07-21",
        "birth_date__year=1932",
        "birth_date__gte=1900-01-01",
        "phones__isnull=0",
        "phones__number=%2B32475998877",
        "addresses__town=Zonnebeke",
        "identifiers__value=BE71096123456769",
        "gifts__isnull=0",
        "gifts__amount=98765",
        "notes__text__contains=SECRET",
        "files__name=secret-zora.pdf",
        "source=checkout",
        "merges__isnull=0",
    ],
)
@pytest.mark.parametrize("door", ["crm_supporter_changelist", "crm_supporter_export"])
def test_list_is_not_narrowed_by_what_no_filter_offers(client, staff, lookup, door):
    client.force_login(staff(Role.ADMINISTRATOR))

    answer = client.get(f"{reverse(f'admin:{door}')}?{lookup}")

    assert answer.status_code in (302, 400)


@pytest.mark.parametrize("given", ["yes", "no"])
def test_filter_by_gifts_narrows_nothing_for_who_sees_none(client, staff, zoraline, given):
    client.force_login(staff(Role.CAMPAIGNER))

    answer = client.get(reverse("admin:crm_supporter_changelist"), {"given": given})

    assert zoraline["zora"] in answer.context["cl"].result_list


def test_column_that_is_not_offered_is_not_exported(client, zoraline):
    client.force_login(all_but("birth_date"))
    asked = {"columns": ["number", "birth_date"], "format": "csv", "reason": "A letter of thanks"}

    answer = client.post(reverse("admin:crm_supporter_export"), asked)

    assert list(answer.context["form"].errors) == ["columns"]
    assert told(answer).isdisjoint({"name", "birth_date"})


def test_field_that_one_does_not_see_is_not_corrected(client, staff, zoraline):
    zora = zoraline["zora"]
    client.force_login(staff(Role.CAMPAIGNER))
    page = reverse("admin:crm_supporter_correct", args=[zora.pk])
    sent = {"kind": "person", "given_name": "Zoraline", "family_name": "New", "language": "fr"}

    answer = client.post(page, {**sent, "birth_date": "2000-01-01"})

    assert answer.status_code == 302
    now = Supporter.objects.get(pk=zora.pk)
    assert (now.family_name, now.birth_date) == ("New", zora.birth_date)


def test_fields_that_one_does_not_see_are_not_written_of_somebody_new(client, staff):
    client.force_login(staff(Role.CAMPAIGNER))
    sent = {"kind": "person", "given_name": "Nora", "language": "fr", "country": "BE"}
    hidden = {"birth_date": "2000-01-01", "phone": "+32475112233", "street": "Rue 1", "town": "A"}

    answer = client.post(reverse("admin:crm_supporter_add"), {**sent, **hidden})

    assert answer.status_code == 302
    nora = Supporter.objects.get(given_name="Nora")
    assert (nora.birth_date, nora.phones.count(), nora.addresses.count()) == (None, 0, 0)


def test_who_sees_no_confidential_notes_writes_none_and_opens_none(client, staff, zoraline):
    user = staff(Role.CAMPAIGNER)
    client.force_login(user)
    sent = {"text": "Called.", "is_confidential": "on", "is_no_report": "on"}

    client.post(f"{reverse('admin:crm_note_add')}?supporter={zoraline['zora'].pk}", sent)
    secret = reverse("admin:crm_note_change", args=[zoraline["secret note"].pk])
    answer = client.post(secret, sent)

    written = Note.objects.get(written_by=user)
    assert (written.text, written.is_confidential) == ("Called.", False)
    assert answer.status_code == 404
    assert Note.objects.get(pk=zoraline["secret note"].pk).text == "NOTE-SECRET still"
