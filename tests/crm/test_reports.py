"""What charts add up, against SQL on the rows themselves."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from django.utils import translation

from crm.campaigns import tallies
from crm.campaigns.counting import SignatureDelta
from crm.campaigns.operations import confirm, withdraw
from crm.donations import tallies as gift_tallies
from crm.donations.models import GiftDelta
from crm.donations.operations import record_gift
from crm.lib.periods import Period
from crm.lib.regions import PROVINCES
from crm.reports import campaigns, donations, signatures
from crm.reports.scope import Scope
from crm.reports.steps import Step, in_steps, step_for
from tests.dashboard.history import make_gifts, make_signatures, sql
from tests.factories import CampaignFactory, SignatureFactory, SupporterFactory

pytestmark = pytest.mark.django_db

TODAY = date(2025, 4, 10)
SEASON = Period(date(2024, 10, 1), date(2025, 4, 11))
WINTER = Period(date(2024, 10, 27), date(2025, 1, 1))
LOCAL_DAY = "(confirmed_at AT TIME ZONE 'Europe/Brussels')::date"
CONFIRMED = f"""
FROM crm_signature JOIN crm_source ON crm_source.id = source_id
WHERE status = 'confirmed' AND {LOCAL_DAY} >= %s AND {LOCAL_DAY} < %s
"""


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def scope(period=SEASON, campaign=None):
    return Scope(period, campaign and campaign.pk)


def confirmed(columns, period, campaign=None):
    """Numbers of confirmed signatures, by the columns, from the signatures themselves."""
    of_campaign = f" AND campaign_id = {campaign.pk}" if campaign else ""
    return dict(
        sql(
            f"SELECT {columns}, count(*) {CONFIRMED}{of_campaign} GROUP BY {columns}",
            period.start,
            period.end,
        )
    )


def numbers(shares):
    return {share.label: share.number for share in shares}


# --- Signatures ---------------------------------------------------------------------------------


def test_signatures_per_day_equal_the_rows_of_signatures():
    make_signatures(200)

    time = signatures.over_time(scope(WINTER), today=TODAY)

    assert time.step == Step.DAY
    found = dict(zip(time.steps["start"], time.steps["number"], strict=True))
    assert len(found) == WINTER.days
    assert {day: number for day, number in found.items() if number} == confirmed(LOCAL_DAY, WINTER)


def test_signatures_per_week_equal_the_rows_of_signatures():
    make_signatures()

    time = signatures.over_time(scope(SEASON), today=TODAY)

    found = dict(zip(time.steps["start"], time.steps["number"], strict=True))
    weeks = confirmed(f"date_trunc('week', {LOCAL_DAY})::date", SEASON)
    assert time.step == Step.WEEK
    assert {day: number for day, number in found.items() if number} == weeks


def test_signatures_so_far_begin_with_those_before_the_period():
    one, _two = make_signatures()

    time = signatures.over_time(scope(WINTER, one), today=TODAY)

    before = confirmed("1", Period(date(2000, 1, 1), WINTER.start), one)[1]
    until = confirmed("1", Period(date(2000, 1, 1), WINTER.end), one)[1]
    assert time.before == before > 0
    assert time.steps["total"].iloc[-1] == until > before


def test_signatures_are_the_same_before_and_after_folding():
    make_signatures()
    unfolded = signatures.over_time(scope(), today=TODAY)
    assert SignatureDelta.objects.exists()

    tallies.fold()

    folded = signatures.over_time(scope(), today=TODAY)
    assert not SignatureDelta.objects.exists()
    pd.testing.assert_frame_equal(folded.steps, unfolded.steps)


@pytest.mark.parametrize("only_one", [False, True])
def test_channels_languages_and_places_equal_the_rows_of_signatures(only_one):
    one, _two = make_signatures()
    looked_at = scope(WINTER, one if only_one else None)
    campaign = one if only_one else None
    provinces = confirmed("region", WINTER, campaign)
    elsewhere = confirmed("country || region", WINTER, campaign)

    regions = signatures.by_region(looked_at)

    channels = numbers(signatures.by_channel(looked_at))
    raw = confirmed("channel", WINTER, campaign)
    labels = {"direct": "Direct", "facebook": "Facebook", "newsletter": "Newsletter"}
    assert channels == {labels[code]: number for code, number in raw.items()}
    spoken = numbers(signatures.by_language(looked_at))
    assert sorted(spoken.values()) == sorted(confirmed("language", WINTER, campaign).values())
    assert sorted(numbers(signatures.countries_of(regions)).values()) == sorted(
        confirmed("country", WINTER, campaign).values()
    )
    assert numbers(signatures.provinces_of(regions)) == {
        str(PROVINCES["BE-BRU"]): provinces["BE-BRU"],
        str(PROVINCES["BE-WLG"]): provinces["BE-WLG"],
        "Unknown": elsewhere["BE"],
    }


def test_shares_begin_with_the_most():
    make_signatures()

    found = signatures.by_channel(scope())

    assert [share.number for share in found] == sorted(numbers(found).values(), reverse=True)


def test_totals_tell_the_last_seven_full_days_from_the_seven_before(campaign):
    for day in (2, 3, 9, 10):  # the running day, the last full one, both ends of the two weeks
        moment = datetime(2025, 4, day, 12, tzinfo=UTC)
        confirm(signature=SignatureFactory(campaign=campaign), at=moment)
    moment = datetime(2025, 3, 27, 12, tzinfo=UTC)
    confirm(signature=SignatureFactory(campaign=campaign), at=moment)
    period = Period(date(2025, 4, 3), date(2025, 4, 11))

    totals = signatures.totals(scope(period), today=TODAY)

    assert totals == (5, 3, 2, 2)


def test_withdrawn_signature_leaves_the_day_on_which_it_was_counted(campaign):
    day = datetime(2025, 3, 29, 23, 30, tzinfo=UTC)
    signature = SignatureFactory(campaign=campaign)
    confirm(signature=signature, at=day)
    tallies.fold()

    withdraw(signature=signature, at=datetime(2025, 4, 5, tzinfo=UTC))

    assert signatures.totals(scope(), today=TODAY).ever == 0
    assert not signatures.over_time(scope(), today=TODAY).steps["number"].any()
    assert signatures.by_channel(scope()) == []


def test_first_day_is_the_campaigns_own(campaign):
    confirm(signature=SignatureFactory(campaign=campaign), at=datetime(2025, 1, 5, tzinfo=UTC))
    confirm(signature=SignatureFactory(), at=datetime(2025, 1, 2, tzinfo=UTC))

    assert signatures.first_day(None) == date(2025, 1, 2)
    assert signatures.first_day(campaign.pk) == date(2025, 1, 5)
    assert signatures.first_day(campaign.pk + 1000) is None


def test_progress_counts_each_campaign_however_few(campaign):
    other = CampaignFactory(goal=None)
    confirm(signature=SignatureFactory(campaign=campaign), at=datetime(2025, 1, 5, tzinfo=UTC))

    lines = campaigns.progress(campaigns.choices())

    assert lines == [(campaign.slug, 1, 100), (other.slug, 0, None)]


# --- Donations ----------------------------------------------------------------------------------


def test_money_per_month_equals_the_entries():
    make_gifts(CampaignFactory(), 150)

    months = donations.per_month(scope(), today=TODAY)

    raw = sql(
        """SELECT date_trunc('month', day)::date,
                  coalesce(sum(e.amount) FILTER (WHERE e.kind = 'payment'), 0)::bigint,
                  coalesce(sum(e.amount) FILTER (WHERE e.kind = 'fee'), 0)::bigint,
                  coalesce(sum(e.amount) FILTER (WHERE e.kind NOT IN ('payment', 'fee')),
                           0)::bigint,
                  sum(e.amount)::bigint,
                  count(*) FILTER (WHERE e.kind = 'payment'),
                  count(*) FILTER (WHERE e.kind = 'payment' AND plan_id IS NOT NULL)
           FROM crm_entry AS e JOIN crm_gift ON crm_gift.id = gift_id
           WHERE e.currency = 'EUR' AND day >= %s AND day < %s
           GROUP BY 1 ORDER BY 1""",
        SEASON.start,
        SEASON.end,
    )
    columns = ["start", "gross", "fees", "refunds", "net", "gifts", "gifts_regular"]
    assert list(months[columns].itertuples(index=False, name=None)) == raw
    assert (months["gross_once"] + months["gross_regular"] == months["gross"]).all()


def test_money_is_the_same_before_and_after_folding():
    make_gifts(CampaignFactory())
    unfolded = donations.per_month(scope(), today=TODAY)
    assert GiftDelta.objects.exists()

    gift_tallies.fold()

    assert not GiftDelta.objects.exists()
    pd.testing.assert_frame_equal(donations.per_month(scope(), today=TODAY), unfolded)


def test_money_of_a_campaign_is_its_own():
    campaign = CampaignFactory()
    make_gifts(campaign)

    months = donations.per_month(scope(campaign=campaign), today=TODAY)

    [(gross,)] = sql(
        """SELECT sum(amount) FROM crm_gift
           WHERE status = 'paid' AND currency = 'EUR' AND campaign_id = %s""",
        campaign.pk,
    )
    assert months["gross"].sum() == gross


def test_donors_are_new_in_the_month_of_their_first_paid_gift():
    make_gifts(CampaignFactory())

    months = donations.donors_per_month(scope(WINTER), today=TODAY)

    gifts = sql(
        """SELECT supporter_id, received_on, currency FROM crm_gift
           WHERE status = 'paid' ORDER BY received_on DESC"""
    )
    firsts = {supporter: day for supporter, day, _currency in gifts}
    expected = {date(2024, month, 1): {"new": set(), "returning": set()} for month in (10, 11, 12)}
    for supporter, day, currency in gifts:
        if currency == "EUR" and WINTER.start <= day < WINTER.end:
            month = day.replace(day=1)
            kind = "new" if firsts[supporter] >= month else "returning"
            expected[month][kind].add(supporter)
    found = {start: (new, old) for start, new, old in zip(*columns_of(months), strict=True)}
    assert found == {
        month: (len(kinds["new"]), len(kinds["returning"])) for month, kinds in expected.items()
    }


def columns_of(months):
    return months["start"], months["new"], months["returning"]


def test_donor_who_gave_before_the_period_is_returning():
    donor = SupporterFactory()
    for count, moment in enumerate([datetime(2024, 9, 30, 21, tzinfo=UTC), TODAY_AT]):
        give(donor, count, moment)

    months = donations.donors_per_month(scope(), today=TODAY)

    assert months[["new", "returning"]].sum().tolist() == [0, 1]


def test_failed_payments_count_by_local_day():
    donor = SupporterFactory()
    for count, moment in enumerate(
        [
            datetime(2024, 9, 30, 21, 59, tzinfo=UTC),  # still September in Brussels
            datetime(2024, 9, 30, 22, 0, tzinfo=UTC),
            datetime(2025, 4, 10, 21, 59, tzinfo=UTC),
            datetime(2025, 4, 10, 22, 0, tzinfo=UTC),  # the day after the period
        ]
    ):
        give(donor, count, moment, status="failed")
    give(donor, 9, TODAY_AT)

    assert donations.people(scope()) == (1, 2)


TODAY_AT = datetime(2025, 4, 10, 9, tzinfo=UTC)


def give(donor, count, moment, status="paid"):
    record_gift(
        reference=f"test:{count}",
        supporter=donor,
        amount=1000,
        currency="EUR",
        method="card",
        status=status,
        given_at=moment,
        at=moment,
        thank=False,
    )


# --- Each report is one query, however many rows there are --------------------------------------


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(
    "report",
    [
        lambda: signatures.totals(scope(), today=TODAY),
        lambda: signatures.over_time(scope(), today=TODAY),
        lambda: signatures.by_channel(scope()),
        lambda: signatures.by_region(scope()),
        lambda: signatures.by_language(scope()),
        lambda: donations.per_month(scope(), today=TODAY),
        lambda: donations.donors_per_month(scope(), today=TODAY),
        lambda: donations.people(scope()),
    ],
)
def test_report_is_one_query(report, number, django_assert_num_queries):
    make_signatures(number)
    make_gifts(None, number)

    with django_assert_num_queries(1):
        report()


@pytest.mark.parametrize("number", [1, 3])
def test_campaigns_are_two_queries_and_their_progress_one(number, django_assert_num_queries):
    CampaignFactory.create_batch(number)

    with django_assert_num_queries(2):
        choices = campaigns.choices()
    with django_assert_num_queries(1):
        campaigns.progress(choices)


# --- Steps --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "step"), [(1, "day"), (92, "day"), (93, "week"), (732, "week"), (733, "month")]
)
def test_step_grows_with_the_period(days, step):
    period = Period(date(2020, 1, 1), date(2020, 1, 1) + pd.Timedelta(days=days))

    assert step_for(period) == step


def test_steps_that_are_cut_or_running_are_not_complete():
    counted = pd.DataFrame({"number": [5]}, index=[date(2025, 3, 5)])
    period = Period(date(2025, 2, 26), date(2025, 3, 13))  # Wednesday to Wednesday

    steps = in_steps(counted, period, Step.WEEK, today=date(2025, 3, 12))

    assert steps[["start", "last", "number", "complete"]].values.tolist() == [
        [date(2025, 2, 24), date(2025, 3, 2), 0, False],
        [date(2025, 3, 3), date(2025, 3, 9), 5, True],
        [date(2025, 3, 10), date(2025, 3, 16), 0, False],
    ]


def test_running_day_is_not_complete():
    counted = pd.DataFrame({"number": [5]}, index=[date(2025, 3, 12)])
    period = Period(date(2025, 3, 11), date(2025, 3, 13))

    steps = in_steps(counted, period, Step.DAY, today=date(2025, 3, 12))

    assert steps["complete"].tolist() == [True, False]


def test_first_step_is_complete_when_nothing_lies_before_the_period():
    counted = pd.DataFrame({"number": [5]}, index=[date(2025, 2, 27)])
    period = Period(date(2025, 2, 26), date(2025, 3, 3))

    steps = in_steps(counted, period, Step.WEEK, today=date(2025, 3, 12), is_open=True)

    assert steps["complete"].tolist() == [True]
