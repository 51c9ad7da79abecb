"""Sheets as staff enter them: a pile in a grid, corrected, withdrawn, named."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.campaigns.naming_lines import name_line
from crm.campaigns.sheets import Sheet
from crm.privacy.models import Consent
from tests.factories import (
    CampaignFactory,
    CampaignTextFactory,
    SupporterFactory,
    WordingFactory,
)
from tests.sheet_factories import counted, enter, row

pytestmark = pytest.mark.django_db
ADD = reverse("admin:crm_sheet_add")
LIST = reverse("admin:crm_sheet_changelist")


@pytest.fixture
def titled(campaign):
    CampaignTextFactory(campaign=campaign, title="Stop child trafficking")
    return campaign


@pytest.fixture(autouse=True)
def campaigner(signed_in):
    return signed_in(Role.CAMPAIGNER)


def pile(campaign, *rows, **fields):
    """A pile as the grid sends it."""
    sent = {
        "campaign": campaign.pk,
        "way": "paper",
        "channel": "street",
        "language": "nl",
        "country": "BE",
        "expected": "",
    } | fields
    for number, each in enumerate(rows, start=1):
        sent |= {f"{number}-{name}": value for name, value in each.items()}
    return sent


def line(number="B-1", **fields):
    return {
        "number": number,
        "place": "Gent",
        "begins_on": "",
        "ends_on": "2026-02-20",
        "lines": "20",
        "valid": "18",
        "struck": "2",
        "region": "BE-VOV",
    } | fields


def errors_of(answer):
    return {row.number: row.errors for row in answer.context["rows"] if row.errors}


def page_of(sheet, name="change"):
    return reverse(f"admin:crm_sheet_{name}", args=[sheet.pk])


def test_pile_is_entered_and_counts_at_once(client, titled, campaigner):
    answer = client.post(
        ADD, pile(titled, line("B-1"), line("B-2", lines="5", valid="5", struck=""))
    )

    assert (answer.status_code, answer.url) == (302, LIST)
    sheets = Sheet.objects.order_by("number").values_list(
        "number", "valid", "struck", "region", "language", "source__channel", "entered_by"
    )
    assert list(sheets) == [
        ("B-1", 18, 2, "BE-VOV", "nl", "street", campaigner.pk),
        ("B-2", 5, 0, "BE-VOV", "nl", "street", campaigner.pk),
    ]
    assert tallies.count(titled) == 23


def test_row_that_does_not_add_up_says_by_how_much_and_nothing_is_entered(client, titled):
    rows = [line("B-1"), line("B-2", lines="21"), line("B-3", lines="19")]

    answer = client.post(ADD, pile(titled, *rows), headers={"accept-language": "en"})

    assert errors_of(answer) == {
        2: {"lines": "1 more than valid and struck out together."},
        3: {"lines": "1 less than valid and struck out together."},
    }
    assert (Sheet.objects.count(), tallies.count(titled)) == (0, 0)
    assert 'value="B-3"' in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"number": ""}, "number"),
        ({"number": "Anne <3"}, "number"),
        ({"ends_on": ""}, "ends_on"),
        ({"ends_on": "2999-01-01"}, "ends_on"),
        ({"begins_on": "2026-02-21"}, "ends_on"),
        ({"lines": "many"}, "lines"),
        ({"valid": "-1"}, "valid"),
        ({"region": "BE-XXX"}, "region"),
    ],
)
def test_what_is_wrong_is_named_at_its_cell(client, titled, wrong, column):
    answer = client.post(ADD, pile(titled, line(**wrong)))

    assert list(errors_of(answer)[1]) == [column]
    assert f'aria-describedby="e1-{column}"' in answer.content.decode() or column == "region"
    assert Sheet.objects.count() == 0


def test_number_that_is_known_is_named_at_its_row(client, titled):
    enter(titled, row("B-1"))

    answer = client.post(ADD, pile(titled, line("B-2"), line("B-1")))

    assert list(errors_of(answer)) == [2]
    assert Sheet.objects.count() == 1


def test_pile_that_was_counted_must_add_up(client, titled):
    refused = client.post(
        ADD, pile(titled, line("B-1"), expected="20"), headers={"accept-language": "en"}
    )
    taken = client.post(ADD, pile(titled, line("B-1"), expected="18"))

    assert refused.context["form"].errors == {
        "expected": ["The rows below add up to 18: the difference is 2."]
    }
    assert taken.status_code == 302


def test_empty_pile_is_told_so(client, titled):
    answer = client.post(ADD, pile(titled), headers={"accept-language": "en"})

    assert "Write at least one sheet." in answer.content.decode()


def test_pile_that_is_too_long_is_refused_whole(client, titled, monkeypatch):
    monkeypatch.setattr("crm.staff.sheet_forms.MOST_ROWS", 1)

    client.post(ADD, pile(titled, line("B-1"), line("B-2")))

    assert Sheet.objects.count() == 0


def test_bundle_from_earlier_is_only_a_number(client, titled):
    rows = [line("Shops", place="", lines="102911", valid="102911", struck="", region="")]

    client.post(ADD, pile(titled, *rows, way="historical", country=""))

    assert tallies.count(titled) == 102_911
    sheet = Sheet.objects.get()
    page = client.get(page_of(sheet), headers={"accept-language": "en"}).content.decode()
    assert "counted and never named" in page
    assert page_of(sheet, "name") not in page


def test_list_adds_up_what_counts_as_it_is_filtered(client, titled):
    other = CampaignTextFactory(campaign=CampaignFactory(), title="Another").campaign
    enter(titled, row("1"), row("2", valid=10, struck=0))
    enter(other, row("1", valid=5, struck=1))
    gone = enter(titled, row("3"))
    client.post(page_of(gone, "withdraw"), {"confirmed": "yes"})

    every = client.get(LIST).context_data["sums"]
    some = client.get(LIST, {"campaign": other.pk}).context_data["sums"]

    told = [(str(r["campaign"]), r["sheets"], r["lines"], r["valid"], r["struck"]) for r in every]
    assert told == [("Stop child trafficking", 2, 30, 28, 2), ("Another", 1, 6, 5, 1)]
    assert [row["valid"] for row in some] == [5]


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_as_many_queries_for_three_sheets_as_for_one(
    client, titled, number, django_assert_num_queries
):
    for place in range(number):
        enter(titled, row(f"B-{place}"))
    client.get(LIST)

    with django_assert_num_queries(13):
        client.get(LIST)


def test_sheet_is_corrected_and_the_counter_follows(client, titled):
    sheet = enter(titled, row("B-1"))
    form = client.get(page_of(sheet, "edit")).context["form"]
    fields = {name: form[name].value() or "" for name in form.fields}

    answer = client.post(page_of(sheet, "edit"), fields | {"valid": "17", "struck": "3"})

    assert answer.url == page_of(sheet)
    assert tallies.count(titled) == 17


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"valid": "19"}, "lines"),
        ({"number": "B-2"}, "number"),
        ({"ends_on": "2999-01-01"}, "ends_on"),
        ({"country": "FR"}, "region"),
        ({"valid": "0", "struck": "20"}, "valid"),
    ],
)
def test_correction_that_is_wrong_is_refused_at_its_field(client, titled, wrong, field):
    sheet = enter(titled, row("B-1"), row("B-2"))[0]
    name_line(sheet=sheet, supporter=SupporterFactory(), at=timezone.now())
    form = client.get(page_of(sheet, "edit")).context["form"]
    fields = {name: form[name].value() or "" for name in form.fields}

    answer = client.post(page_of(sheet, "edit"), fields | wrong)

    assert list(answer.context["form"].errors) == [field]
    assert tallies.count(titled) == 36


def test_withdrawing_asks_first_and_then_cannot_be_repeated(client, titled):
    sheet = enter(titled, row("B-1"))

    asked = client.get(page_of(sheet, "withdraw"))
    unasked = client.post(page_of(sheet, "withdraw"))
    assert (asked.status_code, unasked.status_code, tallies.count(titled)) == (200, 200, 18)
    client.post(page_of(sheet, "withdraw"), {"confirmed": "yes"})

    assert tallies.count(titled) == 0
    again = [client.get(page_of(sheet, name)).status_code for name in ("withdraw", "edit", "name")]
    assert again == [404, 404, 404]


def test_name_is_typed_and_the_page_comes_again_for_the_next(client, titled):
    sheet = enter(titled, row("B-1"))

    answer = client.post(
        page_of(sheet, "name"), {"given_name": "Ann", "family_name": "Adam", "country": "BE"}
    )

    assert answer.url == page_of(sheet, "name")
    signature = Signature.objects.get()
    assert (signature.supporter.full_name, signature.sheet) == ("Ann Adam", sheet)
    assert "Ann Adam" in client.get(page_of(sheet)).content.decode()
    assert tallies.count(titled) == 18


def test_somebody_who_signed_already_is_told_with_what_to_do(client, titled):
    sheet, signature = enter(titled, row("B-1")), counted(titled)

    answer = client.post(
        page_of(sheet, "name"),
        {"supporter": signature.supporter_id, "country": "BE"},
        headers={"accept-language": "en"},
    )

    assert answer.context["form"].non_field_errors() == [
        "This person signed already on 01/03/2026, and counts once. Strike the line out: correct "
        "the sheet to one valid line less."
    ]


def test_namesake_is_shown_before_somebody_new_is_made(client, titled):
    sheet = enter(titled, row("B-1"))
    known = SupporterFactory(given_name="Annabelle", family_name="Adamczyk", postcode="5000")
    name = {"given_name": "Annabelle", "family_name": "Adamczyk", "postcode": "5000"}

    asked = client.post(page_of(sheet, "name"), {**name, "country": "BE"})
    sure = client.post(page_of(sheet, "name"), {**name, "country": "BE", "somebody_else": "1"})

    assert asked.context["alike"] == [known]
    assert sure.status_code == 302
    assert Signature.objects.get().supporter != known


def test_box_on_the_paper_needs_its_words_and_an_address(client, titled):
    sheet, wording = enter(titled, row("B-1")), WordingFactory()
    name = {"given_name": "Ann", "family_name": "Adam", "country": "BE", "is_ticked": "on"}

    lacking = client.post(page_of(sheet, "name"), name)
    full = name | {"email": "ann@example.org", "wording": wording.pk}
    taken = client.post(page_of(sheet, "name"), full)

    assert sorted(lacking.context["form"].errors) == ["is_ticked", "wording"]
    assert taken.status_code == 302
    assert Consent.objects.get().wording == wording


@pytest.mark.parametrize(
    "name",
    [
        {},
        {"postcode": "5000"},
        {"given_name": "Ann", "postcode": "50"},
        {"email": "not an address"},
    ],
)
def test_name_that_is_none_is_refused(client, titled, name):
    sheet = enter(titled, row("B-1"))

    answer = client.post(page_of(sheet, "name"), name | {"country": "BE"})

    assert answer.context["form"].errors
    assert Signature.objects.count() == 0


def test_names_are_told_to_those_who_see_signatures(client, titled, django_user_model):
    sheet = enter(titled, row("B-1"))
    name_line(sheet=sheet, supporter=SupporterFactory(given_name="Zenobia"), at=timezone.now())
    user = django_user_model.objects.create_user("counter", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_sheet"))
    client.force_login(user)

    page = client.get(page_of(sheet)).content.decode()

    assert "B-1" in page
    assert "Zenobia" not in page


def test_fundraiser_reads_sheets_and_enters_none(client, titled, signed_in):
    sheet = enter(titled, row("B-1"))
    signed_in(Role.FUNDRAISER)

    sent = [
        client.post(ADD, pile(titled, line("B-9"))).status_code,
        client.post(page_of(sheet, "withdraw"), {"confirmed": "yes"}).status_code,
        client.post(page_of(sheet, "name"), {"given_name": "Ann"}).status_code,
    ]

    assert client.get(page_of(sheet)).status_code == 200
    assert sent == [403, 403, 403]
    assert tallies.count(titled) == 18


def test_sheet_of_today_is_taken_in_local_days(client, titled):
    today = timezone.localdate()

    client.post(ADD, pile(titled, line(ends_on=today.isoformat())))
    tomorrow = today + timedelta(days=1)
    client.post(ADD, pile(titled, line("B-2", ends_on=tomorrow.isoformat())))

    assert list(Sheet.objects.values_list("ends_on", flat=True)) == [today]
