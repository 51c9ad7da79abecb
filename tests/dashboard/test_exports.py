"""The files behind the charts."""

import csv
import io
from datetime import UTC, date, datetime

import pytest

from crm.campaigns.operations import confirm
from dashboard import exports
from dashboard.tables import Column, Kind, Table
from tests.dashboard.history import make_gifts, make_signatures, sql
from tests.factories import SignatureFactory

pytestmark = pytest.mark.django_db

SEASON = "from=2024-10-01&to=2025-04-10"


def rows_of(response):
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_file_has_the_charts_figures_for_the_same_filters(client, staff):
    one, _two = make_signatures()
    client.force_login(staff("reader"))

    response = client.get(
        f"/dashboard/export/signatures-by-language.csv?campaign={one.pk}&{SEASON}"
    )

    raw = sql(
        """SELECT count(*) FROM crm_signature WHERE status = 'confirmed' AND campaign_id = %s
           GROUP BY language ORDER BY 1 DESC""",
        one.pk,
    )
    head, *rows = rows_of(response)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="signatures-by-language.csv"'
    assert head == ["Language", "Signatures", "Share"]
    assert [int(row[1]) for row in rows] == [number for (number,) in raw]


def test_money_is_written_as_plain_amounts(client, staff):
    make_gifts(None)
    client.force_login(staff("fundraiser"))

    response = client.get(f"/dashboard/donations/export/gross-and-net.csv?{SEASON}")

    head, first, *rows = rows_of(response)
    [(net,)] = sql("SELECT sum(amount) FROM crm_entry WHERE currency = 'EUR'")
    assert head == ["Month", "Gross", "Fees", "Refunds and chargebacks", "Net", "Note"]
    assert first[0] == "2024-10-01"
    assert round(sum(float(row[4]) for row in [first, *rows]) * 100) == net


def test_running_month_is_marked(client, staff):
    confirm(signature=SignatureFactory(), at=datetime.now(UTC))
    client.force_login(staff("reader"))

    response = client.get("/dashboard/export/signatures-over-time.csv?period=30d")

    assert [row[2] for row in rows_of(response)[1:]] == [""] * 29 + ["incomplete"]


def test_cells_that_a_spreadsheet_would_run_are_escaped():
    table = Table(
        [Column("=Source", Kind.TEXT), Column("Day", Kind.DAY), Column("Number", Kind.COUNT)],
        [('=cmd|"/c calc"!A1', date(2026, 1, 1), -3), ("+1", None, 1), ("@x", None, None)],
    )

    assert list(exports.lines(table)) == [
        "'=Source,Day,Number\r\n",
        '"\'=cmd|""/c calc""!A1",2026-01-01,-3\r\n',
        "'+1,,1\r\n",
        "'@x,,\r\n",
    ]
