"""Files of other tools are recognised by their columns, and understood."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crm.donations.models import Entry, Gift
from crm.exchange.imports import configure, read_as
from crm.exchange.options import Options
from crm.people.models import Identifier, Supporter
from crm.privacy.models import Consent, ConsentState
from tests.conftest import NOW
from tests.crm.lists import counts, described, imported, reasons, run, upload
from tests.factories import GiftFactory, SupporterFactory

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parent.parent / "data" / "imports"


def file(name: str, **options):
    batch = upload((FILES / f"{name}.csv").read_bytes(), name=f"{name}.csv")
    kept = Options.from_json({**batch.options, **options})
    return run(configure(batch=batch, mapping=batch.mapping, options=kept, at=NOW))


@pytest.mark.parametrize(
    ("name", "preset", "kind", "system"),
    [
        ("mailchimp_subscribed", "mailchimp", "supporters", "mailchimp"),
        ("mailchimp_unsubscribed", "mailchimp-unsubscribed", "supporters", "mailchimp"),
        ("civicrm_contacts", "civicrm", "supporters", "civicrm"),
        ("civicrm_contributions", "civicrm-gifts", "gifts", "civicrm"),
        ("action_network", "action-network", "supporters", "actionnetwork"),
        ("stripe_payments", "stripe", "gifts", "stripe"),
        ("facebook_leads", "facebook", "supporters", "facebook"),
    ],
)
def test_tool_is_recognised(name, preset, kind, system):
    batch = upload((FILES / f"{name}.csv").read_bytes())

    assert (batch.options["preset"], batch.kind, batch.source_system) == (preset, kind, system)


def test_mailchimp_subscribers_are_subscribed_and_those_who_left_are_not():
    first = file("mailchimp_subscribed", consent="Mailchimp, double opt-in")
    second = file("mailchimp_unsubscribed")

    anne = Supporter.objects.get(email="anne@example.org")
    assert (counts(first), counts(second)) == ({"created": 2}, {"updated": 1})
    assert list(anne.consents.order_by("pk").values_list("given", "at")) == [
        (True, datetime(2021, 5, 4, 6, 5, tzinfo=UTC)),
        (False, datetime(2023, 7, 1, 16, 30, tzinfo=UTC)),
    ]
    assert ConsentState.objects.get(supporter=anne).given is False
    assert anne.identifiers.get().value == "aaa111"
    assert sorted(anne.taggings.values_list("tag__name", flat=True)) == ["school", "vip"]
    assert (anne.country, anne.phones.get().number) == ("BE", "+32475123456")


def test_civicrm_contacts():
    file("civicrm_contacts")

    anne, hotel = Supporter.objects.order_by("pk")
    assert (anne.form_of_address, anne.birth_date, anne.language) == (
        "madam",
        date(1980, 12, 31),
        "fr",
    )
    assert anne.addresses.get().street == "Rue Haute 1"
    assert (hotel.kind, hotel.family_name, hotel.given_name) == (
        "organisation",
        "Hotel du Parc",
        "",
    )
    assert list(Consent.objects.values_list("supporter", "given")) == [(anne.pk, False)]
    assert dict(Identifier.objects.values_list("value", "supporter")) == {
        "17": anne.pk,
        "18": hotel.pk,
    }


def test_civicrm_contributions_find_the_contacts():
    file("civicrm_contacts")

    batch = file("civicrm_contributions")

    gift = Gift.objects.get()
    assert reasons(batch) == {3: ["not-paid"]}
    assert (gift.reference, gift.amount, gift.method) == (
        "import:civicrm:501",
        125050,
        "bank_transfer",
    )
    assert gift.supporter.identifiers.get(system="civicrm").value == "17"


def test_action_network_activists():
    file("action_network", consent="Action Network")

    states = dict(ConsentState.objects.values_list("supporter__email", "given"))
    assert states == {"anne@example.org": True, "bram@example.org": False}
    assert Consent.objects.get(given=True).at == datetime(2023, 5, 1, 8, 0, tzinfo=UTC)
    assert Supporter.objects.get(email="anne@example.org").language == "fr"


def test_stripe_payments_with_what_went_back():
    batch = file("stripe_payments")

    assert counts(batch) == {"created": 3, "skipped": 1}
    assert Gift.objects.get(reference="import:stripe:ch_1").received_on == date(2025, 3, 1)
    assert Gift.objects.get(reference="import:stripe:ch_4").method == "bancontact"
    assert set(Entry.objects.values_list("reference", "amount")) == {
        ("import:stripe:ch_1:payment", 2500),
        ("import:stripe:ch_2:payment", 100000),
        ("import:stripe:ch_2:refund", -100000),
        ("import:stripe:ch_4:payment", 4000),
        ("import:stripe:ch_4:refund", -1000),
    }


def test_stripe_payment_that_came_by_itself_is_known():
    donor = SupporterFactory(email="anne@example.org")
    GiftFactory(reference="stripe:pi_1", supporter=donor, amount=2500)

    batch = file("stripe_payments")

    assert counts(batch) == {"created": 2, "unchanged": 1, "skipped": 1}
    assert donor.gifts.count() == 2


def test_facebook_leads():
    batch = file("facebook_leads")

    anne = Supporter.objects.get(email="anne@example.org")
    assert counts(batch) == {"created": 2}
    assert (anne.given_name, anne.family_name) == ("Anne", "Dupont")
    assert anne.phones.get().number == "+32475123456"
    assert anne.created_at == datetime(2025, 2, 28, 22, 30, tzinfo=UTC)
    assert not ConsentState.objects.exists()


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        ("Courriel;Prénom;Nom;Code postal;Localité;Pays", "email given_name family_name postcode"),
        ("E-mailadres;Voornaam;Achternaam;Postcode;Gemeente;Land", "email given_name family_name"),
        ("Email;First name;Surname;Zip code;City;Country", "email given_name family_name postcode"),
    ],
)
def test_columns_are_guessed_in_three_languages(columns, fields):
    batch = upload(f"{columns}\na@example.org;A;B;1000;C;BE\n")

    guessed = [batch.mapping[name] for name in columns.split(";")]
    assert guessed[: len(fields.split())] == fields.split()
    assert guessed[4:] == ["town", "country"]


def test_columns_are_guessed_by_what_is_in_them():
    batch = upload("Qui;Où joindre\nanne@example.org;0475 12 34 56\nb@example.org;02/123.45.67\n")

    assert batch.mapping == {"Qui": "email", "Où joindre": "phone"}


def test_second_address_and_telephone_are_others():
    batch = upload("Email;Mail;Phone;GSM\na@example.org;b@example.org;021234567;0475123456\n")

    assert list(batch.mapping.values()) == ["email", "other_email", "phone", "other_phone"]


def test_doubtful_dates_are_read_as_chosen():
    batch = described("Email;Date of birth\na@example.org;03/04/1980\n")
    read_as(batch=batch, dates="mdy")

    run(batch)

    assert Supporter.objects.get().birth_date == date(1980, 3, 4)


def test_names_in_one_column_are_parted():
    imported("Email;Nom complet\na@example.org;Anne van den Broeck\n;Dupont, Anne Marie\n")

    assert set(Supporter.objects.values_list("given_name", "family_name")) == {
        ("Anne", "van den Broeck"),
        ("Anne Marie", "Dupont"),
    }
