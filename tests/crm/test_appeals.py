"""Structured communications, the QR code for banking apps, and appeals by letter."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.core.checks import run_checks
from django.db import connections
from segno import helpers
from stdnum.be import ogm_vcs

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations import appeals
from crm.donations.communications import Communication, communication_for, with_check_digits
from crm.donations.transfers import epc_payload, epc_qr, qr_code
from crm.people.models import Supporter
from tests.factories import CampaignFactory, GiftFactory, SupporterFactory

AT = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
PAGE = "/staff/crm/communication/appeals/"


@pytest.fixture(autouse=True)
def organisation(settings):
    settings.ORGANISATION_IBAN = "BE68539007547034"
    settings.ORGANISATION_BANK_NAME = "Amis des enfants"
    settings.LANGUAGE_CODE = "en"


@pytest.mark.django_db
def test_communication_is_made_once_per_donor_campaign_and_appeal(campaign):
    marie = SupporterFactory()
    wanted = [(marie, campaign, "A"), (marie, campaign, "B"), (marie, None, "A"), (None, None, "")]

    first, second = (
        [
            communication_for(supporter=who, campaign=what, appeal=name, at=AT)
            for who, what, name in wanted
        ]
        for _time in range(2)
    )

    assert first == second
    assert len({each.digits for each in first}) == 4
    assert all(ogm_vcs.is_valid(each.digits) for each in first)


def test_check_digits_are_97_where_nothing_is_left_over():
    assert [with_check_digits("", number) for number in (97, 98)] == [
        "000000009797",
        "000000009801",
    ]


@pytest.mark.django_db
def test_communication_begins_with_the_digits_that_the_organisation_chose(settings):
    settings.COMMUNICATION_PREFIX = "77"

    found = communication_for(supporter=None, campaign=None, at=AT)

    assert found.digits.startswith("7700")
    assert ogm_vcs.is_valid(found.digits)


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_the_same_communication():
    marie, found = SupporterFactory(), []

    def ask():
        found.append(communication_for(supporter=marie, campaign=None, appeal="A", at=AT).digits)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert set(found) == set(Communication.objects.values_list("digits", flat=True))


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["+++{}+++", "{}", "***{}***"])
def test_communication_is_found_however_it_is_written(text):
    known = communication_for(supporter=None, campaign=None, at=AT)
    written = text.format(ogm_vcs.format(known.digits)).replace("***", "")

    assert Communication.objects.written(written).get() == known


def test_qr_code_says_what_banks_read():
    known = Communication(digits="000000001212")

    assert epc_payload(known, 1050).split("\n") == [
        "BCD",
        "002",
        "1",
        "SCT",
        "",
        "Amis des enfants",
        "BE68539007547034",
        "EUR10.50",
        "",
        "",
        "+++000/0000/01212+++",
    ]
    assert epc_payload(known, None).split("\n")[7] == ""


def test_qr_code_is_the_same_as_one_by_the_book():
    known = Communication(digits="000000001212")
    book = helpers.make_epc_qr(
        "Amis des enfants", "BE68539007547034", Decimal("10.55"), text=str(known), encoding=1
    )

    assert qr_code(known, 1055).matrix == book.matrix


def test_qr_code_has_a_name_and_no_style():
    svg = epc_qr(communication=Communication(digits="000000001212"))

    assert svg.startswith('<svg role="img" ')
    assert "<title>QR code for your banking app, with the communication +++000/0000/01212+++" in svg
    assert "style" not in svg


def test_without_an_account_there_is_no_qr_code(settings):
    settings.ORGANISATION_IBAN = ""

    assert epc_qr(communication=Communication(digits="000000001212")) == ""


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ORGANISATION_IBAN", "BE68539007547035", "E7"),
        ("OTHER_IBANS", ["BE68539007547034", "BE1"], "E8"),
        ("ORGANISATION_BIC", "KRED", "E9"),
        ("ORGANISATION_BANK_NAME", "x" * 71, "E10"),
        ("COMMUNICATION_PREFIX", "123", "E11"),
        ("COMMUNICATION_PREFIX", "a", "E11"),
    ],
)
def test_wrong_account_is_told_at_start(settings, name, value, code):
    setattr(settings, name, value)

    assert [error.id for error in run_checks()] == [code]


def donor(received_on=date(2026, 1, 10), campaign=None, **fields):
    person = SupporterFactory(**fields)
    GiftFactory(supporter=person, received_on=received_on, campaign=campaign)
    return person


@pytest.mark.django_db
def test_donors_are_chosen_by_time_language_and_campaign(campaign):
    recent = donor(language="nl", campaign=campaign)
    old = donor(received_on=date(2024, 3, 14), language="nl")
    edge = donor(received_on=date(2024, 3, 15), language="fr")
    erased = donor()
    Supporter.objects.filter(pk=erased.pk).update(erased_at=AT)
    SupporterFactory()

    def chosen(**which):
        return set(appeals.donors_to_ask(at=AT, **which))

    assert chosen(months=24) == {recent, edge}
    assert chosen(months=25) == {recent, edge, old}
    assert chosen(months=24, language="nl") == {recent}
    assert chosen(months=24, gave_for=campaign) == {recent}
    assert chosen(months=24, gave_for=CampaignFactory()) == set()


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ((2026, 3, 31), 1, date(2026, 2, 28)),
        ((2024, 3, 30), 1, date(2024, 2, 29)),
        ((2026, 1, 15), 24, date(2024, 1, 15)),
        ((2026, 12, 31), 6, date(2026, 6, 30)),
    ],
)
def test_months_before_end_with_their_month(day, months, before):
    assert appeals.months_before(datetime(*day, 12, tzinfo=UTC), months) == before


@pytest.mark.django_db
def test_page_makes_a_communication_for_each_donor_and_keeps_it(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    marie, asked = (
        donor(),
        {"name": "Letter, March", "months": "24", "campaign": "", "language": ""},
    )

    client.post(PAGE, asked)
    first = Communication.objects.get()
    donor()
    client.post(PAGE, asked)

    assert (first.supporter, first.appeal) == (marie, "Letter, March")
    assert Communication.objects.count() == 2
    assert Communication.objects.get(supporter=marie) == first
    made = AuditEntry.objects.filter(action="appeal.prepared").order_by("pk")
    assert [(entry.by, entry.details) for entry in made] == [(user, {"communications": 1})] * 2


@pytest.mark.django_db
def test_page_says_when_nobody_is_like_that(client, staff):
    client.force_login(staff(Role.FUNDRAISER))

    answer = client.post(PAGE, {"name": "Letter", "months": "6"})

    assert answer.context["form"].errors == {
        "months": ["No donor is like that. Ask for more months, or for all."]
    }
    assert Communication.objects.count() == 0


@pytest.mark.django_db
def test_table_names_donors_and_their_communications(client, staff):
    client.force_login(staff(Role.FUNDRAISER))
    marie = donor(given_name="=Marie", family_name="Dupont", language="fr", form_of_address="madam")
    marie.addresses.create(street="Rue Haute 1", town="Bruxelles", is_preferred=True)
    marie.addresses.create(street="Rue Basse 2", town="Mons")
    known = communication_for(supporter=marie, campaign=None, appeal="Letter", at=AT)

    answer = client.get(f"{PAGE}download/?appeal=Letter&campaign=")

    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert answer["Content-Disposition"] == 'attachment; filename="letter.csv"'
    names = '\'=Marie,Dupont,"Chère Madame Dupont,",Madame =Marie Dupont'
    home = "Rue Haute 1,1000,Bruxelles,BE,fr"
    assert lines[1:] == [f"{names},{home},{str(known).strip('+')}"]
    assert AuditEntry.objects.get(action="appeal.downloaded").by.username == Role.FUNDRAISER


@pytest.mark.django_db
@pytest.mark.parametrize(("donors", "pages"), [(1, 1), (3, 1), (4, 2)])
def test_slips_are_printed_three_on_a_page(client, staff, donors, pages):
    client.force_login(staff(Role.FUNDRAISER))
    for _each in range(donors):
        communication_for(supporter=donor(), campaign=None, appeal="Letter", at=AT)

    answer = client.get(f"{PAGE}download/?appeal=Letter&campaign=&part=1")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"pdfuaid" in answer.content
    assert f"/Type/Pages/Count {pages}/".encode() in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "appeal=Other", "appeal=Letter&campaign=x", "campaign=1"])
def test_appeal_that_there_is_not_is_not_found(client, staff, query):
    client.force_login(staff(Role.FUNDRAISER))
    communication_for(supporter=donor(), campaign=None, appeal="Letter", at=AT)

    assert client.get(f"{PAGE}download/?{query}").status_code == 404


@pytest.mark.django_db
def test_slips_come_in_several_files():
    assert [list(appeals.parts(count)) for count in (1, 300, 301)] == [[1], [1], [1, 2]]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_whatever_was_prepared(
    client, staff, campaign, number, django_assert_num_queries
):
    client.force_login(staff(Role.FUNDRAISER))
    for each in range(number):
        communication_for(supporter=donor(), campaign=campaign, appeal=f"Letter {each}", at=AT)
    client.get(PAGE)

    with django_assert_num_queries(11):
        answer = client.get(PAGE)

    assert len(answer.context["appeals"]) == number


@pytest.mark.django_db
def test_communication_is_searched_by_its_digits_and_by_its_donor(client, staff):
    client.force_login(staff(Role.FUNDRAISER))
    marie = communication_for(supporter=donor(given_name="Marie"), campaign=None, at=AT)
    communication_for(supporter=donor(given_name="Jan"), campaign=None, at=AT)

    for text in (str(marie), marie.digits, "marie"):
        answer = client.get(f"/staff/crm/communication/?q={quote(text)}")
        assert list(answer.context["cl"].result_list) == [marie]
