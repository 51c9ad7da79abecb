"""A program that calls the API."""

import json

import pytest
from django.test import Client

from crm.api.models import Scope
from crm.api.operations import make_token
from tests.conftest import NOW

ROOT = "/api/v2/"


class Program:
    """A client with a key, which reads JSON and writes JSON."""

    def __init__(self, key=None):
        headers = {"accept-language": "en", "accept": "application/json"}
        if key:
            headers["osdi-api-token"] = key
        self.client = Client(headers=headers)

    def get(self, address="", query=None):
        return self.client.get(self.full(address), query or {})

    def read(self, address="", query=None):
        return self.get(address, query).json()

    def post(self, address, content, content_type="application/json"):
        body = content if isinstance(content, bytes) else json.dumps(content)
        return self.client.generic("POST", self.full(address), body, content_type=content_type)

    @staticmethod
    def full(address):
        return address if address.startswith("http") else ROOT + address


@pytest.fixture
def program(db):
    """A function that makes a program whose key has some scopes; by default all of them."""

    def make(*scopes):
        _token, key = make_token(name="Tool", scopes=scopes or Scope, by=None, at=NOW)
        return Program(key)

    return make


@pytest.fixture
def stranger(db):
    """A program without a key."""
    return Program()


@pytest.fixture
def petition_api(campaign):
    return f"petitions/{campaign.public_id}/signatures"


def errors_of(response):
    """The errors of a refusal, once its frame is as it should be."""
    answer = response.json()
    (status,) = answer["resource_status"]
    assert answer == {
        "request_type": "atomic",
        "response_code": response.status_code,
        "resource_status": [
            {
                "resource": status["resource"],
                "response_code": response.status_code,
                "errors": status["errors"],
            }
        ],
    }
    return [(error["code"], error["properties"]) for error in status["errors"]]
