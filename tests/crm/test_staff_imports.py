"""The pages of imports, from the file to the result and back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.access import Role
from crm.exchange.models import Import, ImportMapping
from crm.people.files import StoredFile
from crm.people.models import Supporter
from tests.crm.importing import (
    GIFTS,
    PEOPLE,
    as_offered,
    checked,
    get,
    page,
    post,
    told_rows,
    upload,
)
from tests.factories import AT, CampaignTextFactory, SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


def test_file_is_taken_in_and_its_reading_shown(client, signed_in):
    user = signed_in(Role.CAMPAIGNER)

    answer = upload(client, encoding="cp1252")

    batch = Import.objects.get()
    shown = get(client, "read", batch)
    assert answer.url == page("read", batch)
    assert (batch.created_by, batch.kind, batch.state) == (user, "supporters", "uploaded")
    assert shown.context["columns"][:2] == ("Prénom", "Nom")
    assert shown.context["form"].initial == {
        "encoding": "cp1252",
        "delimiter": ";",
        "sheet": "",
        "header_line": 1,
        "dates": "dmy",
        "decimal": ",",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The file is empty."),
        ("a,b\n", "The file has a line of column names, and nothing below it."),
        ("a,b\n1,2\n\0,3\n", "NUL"),
        ("a,A\n1,2\n", "Two columns have the same name"),
    ],
)
def test_file_that_cannot_be_read_is_refused_beside_its_field(client, signed_in, text, words):
    signed_in(Role.FUNDRAISER)

    answer = upload(client, text)

    assert words in answer.context["form"].errors["file"][0]
    assert (Import.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_file_that_is_too_large_is_refused(client, signed_in, settings):
    settings.IMPORT_MAX_BYTES = 1 << 20
    signed_in(Role.FUNDRAISER)

    answer = upload(client, "e-mail\n" + "x" * (1 << 20))

    assert answer.context["form"].errors["file"] == ["The file is larger than 1 MB."]
    assert StoredFile.objects.count() == 0


def test_reading_is_corrected_by_who_knows_better(client, signed_in):
    signed_in(Role.CAMPAIGNER)
    upload(client, "List of June;;\nNé le;E-mail;Nom\n03/04/1980;a@example.org;Anne\n")
    batch = Import.objects.get()
    asked = {"encoding": "utf-8", "delimiter": ";", "header_line": 2, "dates": "mdy"}

    answer = post(client, "read", batch, **asked, decimal=",", action="again")

    batch.refresh_from_db()
    assert answer.url == page("read", batch)
    assert batch.detected["columns"] == ["Né le", "E-mail", "Nom"]
    assert (batch.detected["header_line"], batch.detected["dates"]) == (2, "mdy")
    assert batch.mapping == {"Né le": "birth_date", "E-mail": "email", "Nom": "family_name"}


def test_impossible_reading_is_refused_beside_its_field(client, signed_in):
    signed_in(Role.CAMPAIGNER)
    upload(client)
    batch = Import.objects.get()
    asked = {"encoding": "utf-8", "delimiter": ";", "header_line": 99, "dates": "dmy"}

    answer = post(client, "read", batch, **asked, decimal=",")

    assert list(answer.context["form"].errors) == ["header_line"]
    assert Import.objects.get().detected["header_line"] == 1


def test_check_shows_exactly_what_would_change_and_changes_nothing(client, signed_in):
    signed_in(Role.FUNDRAISER)
    known = SupporterFactory(email="anne@example.org", given_name="Anne", family_name="")
    batch = checked(client)

    answer = get(client, "change", batch)

    known.refresh_from_db()
    counts = {each["word"]: each["number"] for each in answer.context["counts"]}
    assert counts == {
        "would be added": 1,
        "would change": 1,
        "known already": 0,
        "left out": 0,
        "bad": 1,
    }
    assert told_rows(answer) == [
        (
            2,
            [
                ("family name", "", "Dupont"),
                ("date of birth", "", "12/31/1980"),
                ("telephones", "", "+32475123456"),
            ],
            [],
            [],
        )
    ]
    assert (known.family_name, Supporter.objects.count()) == ("", 1)


def test_bad_and_new_rows_are_shown_with_their_cells(client, signed_in):
    signed_in(Role.FUNDRAISER)
    batch = checked(client)

    bad, new = get(client, "change", batch, "?show=b"), get(client, "change", batch, "?show=c")

    assert told_rows(bad) == [
        (
            4,
            [],
            ["“E-mail” holds no e-mail address."],
            [("given name", "Sam"), ("family name", "Sans"), ("e-mail", "pas-une-adresse")],
        )
    ]
    assert [cells[0] for *_row, cells in told_rows(new)] == [
        ("given name", "Anne"),
        ("given name", "Luc"),
    ]


def test_cells_of_bad_rows_are_shown_as_the_file_has_them(client, signed_in):
    signed_in(Role.FUNDRAISER)
    batch = checked(client, PEOPLE.replace("adresse;;;", "adresse;;31/02/1990;"))

    answer = get(client, "change", batch, "?show=b")

    assert told_rows(answer)[0][-1][-1] == ("date of birth", "31/02/1990")


def test_import_runs_tells_its_account_and_is_undone(client, signed_in):
    user = signed_in(Role.FUNDRAISER)
    batch = checked(client)

    started = post(client, "run", batch)
    waiting = get(client, "change", batch)
    run_jobs()
    done = get(client, "change", batch)

    assert started.url == page("change", batch)
    assert "data-progress" in waiting.content.decode()
    assert "2 telephones" not in done.content.decode()
    assert [each["number"] for each in done.context["counts"]] == [2, 0, 0, 0, 1]
    assert set(Supporter.objects.values_list("given_name", flat=True)) == {"Anne", "Luc"}
    rejects = b"".join(get(client, "rejects", batch).streaming_content).decode()
    assert "pas-une-adresse" in rejects
    assert "“E-mail” holds no e-mail address." in rejects

    asked = get(client, "undo", batch)
    post(client, "undo", batch, confirmed="yes")
    run_jobs()

    batch.refresh_from_db()
    assert "Take back what “people.csv” did?" in asked.content.decode()
    assert (batch.state, Supporter.objects.count()) == ("undone", 0)
    assert "Everything is as it was." in get(client, "change", batch).content.decode()
    assert batch.created_by == user


def test_what_could_not_be_taken_back_is_told(client, signed_in):
    signed_in(Role.FUNDRAISER)
    batch = checked(client)
    post(client, "run", batch)
    run_jobs()
    Supporter.objects.filter(given_name="Luc").update(given_name="Lucas", modified_at=AT)

    post(client, "undo", batch, confirmed="yes")
    run_jobs()

    answer = get(client, "change", batch)
    assert [each["line"] for each in answer.context["conflicts"]] == [3]
    assert "The person was changed since" in answer.content.decode()


def test_choices_are_remembered_for_the_next_such_file(client, signed_in):
    signed_in(Role.FUNDRAISER)
    checked(client, mode="update", tags="festival, press", **{"column-5": ""})
    upload(client)

    told = get(client, "map", Import.objects.latest("pk")).context

    assert ImportMapping.objects.count() == 1
    assert told["mapping"]["column-5"].value() == ""
    assert (told["form"]["mode"].value(), told["form"]["tags"].value()) == (
        "update",
        "festival, press",
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"column-5": "newsletter"}, "consent"),
        ({"column-5": "identifier"}, "system"),
        ({"column-5": "email"}, "__all__"),
        ({"mode": "all"}, "mode"),
        ({"column-0": "", "column-1": "", "column-2": ""}, "__all__"),
    ],
)
def test_what_is_missing_is_told_beside_its_field(client, signed_in, changes, field):
    signed_in(Role.FUNDRAISER)
    upload(client)
    batch = Import.objects.get()

    answer = post(client, "map", batch, **as_offered(client, batch, **changes))

    assert list(answer.context["form"].errors) == [field]
    assert Import.objects.get().state == "uploaded"


def test_signatures_need_their_campaign(client, signed_in, campaign):
    signed_in(Role.CAMPAIGNER)
    CampaignTextFactory(campaign=campaign)
    upload(client, "e-mail\nanne@example.org\n", kind="signatures")
    batch = Import.objects.get()

    without = post(client, "map", batch, **as_offered(client, batch))
    post(client, "map", batch, **as_offered(client, batch, campaign=campaign.pk))

    batch.refresh_from_db()
    assert list(without.context["form"].errors) == ["campaign"]
    assert (batch.state, batch.options["campaign"]) == ("checking", campaign.pk)


def test_fields_of_other_kinds_are_not_offered(client, signed_in):
    signed_in(Role.FUNDRAISER)
    upload(client)
    people = get(client, "map", Import.objects.latest("pk")).context["form"].fields
    upload(client, GIFTS, kind="gifts")
    gifts = get(client, "map", Import.objects.latest("pk")).context["form"].fields

    assert set(gifts) - set(people) == {"fund", "currency", "method"}
    assert "campaign" not in people


def test_file_is_thrown_away_after_a_question(client, signed_in):
    signed_in(Role.FUNDRAISER)
    batch = checked(client)

    asked = get(client, "discard", batch)
    kept = Import.objects.count()
    post(client, "discard", batch, confirmed="yes")

    assert "Throw “people.csv” away?" in asked.content.decode()
    assert (kept, Import.objects.count(), StoredFile.objects.count()) == (1, 0, 0)


def test_what_was_asked_for_twice_happens_once(client, signed_in):
    signed_in(Role.FUNDRAISER)
    batch = checked(client)

    post(client, "run", batch)
    again = post(client, "run", batch)

    assert again.url == page("change", batch)
    assert run_jobs().count("exchange.run_import") == 1


def test_import_that_runs_cannot_be_changed(client, signed_in):
    signed_in(Role.FUNDRAISER)
    batch = checked(client)
    post(client, "run", batch)

    assert get(client, "read", batch).url == page("change", batch)
    assert post(client, "map", batch).url == page("change", batch)
    assert post(client, "discard", batch, confirmed="yes").url == page("change", batch)
    assert Import.objects.get().state == "waiting"


def test_progress_is_told_until_the_work_has_ended(client, signed_in):
    signed_in(Role.FUNDRAISER)
    batch = checked(client)
    Import.objects.update(state="running", stage="writing", done=40, total=100)

    during = get(client, "progress", batch)
    Import.objects.update(state="failed")
    after = get(client, "progress", batch)

    assert "Importing: 40 of 100 rows …" in during.content.decode()
    assert (during["X-Finished"], after["X-Finished"]) == ("no", "yes")


def test_rows_are_shown_page_by_page(client, signed_in):
    signed_in(Role.FUNDRAISER)
    rows = "".join(f"person{n}@example.org\n" for n in range(60))
    batch = checked(client, "e-mail\n" + rows)

    first = get(client, "change", batch)
    second = get(client, "change", batch, f"?show=c&after={first.context['next']}")

    assert [row["line"] for row in first.context["rows"]] == list(range(2, 52))
    assert [row["line"] for row in second.context["rows"]] == list(range(52, 62))
    assert second.context["next"] is None


@pytest.mark.parametrize("query", ["?show=x", "?show=c&after=-1", "?after=one"])
def test_nonsense_in_the_address_is_refused(client, signed_in, query):
    signed_in(Role.FUNDRAISER)
    batch = checked(client)

    assert get(client, "change", batch, query).status_code == 400


def test_result_and_list_take_as_many_queries_for_three_as_for_one(client, signed_in):
    signed_in(Role.FUNDRAISER)
    header, *people = PEOPLE.splitlines(keepends=True)

    def done(*rows):
        batch = checked(client, header + "".join(rows))
        post(client, "run", batch)
        run_jobs()
        return batch

    def queries(batch):
        with CaptureQueriesContext(connection) as captured:
            get(client, "change", batch, "?show=c")
            client.get(reverse("admin:crm_import_changelist"))
        return len(captured)

    one = done(people[0].replace("anne", "eve"))
    queries(one)
    alone = queries(one)
    several = done(*people[:2], people[0].replace("anne", "ann"))

    assert queries(several) == alone
