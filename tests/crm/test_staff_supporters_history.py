"""Who changed which field of a supporter from what to what; and who looked."""

from datetime import date, timedelta

import pghistory
import pytest
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.people.addressing import add_phone, change_email, remove_phone
from crm.people.models import Supporter
from crm.people.noting import change_note, write_note
from crm.people.operations import correct
from crm.people.tagging import add_tag, create_tag, remove_tag
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def fien(staff):
    return staff(Role.FUNDRAISER, first_name="Fien", last_name="Claes")


@pytest.fixture
def administrator(client, staff):
    user = staff(Role.ADMINISTRATOR)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def history_of(supporter):
    return reverse("admin:crm_supporter_history_of", args=[supporter.pk])


def page_of(supporter):
    return reverse("admin:crm_supporter_change", args=[supporter.pk])


def lines(client, supporter):
    page = client.get(history_of(supporter)).context["lines"]
    return [(line.what, line.field, line.before, line.after, line.by) for line in page]


def test_history_tells_each_change_of_a_field_newest_first(client, administrator, fien, now):
    supporter = SupporterFactory(given_name="Anne", language="fr")
    with pghistory.context(user=fien.pk):
        correct(supporter=supporter, given_name="Ann", at=now, by=fien)
    with pghistory.context(source="import:7"):
        correct(supporter=supporter, given_name="Anna", language="nl", at=now)

    assert lines(client, supporter) == [
        ("supporter", "given name", "Ann", "Anna", "import"),
        ("supporter", "language", "French", "Dutch", "import"),
        ("supporter", "given name", "Anne", "Ann", "Fien Claes"),
    ]


def test_correction_on_the_page_names_who_made_it(client, administrator):
    supporter = SupporterFactory(given_name="Anne")
    answers = {"kind": "person", "given_name": "Ann", "family_name": "Supporter", "language": "fr"}

    client.post(
        reverse("admin:crm_supporter_correct", args=[supporter.pk]),
        {**answers, "postcode": "1000", "country": "BE"},
    )

    assert lines(client, supporter) == [("supporter", "given name", "Anne", "Ann", "administrator")]


def test_history_tells_what_became_of_addresses_tags_and_notes(client, administrator, fien, now):
    supporter = SupporterFactory(email="ann@example.org")
    tag = create_tag(name="Volunteer", at=now)
    note = write_note(supporter=supporter, text="Met", at=now, by=fien)
    phone = add_phone(supporter=supporter, number="0475123456", source="", at=now)
    add_tag(supporter=supporter, tag=tag, source="", at=now)

    change_email(email=supporter.emails.get(), status="old", at=now)
    remove_tag(supporter=supporter, tag=tag, at=now)
    remove_phone(phone=phone, at=now)
    change_note(note=note, text="Met Ann", at=now, by=fien)

    assert sorted(lines(client, supporter)) == [
        ("e-mail address: ann@example.org", "state", "in use", "no longer theirs", ""),
        ("note", "note", "Met", "Met Ann", ""),
        ("tag: Volunteer", "", "", "removed", ""),
        ("telephone: +32475123456", "", "", "removed", ""),
    ]


def test_fundraiser_reads_history_and_campaigner_does_not(client, staff, fien, now):
    supporter = SupporterFactory()
    client.force_login(staff(Role.CAMPAIGNER))
    refused = client.get(history_of(supporter)).status_code
    client.force_login(fien)

    assert (refused, client.get(history_of(supporter)).status_code) == (403, 200)


def test_history_hides_what_its_reader_may_not_see(client, fien, now):
    supporter = SupporterFactory()
    correct(supporter=supporter, birth_date=date(1980, 2, 1), given_name="Ann", at=now)
    note = write_note(supporter=supporter, text="Ill", at=now, by=fien, is_confidential=True)
    change_note(note=note, text="Very ill", at=now, by=fien)
    open_note = write_note(supporter=supporter, text="Well", at=now, by=fien)
    change_note(note=open_note, text="Ill, too", is_confidential=True, at=now, by=fien)
    role = fien.groups.get()
    role.permissions.remove(
        *role.permissions.filter(codename__in=["see_birth_date", "see_confidential"])
    )
    client.force_login(fien)

    told = lines(client, supporter)

    assert [line[3] for line in told] == ["Ann"]


def test_history_of_what_was_merged_is_part_of_it(client, administrator, now):
    supporter = SupporterFactory(given_name="Kept")
    lost = SupporterFactory(given_name="Lost", language="fr")
    correct(supporter=lost, language="nl", at=now)
    lost.merged_into = supporter
    lost.save()

    assert [line[1:4] for line in lines(client, supporter)] == [
        ("merged into", "–", "Kept Supporter"),
        ("language", "French", "Dutch"),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_history_takes_as_many_queries_for_three_of_each_as_for_one(
    client, administrator, fien, now, number, django_assert_num_queries
):
    supporter = SupporterFactory(given_name="0")
    for nth in range(number):
        tag = create_tag(name=f"Tag {nth}", at=now)
        add_tag(supporter=supporter, tag=tag, source="", at=now)
        with pghistory.context(user=fien.pk):
            correct(supporter=supporter, given_name=f"Ann{nth}", at=now)
            remove_tag(supporter=supporter, tag=tag, at=now)
    client.get(history_of(supporter))

    with django_assert_num_queries(QUERIES):
        client.get(history_of(supporter))


QUERIES = 19


def views(supporter):
    entries = AuditEntry.objects.filter(action="supporter.viewed").order_by("pk")
    return [(entry.by.username, entry.subject, entry.details["page"]) for entry in entries]


def test_looking_is_noted_once_an_hour_for_each_reader_and_page(client, administrator, fien):
    supporter = SupporterFactory()
    subject = f"supporter:{supporter.pk}"
    for _ in range(2):
        client.get(page_of(supporter))
        client.get(history_of(supporter))
    client.force_login(fien)
    client.get(page_of(supporter))

    assert views(supporter) == [
        ("administrator", subject, "profile"),
        ("administrator", subject, "history"),
        ("fundraiser", subject, "profile"),
    ]


def test_looking_again_after_an_hour_is_noted_again(client, administrator):
    supporter = SupporterFactory()
    client.get(page_of(supporter))
    entry = AuditEntry.objects.get(action="supporter.viewed")
    entry.at -= timedelta(hours=1, seconds=1)
    entry.save()

    client.get(page_of(supporter))

    assert len(views(supporter)) == 2


def test_who_looked_is_told_to_administrators_only(client, administrator, fien):
    supporter = SupporterFactory()
    client.force_login(fien)
    hers = client.get(page_of(supporter))
    client.force_login(administrator)
    theirs = client.get(page_of(supporter))

    assert hers.context["lookers"] == []
    assert [entry.by for entry in theirs.context["lookers"]] == [administrator, fien]


def test_refused_look_is_no_look(client, staff):
    supporter = SupporterFactory()
    client.force_login(staff(Role.READER))

    assert client.get(page_of(supporter)).status_code == 403
    assert views(supporter) == []
    assert Supporter.objects.get() == supporter
