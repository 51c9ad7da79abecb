"""The timeline of a supporter: everything with its source, in pages, also of merged records."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from crm.access import Role
from crm.exchange.models import Import, ImportRow
from crm.mailing.models import Mail
from crm.people.addressing import add_email, add_phone
from crm.people.belonging import form_household
from crm.people.files import StoredFile
from crm.people.merges import Merge
from crm.people.noting import add_task, finish_task, write_note
from crm.people.tagging import add_tag, create_tag, remove_tag
from crm.privacy.operations import record_consent
from crm.staff.events import Place, place_from
from crm.staff.timeline import GROUPS, PAGE
from tests.factories import (
    EntryFactory,
    GiftFactory,
    InstalmentFactory,
    PlanFactory,
    SignatureFactory,
    SoftCreditFactory,
    SupporterFactory,
    WordingFactory,
)

pytestmark = pytest.mark.django_db
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def administrator(client, staff):
    user = staff(Role.ADMINISTRATOR, first_name="Ada", last_name="Claes")
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def page_of(supporter, query=""):
    return reverse("admin:crm_supporter_change", args=[supporter.pk]) + query


def told(client, supporter, query=""):
    return client.get(page_of(supporter, query)).context["timeline"]


def titles(timeline):
    return [event.title for event in timeline.events]


def lived(supporter, by, at, number=1):
    """Let some of everything happen to a supporter."""
    for nth in range(number):
        day = at + timedelta(minutes=nth)
        gift = GiftFactory(supporter=supporter, given_at=day)
        EntryFactory(gift=gift)
        PlanFactory(supporter=supporter, started_at=day, ended_at=day + timedelta(days=1))
        SoftCreditFactory(supporter=supporter)
        InstalmentFactory(pledge__supporter=supporter, pledge__cancelled_at=day)
        SignatureFactory(supporter=supporter, signed_at=day)
        wording = WordingFactory()
        record_consent(supporter=supporter, given=True, source="paper", at=day, wording=wording)
        Mail.objects.create(
            key=f"k{supporter.pk}-{nth}",
            supporter=supporter,
            template="gift_thanks",
            language="fr",
            sent_at=day,
        )
        write_note(supporter=supporter, text=f"Met, {nth}", at=day, by=by)
        finish_task(task=add_task(title="Call", supporter=supporter, at=day, by=by), at=day, by=by)
        StoredFile.objects.create(
            supporter=supporter, name="a.pdf", content_type="x", size=1, added_at=day, added_by=by
        )
        tag = create_tag(name=f"Tag {supporter.pk}-{nth}", at=day)
        add_tag(supporter=supporter, tag=tag, source="staff", at=day, by=by)
        gone = create_tag(name=f"Gone {supporter.pk}-{nth}", at=day)
        add_tag(supporter=supporter, tag=gone, source="staff", at=day, by=by)
        remove_tag(supporter=supporter, tag=gone, at=day, by=by)
        add_email(supporter=supporter, address=f"{supporter.pk}-{nth}@x.org", source="api", at=day)
        batch = Import.objects.create(kind="supporters", name="list.csv", created_at=day)
        source = f"import:{batch.pk}"
        add_phone(supporter=supporter, number=f"047512345{nth}", source=source, at=day)
        other = SupporterFactory(given_name="Lost", merged_into=supporter)
        Merge.objects.create(kept=supporter, lost=other, merged_at=day, merged_by=by)
        apart = SupporterFactory(given_name="Apart")
        Merge.objects.create(
            kept=supporter, lost=apart, merged_at=day, undone_at=day, merged_by=by, undone_by=by
        )
        ImportRow.objects.create(batch=batch, line=12, outcome="u", supporter=supporter)


def test_everything_is_told_with_where_it_came_from(client, administrator, now):
    supporter = SupporterFactory(created_at=CREATED)
    lived(supporter, administrator, now)

    events, campaign = told(client, supporter).events, supporter.signatures.get().campaign

    assert {(event.kind, event.title, event.source) for event in events} == {
        ("plan", "Stopped giving every month", ""),
        ("plan", "Began to give every month", ""),
        ("gift", "Gift of €25", ""),
        ("credit", "Credited with €10 of the gift of Sam Supporter", ""),
        ("pledge", "Pledged €100 in one part", ""),
        ("pledge", "Rest of the pledge of €100 given up", ""),
        ("signature", f"Signed “{campaign}”, not yet confirmed", "Direct"),
        ("consent", "Agreed: newsletter", "paper"),
        ("mail", "Mail: thank-you for a gift, with receipt", "Soutien"),
        ("note", "Note", "Ada Claes"),
        ("task", "Done: Call", "Ada Claes"),
        ("file", "File: a.pdf", "Ada Claes"),
        ("tag", f"Tag added: Tag {supporter.pk}-0", "Ada Claes"),
        ("change", "Tag removed", "Ada Claes"),
        ("contact", f"E-mail address: {supporter.pk}-0@x.org", "by the API"),
        ("contact", "Telephone: +32475123450", "import of “list.csv”"),
        ("merge", "“Lost Supporter” was merged into “Sam Supporter”", "Ada Claes"),
        ("merge", "“Apart Supporter” was merged into “Sam Supporter”", "Ada Claes"),
        (
            "merge",
            "“Apart Supporter” and “Sam Supporter” were taken apart again",
            "Ada Claes",
        ),
        ("import", "Import of “list.csv”", ""),
    }


@pytest.mark.parametrize("number", [1, 3])
def test_queries_are_as_many_for_three_of_each_as_for_one(
    client, administrator, now, number, django_assert_num_queries
):
    supporter = SupporterFactory(created_at=CREATED)
    lived(supporter, administrator, now, number)
    client.get(page_of(supporter))

    with django_assert_num_queries(QUERIES):
        client.get(page_of(supporter))


QUERIES = 62


def test_pages_follow_each_other_without_a_gap_and_without_a_repeat(client, administrator, now):
    supporter = SupporterFactory(created_at=CREATED)
    lived(supporter, administrator, now, 3)
    for nth in range(PAGE * 2):  # many at one moment: the place tells them apart
        write_note(supporter=supporter, text=str(nth), at=now, by=administrator)
    everything = 3 * 20 + PAGE * 2

    seen, query = [], ""
    for _page in range(10):
        timeline = told(client, supporter, query)
        seen += [(event.at, event.kind, event.title, event.pk) for event in timeline.events]
        query = f"?{timeline.older}"
        if not timeline.older:
            break

    assert (len(seen), len(set(seen))) == (everything, everything)
    assert [each[0] for each in seen] == sorted((each[0] for each in seen), reverse=True)


@pytest.mark.parametrize(
    "query", ["?before=yesterday", "?before=1-2", "?kind=nothing", "?before=99999999T0-1-1"]
)
def test_address_that_says_nothing_shows_the_newest(client, administrator, now, query):
    supporter = SupporterFactory()
    write_note(supporter=supporter, text="Met", at=now, by=administrator)

    assert titles(told(client, supporter, query)) == ["Note"]


def test_only_one_kind_is_shown_and_kept_from_page_to_page(client, administrator, now):
    supporter = SupporterFactory(created_at=CREATED)
    lived(supporter, administrator, now)
    for nth in range(PAGE):
        write_note(supporter=supporter, text=str(nth), at=now, by=administrator)

    first = told(client, supporter, "?kind=work")
    second = told(client, supporter, f"?{first.older}")

    assert {event.kind for event in [*first.events, *second.events]} == {"note", "task", "file"}
    assert (len(first.events), len(second.events)) == (PAGE, 3)
    assert [each["name"] for each in first.groups if each["is_chosen"]] == ["work"]
    assert [each["name"] for each in first.groups] == list(GROUPS)


def test_rows_that_stayed_with_a_merged_record_are_told_too(client, administrator, now):
    supporter = SupporterFactory()
    lost = SupporterFactory(merged_into=supporter)
    deeper = SupporterFactory(merged_into=lost)
    write_note(supporter=deeper, text="Met", at=now, by=administrator)

    assert titles(told(client, supporter)) == ["Note"]


def test_confidential_notes_and_files_are_told_to_nobody_else(client, staff, administrator, now):
    supporter = SupporterFactory()
    write_note(
        supporter=supporter, text="Ill, alas", at=now, by=administrator, is_confidential=True
    )
    StoredFile.objects.create(
        supporter=supporter, name="secret.pdf", content_type="x", size=1, is_confidential=True
    )

    seen = titles(told(client, supporter))
    client.force_login(staff(Role.CAMPAIGNER))
    page = client.get(page_of(supporter))

    assert sorted(seen) == ["Confidential note", "File: secret.pdf"]
    assert titles(page.context["timeline"]) == []
    assert not [word for word in ("Ill, alas", "secret.pdf") if word in page.content.decode()]


def test_campaigner_is_told_no_money_no_telephone_and_no_merge(client, staff, administrator, now):
    supporter = SupporterFactory(created_at=CREATED)
    lived(supporter, administrator, now)
    client.force_login(staff(Role.CAMPAIGNER))

    page = client.get(page_of(supporter))

    kinds = {event.kind for event in page.context["timeline"].events}
    assert kinds == {
        "signature",
        "consent",
        "note",
        "task",
        "tag",
        "change",
        "contact",
        "import",
    }
    assert not [word for word in ("€", "+32475123450", "Apart") if word in page.content.decode()]


def test_household_is_told_with_who_formed_it(client, administrator, now):
    one, other = SupporterFactory.create_batch(2)

    form_household(members=[one, other], at=now, by=administrator)

    (event,) = told(client, one).events
    assert (event.title, event.source) == ("Joined a household", "Ada Claes")


def test_place_in_an_address_is_read_as_it_was_written(now):
    place = Place(now.replace(microsecond=123456), 7, 42)

    assert place_from(str(place)) == place
