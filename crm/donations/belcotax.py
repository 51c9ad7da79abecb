"""The file of a year's tax certificates for Belcotax-on-web, as far as its format is documented.

Known from programs that file other certificates (281.86, 281.10): the envelope, the institution,
what every fiche has, and the control totals. NOT VERIFIED: the three names in `OF_28171`, which
only the tax authority's brochure and XSD can tell. The file is to be validated with the official
module before it is sent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Any
from xml.etree import ElementTree

from django.db import transaction
from django.db.models import Max, QuerySet

from crm import audit
from crm.donations.certificates import take_numbering
from crm.donations.identities import numbers_of
from crm.donations.institution import Institution, institution
from crm.donations.papers import TaxCertificate, TaxIdentity
from crm.lib.periods import local_day

# Seen for other certificates, and written here by analogy.
OF_28171 = {
    "declaration": "Opgave32571",
    "fiche": "Fiche28171",
    "control": "f71_2059_totaalcontrole",
    "amount": "f71_2060_amount",
}
# Statbel's codes of countries; those of others are left for the official module.
COUNTRIES = {
    "BE": 150,
    "DE": 103,
    "ES": 109,
    "FR": 111,
    "GR": 112,
    "IT": 128,
    "LU": 113,
    "NL": 129,
    "RO": 124,
}
LANGUAGES = {"nl": 1, "fr": 2}
NAME, GIVEN_NAME, STREET, TOWN, INSTITUTION = 41, 15, 200, 27, 28  # how long each may be
UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Treatment(IntEnum):
    """What the authority is to do with a fiche."""

    NORMAL = 0
    CHANGE = 1
    ADDITION = 2
    CANCELLATION = 3


class NothingToFile(Exception):
    """The authority knows everything already."""


@dataclass(frozen=True)
class Fiche:
    certificate: TaxCertificate
    treatment: Treatment
    amount: int


def newest(year: int, upto: int | None = None) -> QuerySet[TaxCertificate]:
    """Return the last version of each certificate of a year, as of the version `upto`."""
    known = TaxCertificate.objects.filter(year=year)
    if upto is not None:
        known = known.filter(pk__lte=upto)
    return known.newest()


def fiches(year: int, upto: int | None = None) -> list[Fiche]:
    """Return what the authority does not know yet, in the order of the numbers.

    A void certificate that it never heard of is left out; one that it knows is cancelled with the
    amount that it knows.
    """
    filed = {
        certificate.number: certificate.amount
        for certificate in TaxCertificate.objects.filter(year=year).exclude(filed_at=None).newest()
    }
    found = []
    for certificate in newest(year, upto).select_related("supporter__tax_identity"):
        known = filed.get(certificate.number, 0)
        if certificate.filed_at is not None or not (certificate.amount or known):
            continue
        treatment = treatment_of(certificate, known=known, is_first_file=not filed)
        found.append(Fiche(certificate, treatment, certificate.amount or known))
    return found


def treatment_of(certificate: TaxCertificate, *, known: int, is_first_file: bool) -> Treatment:
    if certificate.amount == 0:
        return Treatment.CANCELLATION
    if known:
        return Treatment.CHANGE
    return Treatment.NORMAL if is_first_file else Treatment.ADDITION


def last_version(year: int) -> int:
    """Return which version is the newest now, to name exactly what a file holds."""
    return TaxCertificate.objects.filter(year=year).aggregate(last=Max("pk"))["last"] or 0


@transaction.atomic
def file_for(*, year: int, upto: int, at: datetime, by: Any) -> bytes:
    """Return the file, with the national numbers: each reading is in the audit trail.

    Raises NothingToFile, IncompleteInstitution.
    """
    found = fiches(year, upto)
    if not found:
        raise NothingToFile(year)
    identities = TaxIdentity.objects.filter(
        supporter__in=[fiche.certificate.supporter_id for fiche in found]
    )
    numbers = numbers_of(identities, reason=f"belcotax:{year}", by=by, at=at)
    root = sending(found, numbers, year=year, day=local_day(at))
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)


@transaction.atomic
def mark_filed(*, year: int, upto: int, at: datetime, by: Any) -> int:
    """Note that the file with these versions was sent; return how many they are.

    Saying it twice changes nothing.
    """
    take_numbering(year)
    pks = [fiche.certificate.pk for fiche in fiches(year, upto)]
    done = TaxCertificate.objects.filter(pk__in=pks, filed_at=None).update(filed_at=at)
    if done:
        last = TaxCertificate.objects.get(pk=pks[-1])
        audit.log("taxcertificates.filed", last, by=by, at=at, year=year, filed=done)
    return done


def sending(
    found: list[Fiche], numbers: dict[int, str], *, year: int, day: date
) -> ElementTree.Element:
    ours = institution()
    root = ElementTree.Element("Verzendingen")
    sent = ElementTree.SubElement(root, "Verzending")
    is_correction = all(fiche.treatment != Treatment.NORMAL for fiche in found)
    add(sent, envelope(ours, year=year, day=day, is_correction=is_correction))
    declaration = ElementTree.SubElement(ElementTree.SubElement(sent, "Aangiften"), "Aangifte")
    add(declaration, declarant(ours, year=year))
    lists = ElementTree.SubElement(declaration, "Opgaven")
    fiche_list = ElementTree.SubElement(lists, OF_28171["declaration"])
    for fiche in found:
        element = ElementTree.SubElement(fiche_list, OF_28171["fiche"])
        number = numbers.get(fiche.certificate.supporter_id, "")
        add(element, fields_of(fiche, ours, number=number))
    add(declaration, totals("r80", found, year=year, ours=ours))
    add(sent, totals("r90", found, year=year, ours=ours))
    return root


def add(parent: ElementTree.Element, fields: Iterator[tuple[str, Any]]) -> None:
    """Write fields in their order; what is empty is left out, as the format wants it."""
    for name, value in fields:
        if value not in ("", None):
            ElementTree.SubElement(parent, name).text = UNWRITABLE.sub("", str(value))


def envelope(
    ours: Institution, *, year: int, day: date, is_correction: bool
) -> Iterator[tuple[str, Any]]:
    yield "v0002_inkomstenjaar", year
    yield "v0010_bestandtype", "BELCOTAX"
    yield "v0011_aanmaakdatum", f"{day:%d-%m-%Y}"
    yield "v0014_naam", ours.name[:NAME]
    yield "v0015_adres", ours.street[:STREET]
    yield "v0016_postcode", ours.postcode
    yield "v0017_gemeente", ours.town[:TOWN]
    yield "v0018_telefoonnummer", re.sub(r"\D", "", ours.phone)
    yield "v0021_contactpersoon", ours.contact
    yield "v0022_taalcode", LANGUAGES["fr"]
    yield "v0023_emailadres", ours.email
    yield "v0024_nationaalnr", ours.enterprise_number
    yield "v0025_typeenvoi", int(is_correction)
    yield "v0028_landwoonplaats", COUNTRIES["BE"]


def declarant(ours: Institution, *, year: int) -> Iterator[tuple[str, Any]]:
    yield "a1002_inkomstenjaar", year
    yield "a1005_registratienummer", ours.enterprise_number
    yield "a1011_naamnl1", ours.name[:INSTITUTION]
    yield "a1012_naamnl2", ours.name[INSTITUTION:][:31]
    yield "a1013_adresnl", ours.street[:STREET]
    yield "a1014_postcodebelgisch", ours.postcode
    yield "a1015_gemeente", ours.town[:TOWN]
    yield "a1016_landwoonplaats", COUNTRIES["BE"]
    yield "a1020_taalcode", LANGUAGES["nl"]  # as the fields above are the Dutch ones


def fields_of(fiche: Fiche, ours: Institution, *, number: str) -> Iterator[tuple[str, Any]]:
    paper = fiche.certificate
    is_belgian = paper.country in {"", "BE"}
    yield "f2002_inkomstenjaar", paper.year
    yield "f2005_registratienummer", ours.enterprise_number
    yield "f2008_typefiche", 28171
    yield "f2009_volgnummer", paper.number
    yield "f2010_referentie", paper
    yield "f2011_nationaalnr", number
    yield "f2013_naam", paper.donor_family_name[:NAME]
    yield "f2015_adres", paper.street[:STREET]
    yield "f2016_postcodebelgisch", paper.postcode if is_belgian else ""
    yield "f2017_gemeente", paper.town[:TOWN]
    yield "f2018_landwoonplaats", COUNTRIES.get(paper.country or "BE", "")
    yield "f2028_typetraitement", int(fiche.treatment)
    yield "f2029_enkelopgave325", 0
    yield "f2112_buitenlandspostnummer", "" if is_belgian else paper.postcode
    yield "f2114_voornamen", paper.donor_given_name[:GIVEN_NAME]
    yield OF_28171["control"], fiche.amount
    yield OF_28171["amount"], fiche.amount


def totals(
    kind: str, found: list[Fiche], *, year: int, ours: Institution
) -> Iterator[tuple[str, Any]]:
    """Return the control totals of the declaration (r80) or of the whole sending (r90)."""
    numbers = sum(fiche.certificate.number for fiche in found)
    cents = sum(fiche.amount for fiche in found)
    if kind == "r80":
        yield "r8002_inkomstenjaar", year
        yield "r8005_registratienummer", ours.enterprise_number
        yield "r8010_aantalrecords", len(found) + 2
        yield "r8011_controletotaal", numbers
        yield "r8012_controletotaal", cents
    else:
        yield "r9002_inkomstenjaar", year
        yield "r9010_aantallogbestanden", 3
        yield "r9011_totaalaantalrecords", len(found) + 4
        yield "r9012_controletotaal", numbers
        yield "r9013_controletotaal", cents
