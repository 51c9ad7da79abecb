"""What donors tell for the tax authority: checked, encrypted, and read by nobody unseen."""

import logging

import pytest
from cryptography.fernet import Fernet, InvalidToken

from crm import checks
from crm.access import Role
from crm.audit import AuditEntry
from crm.donations import identities
from crm.donations.papers import TaxIdentity
from tests.factories import SupporterFactory

NUMBER = "85.07.30-033.28"
DIGITS = "85073003328"
ADDRESS = {
    "given_name": "Dora",
    "family_name": "Donor",
    "street": "Rue Haute 1",
    "postcode": "1000",
    "town": "Bruxelles",
    "country": "BE",
}


def keep(now, supporter=None, number=NUMBER, **facts):
    supporter = supporter or SupporterFactory()
    return identities.keep_identity(
        supporter=supporter, number=number, at=now, **{**ADDRESS, **facts}
    )


def read(identity, now, by=None):
    found = identities.numbers_of([identity], reason="test", by=by, at=now)
    return found.get(identity.supporter_id, "")


@pytest.mark.django_db
def test_number_is_kept_encrypted_and_comes_back(now):
    identity = keep(now)

    kept = bytes(TaxIdentity.objects.get().number)
    assert DIGITS.encode() not in kept
    assert read(identity, now) == DIGITS


@pytest.mark.django_db
def test_same_number_of_two_donors_cannot_be_told_from_what_is_kept(now):
    first, second = keep(now), keep(now)

    assert bytes(first.number) != bytes(second.number)


@pytest.mark.django_db
def test_each_reading_is_in_the_audit_trail_without_the_number(now, staff):
    identity = keep(now)
    reader = staff(Role.ADMINISTRATOR)

    read(identity, now, by=reader)
    read(identity, now, by=reader)

    entries = AuditEntry.objects.filter(action="taxidentity.number_read")
    assert [(entry.by, entry.details) for entry in entries] == [(reader, {"reason": "test"})] * 2
    assert DIGITS not in str(list(AuditEntry.objects.values()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("85 07 30 033 28", "85073003328"),
        ("17073003384", "17073003384"),
        ("98.47.28-997.65", "98472899765"),
        ("01490700185", "01490700185"),
    ],
)
def test_national_and_bis_numbers_are_taken_as_people_write_them(now, number, kept):
    assert read(keep(now, number=number), now) == kept


@pytest.mark.django_db
def test_organisation_gives_its_enterprise_number(now):
    identity = keep(now, SupporterFactory(kind="organisation"), number="BE 0403.019.261")

    assert read(identity, now) == "0403019261"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ("person", "85.07.30-033.29", "check"),
        ("person", "91.07.30-033.2", "digits"),
        ("person", "unknown", "digits"),
        ("person", "0403.019.261", "digits"),
        ("person", "98.47.28-997.66", "check"),
        ("person", "85140003307", "date"),
        ("organisation", "85.07.30-033.28", "enterprise_digits"),
        ("organisation", "0403.019.262", "check"),
    ],
)
def test_number_that_nobody_has_is_refused_with_the_reason_and_changes_nothing(
    now, kind, number, code
):
    supporter = SupporterFactory(kind=kind)
    keep(now, supporter, number="")

    with pytest.raises(identities.BadNumber) as refusal:
        keep(now, supporter, number=number, street="Elsewhere 2")

    assert refusal.value.code == code
    assert number not in f"{refusal.value} {refusal.value.reason}"
    assert TaxIdentity.objects.get().street == "Rue Haute 1"


@pytest.mark.django_db
def test_saving_again_without_a_number_leaves_the_one_we_have(now):
    identity = keep(now)

    keep(now, identity.supporter, number="", street="Elsewhere 2")

    identity = TaxIdentity.objects.get()
    assert identity.street == "Elsewhere 2"
    assert read(identity, now) == DIGITS


@pytest.mark.django_db
def test_number_can_be_forgotten_and_the_address_stays(now):
    identity = keep(now)

    for _ in range(2):
        identities.forget_number(identity=identity, at=now)

    identity = TaxIdentity.objects.get()
    assert (read(identity, now), identity.town) == ("", "Bruxelles")
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert actions == ["taxidentity.kept", "taxidentity.number_forgotten"]


@pytest.mark.django_db
def test_number_stands_in_no_log_and_no_representation(now, caplog):
    caplog.set_level(logging.DEBUG)

    identity = keep(now)

    assert DIGITS not in f"{identity} {identity!r} {caplog.text}"


@pytest.mark.django_db
def test_older_keys_still_read_and_numbers_are_encrypted_anew_with_the_newest(now, settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.NATIONAL_NUMBER_KEYS = [old]
    identity = keep(now)

    settings.NATIONAL_NUMBER_KEYS = [new, old]
    assert read(identity, now) == DIGITS
    assert identities.encrypt_anew() == 1
    settings.NATIONAL_NUMBER_KEYS = [new]

    assert read(TaxIdentity.objects.get(), now) == DIGITS


@pytest.mark.django_db
def test_number_under_a_lost_key_is_not_read_as_something_else(now, settings):
    identity = keep(now)
    settings.NATIONAL_NUMBER_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(InvalidToken):
        read(identity, now)


@pytest.mark.django_db
def test_without_a_key_an_address_is_kept_but_no_number(now, settings):
    settings.NATIONAL_NUMBER_KEYS = []

    keep(now, number="")
    with pytest.raises(identities.BadNumber) as refusal:
        keep(now)

    assert refusal.value.code == "no_keys"
    assert TaxIdentity.objects.count() == 1


def certificates_on(settings):
    settings.TAX_CERTIFICATES = True
    settings.ORGANISATION_ENTERPRISE_NUMBER = "0403.019.261"
    settings.ORGANISATION_ADDRESS = "Rue du Marché 1, 1000 Bruxelles"
    settings.ORGANISATION_PHONE = "+32 2 000 00 00"
    settings.TAX_CONTACT = "Tom Treasurer"


def told():
    return [error.msg for error in checks.tax_certificates_can_be_made()]


@pytest.mark.parametrize(
    ("setting", "value", "text"),
    [
        ("ORGANISATION_ENTERPRISE_NUMBER", "0403.019.262", "is not a valid enterprise number"),
        ("ORGANISATION_ADDRESS", "Bruxelles", "must look like: Rue du Marché 1, 1000 Bruxelles"),
        ("ORGANISATION_PHONE", "", "is not set, but TAX_CERTIFICATES is"),
        ("TAX_CONTACT", "", "is not set, but TAX_CERTIFICATES is"),
        ("NATIONAL_NUMBER_KEYS", [], "is not set, but TAX_CERTIFICATES is"),
        ("NATIONAL_NUMBER_KEYS", ["short"], "must be keys of cryptography's Fernet"),
    ],
)
def test_start_tells_what_tax_certificates_lack(settings, setting, value, text):
    certificates_on(settings)
    assert told() == []

    setattr(settings, setting, value)

    assert told() == [f"{setting} {text}"]


def test_who_makes_no_certificates_needs_none_of_their_settings(settings):
    settings.TAX_CERTIFICATES = False
    settings.NATIONAL_NUMBER_KEYS = []
    settings.ORGANISATION_ENTERPRISE_NUMBER = ""

    assert told() == []
