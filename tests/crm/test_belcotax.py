"""The file for the tax authority: its structure, its sums, and what is sent again."""

from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations import belcotax, certificates
from crm.donations.papers import TaxCertificate
from tests.crm.test_identities import DIGITS, NUMBER, certificates_on, keep
from tests.factories import EntryFactory, GiftFactory, SupporterFactory

pytestmark = pytest.mark.django_db
LATER = datetime(2026, 1, 15, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def recognised(settings):
    certificates_on(settings)
    settings.ORGANISATION_NAME = "Stand Beside Children of Belgium & Friends"


@pytest.fixture
def treasurer(staff):
    return staff(Role.ADMINISTRATOR)


def donor(amount, number="", **facts):
    supporter = SupporterFactory()
    keep(LATER, supporter, number=number, **facts)
    GiftFactory(supporter=supporter, amount=amount, received_on=date(2025, 6, 1))
    return supporter


def issue():
    return certificates.issue_all(year=2025, at=LATER)


def give_back(supporter, amount):
    gift = supporter.gifts.get()
    EntryFactory(gift=gift, kind="refund", amount=-amount)
    certificates.correct(gift_id=gift.pk, at=LATER)


def file_now(by, upto=None):
    upto = upto or belcotax.last_version(2025)
    return belcotax.file_for(year=2025, upto=upto, at=LATER, by=by)


def send_now(by):
    upto = belcotax.last_version(2025)
    return belcotax.mark_filed(year=2025, upto=upto, at=LATER, by=by)


def values(content, name):
    return [element.text for element in ElementTree.fromstring(content).iter(name)]


def treatments(content):
    return list(
        zip(
            values(content, "f2009_volgnummer"),
            values(content, "f2028_typetraitement"),
            values(content, "f71_2060_amount"),
            strict=True,
        )
    )


def test_file_is_utf8_xml_of_one_sending_with_one_declaration(treasurer):
    donor(5000, given_name="Hélène", family_name="d’Hondt & <fils>")
    issue()

    content = file_now(treasurer)

    assert content.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    root = ElementTree.fromstring(content)
    [sending] = root
    [declaration] = sending.find("Aangiften")
    assert (root.tag, sending.tag, declaration.tag) == ("Verzendingen", "Verzending", "Aangifte")
    assert values(content, "f2013_naam") == ["d’Hondt & <fils>"]
    assert "Hélène".encode() in content


def test_envelope_and_declarant_are_the_institution(treasurer):
    donor(5000)
    issue()

    content = file_now(treasurer)

    known = {element.tag: element.text for element in ElementTree.fromstring(content)[0]}
    assert [(name, known[name]) for name in known if name.startswith("v")] == [
        ("v0002_inkomstenjaar", "2025"),
        ("v0010_bestandtype", "BELCOTAX"),
        ("v0011_aanmaakdatum", "15-01-2026"),
        ("v0014_naam", "Stand Beside Children of Belgium & Friend"),
        ("v0015_adres", "Rue du Marché 1"),
        ("v0016_postcode", "1000"),
        ("v0017_gemeente", "Bruxelles"),
        ("v0018_telefoonnummer", "3220000000"),
        ("v0021_contactpersoon", "Tom Treasurer"),
        ("v0022_taalcode", "2"),
        ("v0023_emailadres", "info@example.org"),
        ("v0024_nationaalnr", "0403019261"),
        ("v0025_typeenvoi", "0"),
        ("v0028_landwoonplaats", "150"),
    ]
    assert values(content, "a1005_registratienummer") == ["0403019261"]
    assert "".join(values(content, "a1011_naamnl1") + values(content, "a1012_naamnl2")) == (
        "Stand Beside Children of Belgium & Friends"
    )


def test_fiche_says_who_gave_how_much(treasurer):
    donor(12345, NUMBER)
    issue()

    fiche = ElementTree.fromstring(file_now(treasurer)).find(".//Fiche28171")

    assert [(field.tag, field.text) for field in fiche] == [
        ("f2002_inkomstenjaar", "2025"),
        ("f2005_registratienummer", "0403019261"),
        ("f2008_typefiche", "28171"),
        ("f2009_volgnummer", "1"),
        ("f2010_referentie", "2025-000001"),
        ("f2011_nationaalnr", DIGITS),
        ("f2013_naam", "Donor"),
        ("f2015_adres", "Rue Haute 1"),
        ("f2016_postcodebelgisch", "1000"),
        ("f2017_gemeente", "Bruxelles"),
        ("f2018_landwoonplaats", "150"),
        ("f2028_typetraitement", "0"),
        ("f2029_enkelopgave325", "0"),
        ("f2114_voornamen", "Dora"),
        ("f71_2059_totaalcontrole", "12345"),
        ("f71_2060_amount", "12345"),
    ]


def test_donor_abroad_has_a_foreign_postcode_and_their_country(treasurer):
    donor(5000, country="NL", postcode="1012 AB", town="Amsterdam")
    donor(5000, country="JP", postcode="100-0001", town="Tokyo")
    issue()

    content = file_now(treasurer)

    assert values(content, "f2112_buitenlandspostnummer") == ["1012 AB", "100-0001"]
    assert values(content, "f2016_postcodebelgisch") == []
    assert values(content, "f2018_landwoonplaats") == ["129"]


@pytest.mark.parametrize("number", [1, 7])
def test_control_totals_are_those_of_an_independent_count(treasurer, number):
    for amount in range(number):
        donor(4000 + amount * 111)
    issue()

    content = file_now(treasurer)

    numbers = [int(text) for text in values(content, "f2009_volgnummer")]
    cents = [int(text) for text in values(content, "f71_2059_totaalcontrole")]
    assert numbers == list(range(1, number + 1))
    assert values(content, "r8010_aantalrecords") == [str(number + 2)]
    assert values(content, "r8011_controletotaal") == [str(number * (number + 1) // 2)]
    assert values(content, "r8012_controletotaal") == [str(sum(cents))]
    assert values(content, "r9010_aantallogbestanden") == ["3"]
    assert values(content, "r9011_totaalaantalrecords") == [str(number + 4)]
    assert values(content, "r9012_controletotaal") == values(content, "r8011_controletotaal")
    assert values(content, "r9013_controletotaal") == [str(sum(cents))]
    given = TaxCertificate.objects.values_list("amount", flat=True)
    assert sum(cents) == sum(given)


def test_each_number_in_the_file_is_a_reading_in_the_audit_trail(treasurer):
    donor(5000, NUMBER)
    donor(5000)
    issue()

    file_now(treasurer)

    [entry] = AuditEntry.objects.filter(action="taxidentity.number_read")
    assert (entry.by, entry.details) == (treasurer, {"reason": "belcotax:2025"})


def test_what_was_sent_is_not_in_the_next_file(treasurer):
    donor(5000)
    issue()

    assert [send_now(treasurer), send_now(treasurer)] == [1, 0]

    with pytest.raises(belcotax.NothingToFile):
        file_now(treasurer)
    entries = AuditEntry.objects.filter(action="taxcertificates.filed")
    assert [entry.details for entry in entries] == [{"year": 2025, "filed": 1}]


def test_later_versions_are_changes_cancellations_and_additions(treasurer):
    changed, cancelled = donor(5000), donor(6000)
    donor(7000)
    issue()
    send_now(treasurer)
    give_back(changed, 500)
    give_back(cancelled, 6000)
    donor(8000)
    issue()

    content = file_now(treasurer)

    assert treatments(content) == [("1", "1", "4500"), ("2", "3", "6000"), ("4", "2", "8000")]
    assert values(content, "v0025_typeenvoi") == ["1"]
    assert values(content, "r8011_controletotaal") == ["7"]
    assert values(content, "r8012_controletotaal") == ["18500"]


def test_certificate_that_was_void_before_the_first_file_is_in_none(treasurer):
    gone = donor(5000)
    donor(6000)
    issue()
    give_back(gone, 5000)

    assert treatments(file_now(treasurer)) == [("2", "0", "6000")]


def test_change_before_the_first_file_is_a_plain_fiche_of_what_holds(treasurer):
    changed = donor(5000)
    issue()
    give_back(changed, 500)

    assert treatments(file_now(treasurer)) == [("1", "0", "4500")]


def test_cancelled_certificate_that_is_valid_again_is_added_anew(treasurer):
    supporter = donor(5000)
    issue()
    send_now(treasurer)
    give_back(supporter, 5000)
    send_now(treasurer)
    EntryFactory(gift=supporter.gifts.get(), kind="reversal", amount=5000)
    certificates.correct(gift_id=supporter.gifts.get().pk, at=LATER)

    assert treatments(file_now(treasurer)) == [("1", "2", "5000")]


def test_version_that_came_after_the_file_is_not_taken_as_sent(treasurer):
    changed = donor(5000)
    issue()
    upto = belcotax.last_version(2025)
    give_back(changed, 500)

    done = belcotax.mark_filed(year=2025, upto=upto, at=LATER, by=treasurer)

    assert done == 1
    assert treatments(file_now(treasurer)) == [("1", "1", "4500")]
    assert list(TaxCertificate.objects.order_by("version").values_list("version", "filed_at")) == [
        (1, LATER),
        (2, None),
    ]


def test_name_with_signs_that_xml_forbids_is_still_well_formed(treasurer):
    donor(5000, family_name="Do\x0bnor")
    issue()

    assert values(file_now(treasurer), "f2013_naam") == ["Donor"]
