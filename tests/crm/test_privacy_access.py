"""“Give me my data”: everything about a person, nothing about others, no secrets."""

import io
import json
import zipfile

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import ForeignKey
from django.test.utils import CaptureQueriesContext
from django.utils.functional import Promise

from crm.audit import AuditEntry
from crm.donations.instructions import Instruction
from crm.mailing import outbox
from crm.people.storing import contents
from crm.privacy.access import as_json, is_told, package_of
from crm.privacy.belongings import declared, declaring_models, person_behind, rows_of
from crm.privacy.labels import LABELS
from crm.privacy.requests import PrivacyRequest
from tests.crm.donor_page import page_of
from tests.crm.person import EMAIL, zelda
from tests.factories import (
    AT,
    CampaignTextFactory,
    GiftFactory,
    SignatureFactory,
    SupporterFactory,
)
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


def data_of(client, who, language="en"):
    """What the archive of their package holds, asked for on their own page."""
    client.post(page_of(who, "data/", language))
    drop_other_jobs()
    run_jobs()
    return json.loads(archive_of(PrivacyRequest.objects.get()).read("data.json"))


def archive_of(request):
    return zipfile.ZipFile(io.BytesIO(b"".join(contents(request.data_file))))


def drop_other_jobs():
    """What Zelda's mails and payments queued is not to be run."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name != 'privacy.hand_out'")


def test_package_is_noted_without_personal_data(client):
    who = zelda()

    data_of(client, who)

    entry = AuditEntry.objects.get(action="supporter.data_handed_out")
    assert (entry.subject, sorted(entry.details)) == (f"supporter:{who.pk}", ["parts", "rows"])


def test_package_has_every_row_of_every_model_about_the_person(client):
    who = zelda()
    person = person_behind(who)
    expected = {
        model._meta.label_lower: rows_of(model, person).count()
        for model in apps.get_models()
        if hasattr(model, "personal_data")
    }

    package = data_of(client, who)

    there = {name: len(rows) for name, rows in package["data"].items()}
    assert there.pop("crm.privacyrequest") == 1  # by which it is asked for
    assert there == {name: number for name, number in expected.items() if number}
    assert {"crm.gift", "crm.consent", "crm.taxidentity", "payments.checkout"} < set(there)
    assert there["crm.supporter"] == 2
    assert there["payments.checkout"] == 2


def test_index_says_what_each_part_and_field_is(client):
    package = data_of(client, zelda())

    parts = {part["part"]: part for part in package["index"]}
    assert set(parts) == set(package["data"])
    assert (parts["crm.gift"]["title"], parts["crm.gift"]["rows"]) == ("gifts", 1)
    assert parts["crm.gift"]["kept_for_the_accounts"] is True
    assert parts["crm.gift"]["fields"]["amount"] == "amount in cents"
    assert set(parts["crm.gift"]["fields"]) == set(package["data"]["crm.gift"][0])


def test_every_field_is_called_by_words_that_can_be_translated():
    nameless = {
        f"{model._meta.label_lower}.{field.name}"
        for model in declaring_models()
        if not declared(model).is_history
        for field in model._meta.concrete_fields
        if is_told(field, model)
        and not isinstance(field.verbose_name, Promise)
        and not isinstance(field, ForeignKey)
        and field.name not in LABELS
    }

    assert nameless == set()


def test_rows_can_be_read(client):
    package = data_of(client, zelda())

    [gift] = package["data"]["crm.gift"]
    [consent] = package["data"]["crm.consent"]
    [comment] = package["data"]["crm.comment"]
    assert (gift["amount"], gift["received_on"], gift["status"]) == (2500, "2026-03-01", "paid")
    assert gift["plan"] == "stripe:sub_zelda 1000 EUR"
    assert (consent["given"], consent["wording"]) == (True, "Yes, send me the newsletter.")
    assert comment["text"] == "my own words"


def test_package_holds_no_secret_and_nothing_internal(client):
    who = zelda()

    text = json.dumps(data_of(client, who))

    assert EMAIL in text
    for secret in ("secret-token", "search_text", '"number": "Quix', "session_id", "pbkdf2"):
        assert secret not in text
    assert all("id" not in row for rows in json.loads(text)["data"].values() for row in rows)


def test_package_holds_no_address_that_lets_a_card_be_changed(client):
    who = zelda()
    words = {"amount": "€10", "card_path": "/en/give/card/secret/"}
    outbox.queue("payment_failed", key="failed", to=who, language="en", at=AT, context=words)

    mails = data_of(client, who)["data"]["crm.mail"]

    assert [mail["context"] for mail in mails][-1] == {
        "amount": "€10",
        "greeting": f"Hello {who.given_name},",
    }


def test_package_names_nobody_else(client, staff):
    who = zelda()
    member = staff(first_name="Stella")
    Instruction.objects.update(asked_by=member)
    other = GiftFactory(reference="stripe:pi_of_another")
    who.soft_credits.update(gift=other)

    text = json.dumps(data_of(client, who))

    assert get_user_model().objects.count() == 1
    assert "a member of staff" in text
    assert "a record of somebody else" in text
    for name in (member.username, "Stella", "pi_of_another", other.supporter.email):
        assert name not in text


def test_package_speaks_the_language_of_the_page(client):
    package = data_of(client, zelda(), "nl")

    assert package["about"]["language"] == "nl"


@pytest.mark.parametrize("number", [1, 3])
def test_number_of_queries_does_not_grow_with_the_rows(now, number):
    def count(who):
        with CaptureQueriesContext(connection) as captured:
            as_json(package_of(supporter=who, at=now))
        return len(captured)

    campaign = CampaignTextFactory().campaign
    one, many = SupporterFactory.create_batch(2)
    SignatureFactory(supporter=one, campaign=campaign)
    GiftFactory(supporter=one, campaign=campaign)
    SignatureFactory(supporter=many, campaign=campaign)
    GiftFactory.create_batch(number, supporter=many, campaign=campaign)

    assert count(many) == count(one)
