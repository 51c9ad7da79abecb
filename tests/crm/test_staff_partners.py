"""The board of partners, and the page of one."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.exchange.models import Export
from crm.lib.periods import local_day
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.programmes.partners import CriterionState, Partner, PartnerReport
from tests.factories import SupporterFactory
from tests.partner_factories import CriterionStateFactory, OrganisationFactory, PartnerFactory
from tests.people_factories import RelationshipFactory

pytestmark = pytest.mark.django_db
ENGLISH = {"accept-language": "en"}
BOARD, ADD = "/staff/crm/partner/", "/staff/crm/partner/add/"
SIGNED = date(2025, 2, 10)
REPORT_OF_ABUSE = "Un client abuse d'une fillette de 8 ans."


@pytest.fixture
def carla(signed_in):
    return signed_in(Role.CAMPAIGNER)


@pytest.fixture
def today():
    return local_day(timezone.now())


def made(name="Hotel", due=None, **fields):
    """A partner that signed, and whose report is due on a day."""
    region = fields.pop("region", "BE-BRU")
    organisation = OrganisationFactory(family_name=name, region=region)
    organisation.search_text = organisation.searchable()
    organisation.save()
    told = {"signed_on": SIGNED, "next_report_on": due, **fields}
    partner = PartnerFactory(organisation=organisation, **told)
    if due:
        PartnerReport.objects.create(partner=partner, year=due.year, due_on=due)
    return partner


def address(partner, page="change"):
    return reverse(f"admin:crm_partner_{page}", args=[partner.pk])


def names(client, query=""):
    rows = client.get(f"{BOARD}?{query}", headers=ENGLISH).context["rows"]
    return [str(row.partner.organisation) for row in rows]


def test_board_tells_each_criterion_in_words_and_when_the_report_is_due(client, carla, today):
    partner = made(due=today - timedelta(days=3), responsible=carla)
    for criterion, state in ((1, "met"), (2, "begun"), (3, "lapsed")):
        CriterionStateFactory(partner=partner, criterion=criterion, state=state)

    (row,) = client.get(BOARD, headers=ENGLISH).context["rows"]

    words = [str(cell.words) for cell in row.cells]
    assert words == ["met", "in progress", "no longer met", *["not begun"] * 3]
    assert len({cell.icon for cell in row.cells}) == 4
    assert (row.due, row.who) == (("overdue by 3 days", "bad"), carla.get_username())


def test_board_shows_partners_those_who_prepare_and_those_who_left(client, carla):
    made("Active")
    made("Preparing", signed_on=None)
    made("Gone", left_on=date(2026, 1, 1))

    views = client.get(BOARD).context["views"]

    assert [(name, number) for name, _words, number in views] == [
        ("active", 1),
        ("preparing", 1),
        ("left", 1),
    ]
    shown = [names(client, f"show={view}") for view in ("active", "preparing", "left", "nonsense")]
    assert shown == [["Active"], ["Preparing"], ["Gone"], ["Active"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Anvers", "Bruges", "Charleroi"]),
        ("q=brug", ["Bruges"]),
        ("sector=school", ["Charleroi"]),
        ("region=BE-VWV", ["Bruges"]),
        ("report=overdue", ["Bruges"]),
        ("report=soon", ["Anvers"]),
        ("who=mine", ["Anvers"]),
        ("who=nobody", ["Bruges", "Charleroi"]),
        ("state=met", ["Anvers", "Bruges"]),
        ("state=met&criterion=1", ["Anvers"]),
        ("state=none&criterion=1", ["Bruges", "Charleroi"]),
        ("state=none", ["Anvers", "Bruges", "Charleroi"]),
        ("criterion=1", ["Anvers", "Bruges", "Charleroi"]),
        ("sector=nonsense", ["Anvers", "Bruges", "Charleroi"]),
        ("sort=due", ["Bruges", "Anvers", "Charleroi"]),
        ("sort=met", ["Charleroi", "Anvers", "Bruges"]),
        ("sort=signed", ["Charleroi", "Anvers", "Bruges"]),
        ("sector=hotel&state=met&criterion=1&who=mine", ["Anvers"]),
    ],
)
def test_board_is_searched_filtered_and_sorted(client, carla, today, query, found):
    one = made("Anvers", today + timedelta(days=9), responsible=carla, region="BE-VAN")
    two = made("Bruges", today - timedelta(days=9), region="BE-VWV")
    made("Charleroi", sector="school", region="BE-WHT", signed_on=SIGNED + timedelta(days=9))
    CriterionStateFactory(partner=one, criterion=1)
    CriterionStateFactory(partner=two, criterion=2)

    assert names(client, query) == found


def test_partner_that_has_begun_with_all_is_none_where_something_has_not_begun(client, carla):
    partner = made()
    for criterion in range(1, 7):
        CriterionStateFactory(partner=partner, criterion=criterion)

    assert names(client, "state=none") == []


@pytest.mark.parametrize("number", [1, 3])
def test_board_takes_as_many_queries_for_many_partners_as_for_one(
    client, carla, number, django_assert_num_queries
):
    for place in range(number):
        CriterionStateFactory(partner=made(f"Hotel {place}", responsible=carla))
    client.get(BOARD)

    with django_assert_num_queries(8):
        client.get(BOARD)


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_as_many_queries_for_much_as_for_little(
    client, carla, number, today, django_assert_num_queries
):
    partner = made(due=today)
    for place in range(number):
        CriterionStateFactory(partner=partner, criterion=place + 1)
        RelationshipFactory(other=partner.organisation, kind="contact")
        PartnerReport.objects.create(partner=partner, year=2010 + place, due_on=SIGNED)
    client.get(address(partner))

    with django_assert_num_queries(9):
        client.get(address(partner))


def test_organisation_that_we_know_becomes_a_partner(client, carla, today):
    hotel = OrganisationFactory()
    begin = client.get(f"{ADD}?supporter={hotel.pk}").context["form"]

    sent = {"organisation": hotel.pk, "sector": "hotel", "signed_on": "2025-02-10"}
    answer = client.post(ADD, {**sent, "language": "fr", "responsible": carla.pk})

    partner = Partner.objects.get()
    assert begin.initial["organisation"] == str(hotel.pk)
    assert answer.url == address(partner)
    assert (partner.organisation, partner.responsible) == (hotel, carla)
    assert (partner.signed_on, partner.next_report_on) == (SIGNED, date(2026, 2, 10))


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": "New", "signed_on": "2999-01-01"}, "signed_on"),
        ({"organisation": "partner"}, "organisation"),
        ({"organisation": "person"}, "organisation"),
        ({}, "organisation"),
    ],
)
def test_new_partner_names_what_is_wrong_beside_its_field(client, carla, told, field):
    keys = {"partner": made().organisation_id, "person": SupporterFactory().pk}
    sent = {"sector": "hotel", "language": "fr", **told}
    if "organisation" in sent:
        sent["organisation"] = keys[sent["organisation"]]

    answer = client.post(ADD, sent)

    assert list(answer.context["form"].errors) == [field]
    assert (Partner.objects.count(), Supporter.objects.count()) == (1, 2)


def test_criterion_is_changed_in_place(client, carla):
    partner = made()
    sent = {"criterion": 2, "state": "met", "since": "2026-01-05", "evidence": "12 people trained"}

    answer = client.post(address(partner, "criterion"), sent)

    assert answer.url == f"{address(partner)}#criterion-2"
    row = CriterionState.objects.get()
    assert (row.criterion, row.state, row.evidence) == (2, "met", "12 people trained")
    assert (row.since, partner.criteria.count()) == (date(2026, 1, 5), 1)


@pytest.mark.parametrize(
    ("told", "field"),
    [({"since": "2999-01-01"}, "since"), ({"state": "perfect"}, "state")],
)
def test_wrong_criterion_is_asked_for_again_where_it_stands(client, carla, told, field):
    partner = made()

    sent = {"criterion": 2, "state": "met", **told}
    answer = client.post(address(partner, "criterion"), sent)

    forms = [each.form for _cell, each, _file in answer.context["criteria"] if each.form.is_bound]
    assert [(form.data["criterion"], list(form.errors)) for form in forms] == [("2", [field])]
    assert CriterionState.objects.count() == 0


def test_evidence_that_looks_like_a_report_of_abuse_is_not_kept_silently(client, carla, settings):
    partner = made()
    sent = {"criterion": 2, "state": "met", "since": "2026-01-05", "evidence": REPORT_OF_ABUSE}

    answer = client.post(address(partner, "criterion"), sent)

    assert settings.REPORT_ABUSE_URL in answer.content.decode()
    assert CriterionState.objects.count() == 0
    client.post(address(partner, "criterion"), {**sent, "is_no_report": "on"})
    assert CriterionState.objects.get().evidence == REPORT_OF_ABUSE


def test_report_that_came_is_recorded(client, carla, today):
    partner = made(due=today - timedelta(days=3))

    answer = client.post(address(partner, "report"), {"received_on": today.isoformat()})

    assert answer.url == f"{address(partner)}#reports"
    assert partner.reports.get(year=partner.next_report_on.year).received_on == today
    assert names(client, "report=overdue") == []


def test_report_is_not_recorded_where_none_is_due(client, carla, today):
    partner = made(signed_on=None)

    answer = client.post(address(partner, "report"), {"received_on": today.isoformat()})

    assert answer.status_code == 200
    assert PartnerReport.objects.count() == 0


def test_file_is_kept_with_the_organisation_by_who_may_add_files(client, signed_in, today):
    signed_in(Role.ADMINISTRATOR)
    partner = made(due=today)
    upload = SimpleUploadedFile("report.pdf", b"%PDF-1.4 report")

    client.post(address(partner, "report"), {"received_on": today.isoformat(), "upload": upload})

    stored = StoredFile.objects.get()
    assert (stored.supporter, stored.name) == (partner.organisation, "report.pdf")
    assert "report.pdf" in client.get(address(partner)).content.decode()


def test_file_that_is_refused_says_so_and_nothing_is_recorded(client, signed_in, today):
    signed_in(Role.ADMINISTRATOR)
    partner = made(due=today)
    upload = SimpleUploadedFile("report.exe", b"MZ")

    sent = {"received_on": today.isoformat(), "upload": upload}
    answer = client.post(address(partner, "report"), sent)

    assert list(answer.context["report_form"].errors) == ["upload"]
    assert PartnerReport.objects.get().received_on is None


def test_fundraiser_reads_the_page_and_changes_nothing(client, signed_in, today):
    signed_in(Role.FUNDRAISER)
    partner = made(due=today)

    page = client.get(address(partner)).context

    assert (page["report_form"], {form for _cell, form, _file in page["criteria"]}) == (
        None,
        {None},
    )
    sent = {"criterion": 1, "state": "met"}
    assert client.post(address(partner, "criterion"), sent).status_code == 403
    assert CriterionState.objects.count() == 0


def test_contacts_are_those_of_today_the_main_one_first(client, carla):
    partner = made()
    told = {"other": partner.organisation}
    RelationshipFactory(supporter=SupporterFactory(given_name="Gone"), kind="contact",
        ends_on=date(2020, 1, 1), **told)  # fmt: skip
    RelationshipFactory(supporter=SupporterFactory(given_name="Second"), kind="staff", **told)
    RelationshipFactory(
        supporter=SupporterFactory(given_name="Main"), kind="contact", is_main_contact=True, **told
    )

    contacts = client.get(address(partner)).context["contacts"]

    assert [each.other.given_name for each in contacts] == ["Main", "Second"]


def test_partner_signs_leaves_and_is_edited(client, carla, today):
    partner = made(signed_on=None)
    client.post(address(partner, "sign"), {"on": "2025-02-10"})
    partner.refresh_from_db()
    signed = (partner.signed_on, partner.next_report_on)

    edit = {"sector": "travel", "responsible": carla.pk, "report_on": "2026-12-01"}
    client.post(address(partner, "edit"), edit)
    partner.refresh_from_db()
    edited = (partner.sector, partner.responsible, partner.next_report_on)
    wrong = client.post(address(partner, "leave"), {"on": "2025-01-01"})
    client.post(address(partner, "leave"), {"on": today.isoformat()})
    partner.refresh_from_db()

    assert signed == (SIGNED, date(2026, 2, 10))
    assert edited == ("travel", carla, date(2026, 12, 1))
    assert list(wrong.context["form"].errors) == ["on"]
    assert (partner.left_on, partner.next_report_on) == (today, None)
    done = [
        str(deed.words) for deed in client.get(address(partner), headers=ENGLISH).context["deeds"]
    ]
    assert done == ["left", "details changed", "signed The Code"]


def test_board_is_taken_along_as_it_is_filtered(client, signed_in):
    signed_in(Role.FUNDRAISER)
    one = made("Anvers")
    made("Bruges", sector="school")
    CriterionStateFactory(partner=one, criterion=2, state="begun")
    asked = {"columns": ["name", "criterion_1", "criterion_2"], "format": "csv"}

    link = client.get(f"{BOARD}?sector=hotel").context["export_url"]
    answer = client.post(link, {**asked, "reason": "A meeting of partners"}, headers=ENGLISH)

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text else ","))
    assert rows[1:] == [["Anvers", "not begun", "in progress"]]
    assert (Export.objects.get().rows, Export.objects.get().what) == (1, "partners")


def test_campaigner_takes_nothing_along(client, carla):
    assert "export_url" not in client.get(BOARD).context
    assert client.get(reverse("admin:crm_partner_export")).status_code == 403


def test_page_of_the_organisation_leads_to_its_partnership(client, carla, today):
    partner = made(due=today - timedelta(days=1))
    CriterionStateFactory(partner=partner)
    profile = reverse("admin:crm_supporter_change", args=[partner.organisation_id])

    answer = client.get(profile, headers=ENGLISH)

    assert answer.context["programmes"]["due"] == ("overdue by 1 day", "bad")
    text = answer.content.decode()
    assert "1 of 6 criteria met" in text
    assert address(partner) in text
