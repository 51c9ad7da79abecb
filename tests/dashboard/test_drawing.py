"""What the pages show, against SQL on the rows themselves."""

import pytest

from crm.donations.models import Gift
from dashboard import pages
from tests.dashboard.conftest import body_for, text_of
from tests.dashboard.history import make_gifts, make_signatures, sql

pytestmark = pytest.mark.django_db

SEASON = "from=2024-10-01&to=2025-04-10"
IN_SEASON = """
status = 'confirmed'
AND (confirmed_at AT TIME ZONE 'Europe/Brussels')::date BETWEEN '2024-10-01' AND '2025-04-10'
"""


def graph(parts, chart, place=0):
    return parts[f"{chart}-graph"]["figure"]["data"][place]


def tiles_of(parts, page):
    words = text_of(parts[f"{page}-tiles"]["children"])
    return dict(zip(words[::2], words[1::2], strict=False))


def test_charts_of_signatures_equal_sql_on_the_signatures(draw):
    make_signatures(200)

    parts = draw("signatures", SEASON)

    [(number,)] = sql(f"SELECT count(*) FROM crm_signature WHERE {IN_SEASON}")
    channels = sql(
        f"""SELECT count(*) FROM crm_signature JOIN crm_source ON crm_source.id = source_id
            WHERE {IN_SEASON} GROUP BY channel ORDER BY 1 DESC"""
    )
    assert parts["signatures-headline"]["children"] == (
        f"{number} signatures from 1 Oct 2024 to 10 Apr 2025"
    )
    assert sum(graph(parts, "signatures-over-time")["y"]) == number
    assert graph(parts, "signatures-so-far")["y"][-1] == number
    assert graph(parts, "signatures-by-source")["x"] == [number for (number,) in channels]
    for chart in ("country", "language"):
        assert sum(graph(parts, f"signatures-by-{chart}")["x"]) == number


def test_signatures_of_a_campaign_are_shown_against_its_goal(draw):
    one, _two = make_signatures()

    parts = draw("signatures", f"campaign={one.pk}&{SEASON}")

    [(number,)] = sql(
        f"SELECT count(*) FROM crm_signature WHERE {IN_SEASON} AND campaign_id = %s", one.pk
    )
    assert graph(parts, "signatures-so-far")["y"][-1] == number
    assert set(graph(parts, "signatures-so-far", 1)["y"]) == {100}
    assert text_of(parts["signatures-goals"]["children"]) == [
        "Towards the goals",
        "one",
        f"{number} of 100 ({number}%)",
    ]


def test_charts_of_donations_equal_sql_on_the_entries(draw):
    make_gifts(None, 150)

    parts = draw("donations", SEASON)

    [(gross, net)] = sql(
        """SELECT sum(amount) FILTER (WHERE kind = 'payment'), sum(amount)
           FROM crm_entry WHERE currency = 'EUR' AND day <= '2025-04-10'"""
    )
    [(donors, failed)] = sql(
        """SELECT count(DISTINCT supporter_id) FILTER (WHERE status = 'paid'),
                  count(*) FILTER (WHERE status = 'failed')
           FROM crm_gift WHERE currency = 'EUR'"""
    )
    tiles = text_of(parts["donations-tiles"]["children"])
    assert round(sum(graph(parts, "gross-and-net")["y"]) * 100) == gross
    assert round(sum(graph(parts, "gross-and-net", 1)["y"]) * 100) == net
    assert tiles[tiles.index("Gross") + 1] == f"€{gross / 100:,.2f}".removesuffix(".00")
    assert tiles[tiles.index("Net") + 1] == f"€{net / 100:,.2f}".removesuffix(".00")
    assert tiles[tiles.index("Donors") + 1] == str(donors)
    assert tiles[tiles.index("Failed payments") + 1] == str(failed)
    once, monthly = (sum(graph(parts, "once-and-monthly", place)["y"]) for place in (0, 1))
    assert round((once + monthly) * 100) == gross


def test_average_gift_is_the_gross_sum_by_the_gifts(draw):
    make_gifts(None)

    parts = draw("donations", SEASON)

    gross, number = 0, 0
    for amount in Gift.objects.paid().filter(currency="EUR").values_list("amount", flat=True):
        gross, number = gross + amount, number + 1
    average = f"{round(gross / number) / 100:.2f}"
    assert parts["average-gift-sentence"]["children"] == f"On average €{average} over all gifts."


@pytest.mark.parametrize("page", ["signatures", "donations"])
def test_page_without_figures_says_so_under_every_chart(draw, page):
    parts = draw(page)

    empty = {"signatures": "No signatures in this period.", "donations": "No gifts in this period."}
    for chart in pages.PAGES[page].titles:
        said = parts[f"{chart}-sentence"]["children"]
        assert said == ("No signatures yet." if chart == "signatures-so-far" else empty[page])
        assert parts[f"{chart}-frame"]["className"] == "chart empty"


@pytest.mark.parametrize(
    "address",
    [
        "campaign=x&period=y&from=z&to=w",
        "campaign=99999999999999999999&from=0001-01-01&to=9999-12-31",
        "from=2025-02-30&to=",
        "from=2025-04-10&to=2024-10-01",
        "period=between",
        "period=all&campaign=-1",
        "period=%00&campaign=%ff&from=%F0%9F%92%A9",
        ["a", "list"],
        {"an": "object"},
        None,
        7,
    ],
)
def test_garbage_in_the_address_is_as_if_it_were_not_there(client, draw, address):
    make_signatures(3)

    assert "signature" in draw("signatures", address)["signatures-headline"]["children"]
    if isinstance(address, str):
        assert client.get(f"/dashboard/?{address}").status_code == 200
        assert (
            client.get(f"/dashboard/export/signatures-over-time.csv?{address}").status_code == 200
        )


def test_failure_is_told_in_the_page_and_logged(draw, monkeypatch, caplog):
    def fail(*_args):
        raise RuntimeError("the database is away")

    monkeypatch.setattr(pages, "draw", fail)

    parts = draw("signatures")

    assert parts == {"signatures-problem": {"children": "The figures could not be calculated."}}
    assert [record.message for record in caplog.records] == ["the dashboard could not be drawn"]


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    ("page", "queries"),
    # Two for the session and its user, two for rights; two for campaigns, then one per question.
    [("signatures", 12), ("donations", 9)],
)
def test_page_costs_the_same_queries_however_many_rows(
    client, staff, page, queries, number, django_assert_num_queries
):
    make_signatures(number)
    make_gifts(None, number)
    client.force_login(staff("fundraiser"))
    below = "" if page == "signatures" else "donations/"

    with django_assert_num_queries(queries):
        client.post(
            f"/dashboard/{below}_dash-update-component",
            body_for(page, ""),
            content_type="application/json",
        )


def test_numbers_are_written_in_the_readers_language(client, draw):
    make_gifts(None)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "nl"

    parts = draw("donations", SEASON)

    layout = parts["gross-and-net-graph"]["figure"]["layout"]
    assert layout["separators"] == ",."
    assert layout["yaxis"]["tickprefix"] == "€\u00a0"
    assert "okt" in str(text_of(parts["gross-and-net-table"]["children"]))
