"""What the programmes reach: counted from records, or reported where there are none."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from crm.people.models import Supporter
from crm.programmes.impact import by_year, newest
from crm.programmes.models import ImpactFigure
from crm.programmes.networks import Affiliation, Network
from crm.programmes.partners import Partner
from crm.programmes.trainings import Enrolment
from tests.factories import AT, SupporterFactory
from tests.training_factories import EnrolmentFactory, SessionFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 14)
State = Enrolment.State


def organisation(**fields):
    return SupporterFactory(kind=Supporter.Kind.ORGANISATION, email="", **fields)


def member(network, **fields):
    fields.setdefault("begins_on", date(2020, 1, 1))
    organ = fields.pop("organisation", None) or organisation()
    return Affiliation.objects.create(
        organisation=organ, kind="member", network=network, modified_at=AT, **fields
    )


def partner(**fields):
    organ = fields.pop("organisation", None) or organisation()
    return Partner.objects.create(organisation=organ, sector="hotel", **fields)


def attendance(day, state=State.ATTENDED):
    return EnrolmentFactory(session=SessionFactory(begins_at=day), state=state)


def report(key, year, value, **fields):
    return ImpactFigure.objects.create(key=key, year=year, value=value, **fields)


def told(*, today=TODAY):
    """Each figure of each year, and whether it was counted."""
    return {
        (figure.key, year): (figure.value, figure.is_counted)
        for year, figures in by_year(today=today)
        for figure in figures
    }


@pytest.fixture
def network(db):
    return Network.objects.create(name="ECPAT International", is_international=True)


def test_members_are_the_organisations_in_our_international_network_on_a_day(network):
    other = Network.objects.create(name="CODE")
    in_both = member(network).organisation
    member(other, organisation=in_both)
    member(other)
    member(network, ends_on=date(2026, 1, 31))
    member(network, begins_on=date(2026, 4, 1))
    member(network, organisation=organisation(merged_into=in_both))
    report("network_members", 2024, 95)

    assert told() == {
        ("network_members", 2026): (1, True),
        ("network_members", 2025): (2, True),
        ("network_members", 2024): (2, True),
    }


def test_members_without_a_beginning_count_today_but_say_nothing_of_the_past(network):
    member(network, begins_on=None)
    report("network_members", 2025, 95)

    assert told() == {
        ("network_members", 2026): (1, True),
        ("network_members", 2025): (95, False),
    }


def test_partners_are_those_that_signed_and_have_not_left():
    partner(signed_on=date(2025, 6, 1))
    partner(signed_on=date(2025, 7, 1), left_on=date(2026, 2, 1))
    partner(signed_on=date(2026, 3, 15))
    partner(signed_on=None)

    assert told() == {("partners", 2026): (1, True), ("partners", 2025): (2, True)}


def test_trained_are_the_attendances_of_a_calendar_year_by_the_local_day():
    attendance(datetime(2025, 12, 31, 23, 30, tzinfo=UTC))  # half past midnight in Belgium
    attendance(datetime(2025, 12, 31, 22, 30, tzinfo=UTC))
    attendance(datetime(2025, 5, 1, 9, 0, tzinfo=UTC), state=State.ABSENT)
    attendance(datetime(2026, 5, 1, 9, 0, tzinfo=UTC), state=State.ENROLLED)

    assert told() == {("trained", 2026): (1, True), ("trained", 2025): (1, True)}


def test_whoever_was_erased_still_counts_as_trained():
    enrolment = attendance(datetime(2026, 2, 1, 9, 0, tzinfo=UTC))
    Supporter.objects.filter(pk=enrolment.supporter_id).update(erased_at=AT)

    assert told() == {("trained", 2026): (1, True)}


def test_what_was_reported_holds_where_there_are_no_records():
    attendance(datetime(2025, 5, 1, 9, 0, tzinfo=UTC))
    report("trained", 2025, 410)
    report("trained", 2017, 410)
    report("children", 2017, 2500, note="from the brochure")

    assert told() == {
        ("trained", 2025): (1, True),
        ("trained", 2017): (410, False),
        ("children", 2017): (2500, False),
    }


def test_the_first_figures_are_those_of_today_and_of_the_last_full_year(network):
    member(network)
    for year, number in ((2024, 3), (2025, 2), (2026, 1)):
        for _time in range(number):
            attendance(datetime(year, 2, 1, 9, 0, tzinfo=UTC))
    report("children", 2017, 2500)

    first = [(each.key, each.year, each.value) for each in newest(by_year(today=TODAY))]

    assert first == [
        ("network_members", 2026, 1),
        ("trained", 2025, 2),
        ("children", 2017, 2500),
    ]


def test_a_year_that_is_not_over_is_told_where_there_is_no_full_one():
    attendance(datetime(2026, 2, 1, 9, 0, tzinfo=UTC))

    first = [(each.key, each.year, each.is_unfinished) for each in newest(by_year(today=TODAY))]

    assert first == [("trained", 2026, True)]


def test_the_data_has_the_documented_shape_and_may_be_kept_for_a_while(client):
    report("children", 2017, 2500, note="from the brochure")
    figure = {
        "key": "children",
        "year": 2017,
        "value": 2500,
        "source": "reported",
        "until": "2017-12-31",
    }

    answer = client.get("/impact.json")

    assert answer.json() == {
        "organisation": "ECPAT Belgique",
        "figures": [figure],
        "years": {"2017": [figure]},
    }
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_the_page_tells_each_year_and_where_its_figures_come_from(client):
    attendance(datetime(2025, 5, 1, 9, 0, tzinfo=UTC))
    report("children", 2017, 2500, note="from the brochure")

    page = client.get("/en/impact/").content.decode()

    assert "counted over the year" in page
    assert "reported: from the brochure" in page
    assert "<h3>2025</h3>" in page
    assert "<h3>2017</h3>" in page


def test_a_page_without_figures_says_so(client):
    page = client.get("/en/impact/").content.decode()

    assert "There are no figures yet." in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_as_often_for_one_year_as_for_three(
    client, network, number, django_assert_num_queries
):
    for place in range(number):
        member(network)
        partner(signed_on=date(2024, 1, 1))
        attendance(datetime(2025 - place, 5, 1, 9, 0, tzinfo=UTC))
        report("children", 2025 - place, 2500)
    address = reverse("public:impact")
    client.get(address)

    with django_assert_num_queries(4):
        client.get(address)


def test_staff_are_told_which_of_their_figures_a_count_replaces(client, staff):
    attendance(datetime(2025, 5, 1, 9, 0, tzinfo=UTC))
    report("trained", 2025, 410)
    report("children", 2025, 2500)
    client.force_login(staff())
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    page = client.get(reverse("admin:crm_impactfigure_changelist")).content.decode()

    assert page.count("counted from records: 1") == 1
    assert page.count("as reported") == 1
