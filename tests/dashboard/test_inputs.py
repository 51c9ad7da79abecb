"""From an address to what is looked at."""

from datetime import date

import pytest
from django.http import QueryDict

from crm.lib.periods import Period
from dashboard.inputs import Filters, read_filters

TODAY = date(2028, 2, 29)


def read(address):
    return read_filters(QueryDict(address), {1, 22}, TODAY)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", Filters(None, "12m", date(2027, 2, 1), TODAY)),
        ("period=30d", Filters(None, "30d", date(2028, 1, 31), TODAY)),
        ("period=5y&campaign=22", Filters(22, "5y", date(2023, 2, 1), TODAY)),
        ("period=unknown&campaign=3", Filters(None, "12m", date(2027, 2, 1), TODAY)),
        (
            "from=2027-05-01&to=2027-05-31",
            Filters(None, "between", date(2027, 5, 1), date(2027, 5, 31)),
        ),
        (
            "from=2027-05-31&to=2027-05-01",
            Filters(None, "between", date(2027, 5, 1), date(2027, 5, 31)),
        ),
        ("period=30d&from=2027-05-01", Filters(None, "30d", date(2028, 1, 31), TODAY)),
        ("period=between&from=2028-02-01", Filters(None, "between", date(2028, 2, 1), TODAY)),
        ("to=2020-01-01", Filters(None, "between", date(2020, 1, 1), date(2020, 1, 1))),
        ("from=0001-01-01&to=9999-12-31", Filters(None, "between", date(1990, 1, 1), TODAY)),
    ],
)
def test_address_becomes_filters(address, expected):
    assert read(address) == expected


@pytest.mark.parametrize(
    ("first", "start"),
    [
        (date(2021, 3, 4), date(2021, 3, 4)),
        (date(1970, 1, 1), date(1990, 1, 1)),
        (date(2030, 1, 1), TODAY),
        (None, TODAY),
    ],
)
def test_all_begins_with_the_first_day_that_has_figures(first, start):
    scope = read("period=all&campaign=1").scope({1: first}.get)

    assert (scope.campaign, scope.period) == (1, Period(start, date(2028, 3, 1)))


def test_other_periods_do_not_ask_for_the_first_day():
    scope = read("period=30d").scope(pytest.fail)

    assert scope.period == Period(date(2028, 1, 31), date(2028, 3, 1))
