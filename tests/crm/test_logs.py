"""The log: it tells which page failed, never the token in its address."""

import logging
from io import StringIO

import pytest
from django.conf import settings
from django.test import Client

from crm.lib.logs import RoutesOnly
from crm.public import donor
from tests.crm.donor_page import page_of, token_of
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """What the console would show."""
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["routes"]
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RoutesOnly())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_form_that_does_not_come_from_our_page_is_logged_without_the_token(log):
    who = SupporterFactory()

    answer = Client(enforce_csrf_checks=True).post(page_of(who, "erase/"))

    assert answer.status_code == 403
    assert "Forbidden (CSRF cookie not set.): " in log.getvalue()
    assert "<str:token>/erase/" in log.getvalue()
    assert token_of(who) not in log.getvalue()


def test_page_that_fails_is_logged_without_the_token(log, monkeypatch):
    who = SupporterFactory()
    monkeypatch.delattr(donor, "years_of")

    answer = Client(raise_request_exception=False).get(page_of(who))

    assert answer.status_code == 500
    assert "Internal Server Error: " in log.getvalue()
    assert "NameError" in log.getvalue()
    assert token_of(who) not in log.getvalue()
