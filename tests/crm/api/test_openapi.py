"""The OpenAPI document, and that answers are as it says."""

import pytest
from jsonschema import Draft202012Validator

from crm.api.schema import document
from tests.factories import CampaignTextFactory, GiftFactory, SignatureFactory

pytestmark = pytest.mark.django_db


def test_document_is_public_and_describes_every_address_once(stranger):
    answer = stranger.get("openapi.json")

    described = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert described["openapi"] == "3.1.0"
    assert sorted(
        (path, method) for path, methods in described["paths"].items() for method in methods
    ) == [
        ("/api/v2/", "get"),
        ("/api/v2/donations", "get"),
        ("/api/v2/donations/{public_id}", "get"),
        ("/api/v2/people", "get"),
        ("/api/v2/people/{person}/donations", "get"),
        ("/api/v2/people/{person}/signatures", "get"),
        ("/api/v2/people/{person}/signatures/{public_id}", "get"),
        ("/api/v2/people/{public_id}", "get"),
        ("/api/v2/petitions", "get"),
        ("/api/v2/petitions/{petition}/signatures", "get"),
        ("/api/v2/petitions/{petition}/signatures", "post"),
        ("/api/v2/petitions/{petition}/signatures/{public_id}", "get"),
        ("/api/v2/petitions/{public_id}", "get"),
    ]
    assert described["components"]["securitySchemes"] == {
        "OSDI-API-Token": {"type": "apiKey", "in": "header", "name": "OSDI-API-Token"}
    }


def test_document_is_made_without_a_warning(capsys):
    document.cache_clear()

    document()

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("address", "shape"),
    [
        ("", "EntryPoint"),
        ("people", "PersonPage"),
        ("petitions", "PetitionPage"),
        ("donations", "DonationPage"),
        ("{petition}/signatures", "SignaturePage"),
        ("nowhere", "Error"),
        ("people?filter=x", "Error"),
    ],
)
def test_answers_are_as_the_document_says(program, now, address, shape):
    signature = SignatureFactory(status="confirmed", confirmed_at=now)
    CampaignTextFactory(campaign=signature.campaign)
    GiftFactory()
    address = address.format(petition=f"petitions/{signature.campaign.public_id}")
    schema = {"$ref": f"#/components/schemas/{shape}", "components": document()["components"]}

    answer = program().read(address)

    assert [error.message for error in Draft202012Validator(schema).iter_errors(answer)] == []
    told = document()["components"]["schemas"][shape]["properties"]
    assert set(answer) <= set(told)
