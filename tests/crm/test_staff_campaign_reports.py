"""Sources, funnel and sharing, as each member of staff is told them."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.campaigns.shares import Share
from crm.lib.periods import local_day
from crm.reports import counting
from tests.crm.spread_world import DAY, note, note_gift, signed, source_of
from tests.factories import CampaignFactory, CampaignTextFactory

pytestmark = pytest.mark.django_db
EVERY = "/staff/crm/campaign/sources/"
PAGES = ["sources", "funnel", "sharing"]


@pytest.fixture
def noted(campaign):
    """Yesterday 40 came by Facebook and 3 from a partner's site; six gave."""
    CampaignTextFactory(campaign=campaign, title="Stop child trafficking")
    facebook, partner = source_of("facebook"), source_of("partner", referrer_host="www.plan.be")
    day = local_day(timezone.now()) - DAY
    for source, number in ((facebook, 40), (partner, 3)):
        note(campaign, source, "view", number * 10, day=day)
        note(campaign, source, "submit", number, day=day)
        note(campaign, source, "confirm", number, day=day)
    note(campaign, facebook, "consent", 20, day=day)
    for _count in range(6):
        note_gift(campaign, source=facebook, first=partner, day=day)
    return campaign


@pytest.fixture
def spread(campaign):
    """Anna brought five and shared twice; two of the five gave nothing and brought one more."""
    CampaignTextFactory(campaign=campaign, title="Stop child trafficking")
    begun = timezone.now() - 60 * DAY
    anna = signed(campaign, begun, supporter__given_name="Anna", supporter__family_name="Sharer")
    friends = [signed(campaign, begun + DAY, through=anna) for _count in range(5)]
    signed(campaign, begun + 2 * DAY, through=friends[0], medium="mail")
    for medium in ("whatsapp", "mail"):
        Share.objects.create(signature=anna, medium=medium, at=begun + DAY)
    counting.count(counting.every(), at=timezone.now())
    return campaign


def address(page, campaign=None, **query):
    name = reverse(f"admin:crm_campaign_{page}", args=[campaign.pk] if campaign else [])
    return name + ("?" + "&".join(f"{key}={value}" for key, value in query.items()))


def texts(table):
    return {str(row.label): [cell.text for cell in row.cells] for row in table.rows}


def file_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def test_sources_show_steps_and_money_to_who_may_see_both(client, signed_in, noted):
    signed_in(Role.FUNDRAISER)

    answer = client.get(address("sources", noted), headers={"accept-language": "en"})

    told = answer.context["tables"]
    assert texts(told["sources"]) == {
        "Facebook": ["400", "40", "40", "20", "0", "0"],
        "Partner sites": ["30", "3", "3", "0", "0", "0"],
    }
    assert texts(told["money"]) == {
        "Facebook": ["6", "€150", "€147", "0", "€0", "€0"],
        "Partner sites": ["0", "€0", "€0", "6", "€150", "€147"],
    }
    assert answer.context["summary"] == "Of 100 signatures, 93 came from: Facebook."


def test_reader_is_told_of_nobody_and_of_no_money(client, signed_in, noted):
    signed_in(Role.READER)

    answer = client.get(address("sources", noted), headers={"accept-language": "en"})

    assert {name: texts(table) for name, table in answer.context["tables"].items()} == {
        "sources": {
            "Facebook": ["400", "…", "…", "20", "0", "0"],
            "Partner sites": ["30", "…", "…", "0", "0", "0"],
        }
    }
    page = answer.content.decode()
    assert "… stands for what would tell of fewer than five people." in page
    assert "€" not in page


def test_campaigner_sees_people_and_no_money(client, signed_in, noted):
    signed_in(Role.CAMPAIGNER)

    told = client.get(address("sources", noted)).context["tables"]

    assert list(told) == ["sources"]
    assert not told["sources"].has_untold


def test_opened_channel_shows_its_sources_and_closes_again(client, signed_in, noted):
    signed_in(Role.CAMPAIGNER)

    shut = client.get(address("sources", noted)).context["tables"]["sources"]
    links = {row.anchor: row.link for row in shut.rows}
    opened = client.get(address("sources", noted) + links["partner"][1:]).context["tables"]

    rows = opened["sources"].rows
    assert [(str(row.label), row.is_open, row.is_part) for row in rows[1:]] == [
        (str(rows[1].label), True, False),
        ("www.plan.be", None, True),
    ]
    assert rows[1].link == "?"


def test_funnel_is_told_in_a_sentence_and_in_steps(client, signed_in, noted):
    signed_in(Role.CAMPAIGNER)

    answer = client.get(address("funnel", noted), headers={"accept-language": "en"})

    assert answer.context["summary"] == (
        "Of 100 who see the page, 10 send the form, 10 confirm, 5 want news, 0 share it and 0 give."
    )
    steps = {str(row.label): row.cells for row in answer.context["tables"]["steps"].rows}
    assert [cell.text for cell in steps["Sent the form"]] == ["43", "10.0%"]
    assert steps["Sent the form"][1].note == "7.5% – 13.2%"
    assert [cell.text for cell in steps["Sent it once more"]] == ["0", "0.0%"]
    assert list(answer.context["tables"]) == ["steps", "donors", "channels"]


def test_sharing_is_told_with_names_to_who_may_see_them(client, signed_in, spread):
    signed_in(Role.FUNDRAISER)

    answer = client.get(address("sharing", spread), headers={"accept-language": "en"})

    told = answer.context["tables"]
    assert answer.context["summary"] == (
        "100 signers bring 86 others. With those whom these bring in turn, 100 become 700 in the"
        " end."
    )
    assert texts(told["ways"]) == {
        "WhatsApp": ["1", "0.14", "5", "5.00", "0.714"],
        "E-mail": ["1", "0.14", "1", "1.00", "0.143"],
    }
    assert [row.cells[0].text for row in told["generations"].rows] == ["1", "5", "1"]
    assert texts(told["sharers"])["Anna Sharer"] == ["5", "6", "0", "€0"]


def test_campaigner_sees_names_of_sharers_but_not_what_was_raised(client, signed_in, spread):
    signed_in(Role.CAMPAIGNER)

    told = client.get(address("sharing", spread)).context["tables"]

    assert texts(told["sharers"])["Anna Sharer"] == ["5", "6"]


def test_reader_sees_no_name_and_nothing_of_few(client, signed_in, spread):
    signed_in(Role.READER)

    answer = client.get(address("sharing", spread), headers={"accept-language": "en"})

    assert texts(answer.context["tables"]["ways"]) == {
        "WhatsApp": ["…"] * 5,
        "E-mail": ["…"] * 5,
    }
    assert "sharers" not in answer.context["tables"]
    assert "Anna" not in answer.content.decode()


def test_erased_sharer_is_not_shown_even_before_it_is_counted_again(client, signed_in, spread):
    signed_in(Role.ADMINISTRATOR)
    anna = spread.signatures.get(referrer=None).supporter
    anna.erased_at = timezone.now()
    anna.save()

    told = client.get(address("sharing", spread)).context["tables"]

    assert "Anna Sharer" not in texts(told["sharers"])


def test_sharing_that_was_never_counted_says_so(client, signed_in, campaign):
    signed_in(Role.READER)

    page = client.get(address("sharing", campaign), headers={"accept-language": "en"})

    assert "was not yet" in page.content.decode()


def test_window_is_one_of_those_that_are_counted(client, signed_in, spread):
    signed_in(Role.READER)

    told = [
        client.get(address("sharing", spread, window=days)).context["found"].window
        for days in ("7", "30", "8", "x")
    ]

    assert told == [7, 30, 14, 14]


def test_file_holds_every_source_in_plain_figures(client, signed_in, noted):
    signed_in(Role.FUNDRAISER)
    english = {"accept-language": "en"}

    answer = client.get(address("sources", noted, file="money"), headers=english)

    lines = file_of(answer)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f'attachment; filename="{noted.slug}-money-' in answer["Content-Disposition"]
    assert lines[0] == [
        *("Channel", "utm_source", "utm_medium", "utm_campaign", "referrer_host"),
        *("Gifts, last touch", "Gross, last touch", "Net, last touch"),
        *("Gifts, first touch", "Gross, first touch", "Net, first touch"),
    ]
    assert lines[1] == ["Facebook", *["all"] * 4, "6", "150.00", "147.00", "0", "0.00", "0.00"]
    assert lines[4][:5] == ["Partner sites", "", "", "", "www.plan.be"]


def test_file_for_a_reader_is_masked_too(client, signed_in, noted):
    signed_in(Role.READER)

    lines = file_of(client.get(address("sources", noted, file="sources")))

    assert [line[6:9] for line in lines[1:]] == [["…", "…", "20"]] * 2 + [["…", "…", "0"]] * 2


def test_file_of_sharers_names_nobody(client, signed_in, spread):
    signed_in(Role.ADMINISTRATOR)

    lines = file_of(client.get(address("sharing", spread, file="sharers")))

    assert lines[1][:3] == ["1", "5", "6"]


@pytest.mark.parametrize(
    ("page", "file"), [("sources", "money"), ("sharing", "sharers"), ("funnel", "nothing")]
)
def test_file_of_what_a_reader_may_not_see_is_not_there(client, signed_in, spread, page, file):
    signed_in(Role.READER)

    assert client.get(address(page, spread, file=file)).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_every_table_of_a_page_can_be_taken_along(client, signed_in, spread, page):
    signed_in(Role.ADMINISTRATOR)
    tables = client.get(address(page)).context["tables"]

    for name in tables:
        lines = file_of(client.get(address(page, file=name)))
        assert {len(line) for line in lines} == {len(lines[0])}


def test_days_of_ones_own_hold_and_a_usual_period_replaces_them(client, signed_in, noted):
    signed_in(Role.READER)
    told = {"since": "2026-01-01", "until": "2026-01-31"}

    own = client.get(address("funnel", noted, **told)).context["ask"]
    usual = client.get(address("funnel", noted, **told, period="30d")).context["ask"]

    assert (own.scope.period.start, own.scope.period.last_day) == (
        date(2026, 1, 1),
        date(2026, 1, 31),
    )
    assert (own.preset, usual.preset, usual.scope.period.days) == ("", "30d", 30)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"since": "2026-02-30"}, "since"),
        ({"since": "2026-03-01", "until": "2026-01-01"}, "until"),
    ],
)
def test_days_that_make_no_sense_are_told_beside_their_field(client, signed_in, noted, told, field):
    signed_in(Role.READER)

    answer = client.get(address("sources", noted, **told))

    assert list(answer.context["form"].errors) == [field]
    assert answer.context["ask"].preset == "12m"
    assert f'id="id_{field}_error"' in answer.content.decode()


def test_form_leads_to_another_campaign_or_to_all(client, signed_in, noted):
    other = CampaignFactory()
    signed_in(Role.READER)

    chosen = client.get(EVERY, {"campaign": other.pk}).context["ask"]
    every = client.get(EVERY, {"campaign": ""}).context["ask"]

    assert (chosen.campaign, every.campaign) == (other, None)
    assert client.get(EVERY, {"campaign": "12345678"}).status_code == 404


def test_tabs_keep_the_campaign_and_the_days(client, signed_in, noted):
    signed_in(Role.READER)

    answer = client.get(EVERY, {"campaign": noted.pk, "period": "all", "channel": "partner"})

    assert [link for _words, link, _is_here in answer.context["ask"].tabs()] == [
        address(page, noted, period="all") for page in PAGES
    ]


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_a_campaign_without_anything_say_so(client, signed_in, campaign, page):
    counting.count([campaign.pk], at=timezone.now())
    signed_in(Role.ADMINISTRATOR)

    answer = client.get(address(page, campaign))

    assert answer.context["summary"] == ""
    for table in answer.context["tables"].values():
        assert table.rows or str(table.empty) in answer.content.decode()


@pytest.mark.parametrize(("page", "queries"), [("sources", 11), ("funnel", 12), ("sharing", 13)])
@pytest.mark.parametrize("number", [1, 3])
def test_pages_take_as_many_statements_for_three_as_for_one(
    client, signed_in, spread, page, queries, number, django_assert_num_queries
):
    signed_in(Role.ADMINISTRATOR)
    for count in range(number):
        made = CampaignFactory()
        CampaignTextFactory(campaign=made)
        note(spread, source_of("partner", utm_source=f"p{count}"), "view", 9)
    client.get(address(page, spread))

    with django_assert_num_queries(queries):
        client.get(address(page, spread, channel="partner"))
