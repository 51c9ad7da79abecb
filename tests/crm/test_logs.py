"""The log: it tells which page failed, never the token in its address."""

import logging
from io import StringIO

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from crm.lib.logs import RoutesOnly, WithoutValues
from crm.people.contact_points import EmailAddress
from crm.public import donor
from tests.crm.donor_page import page_of, token_of
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def log():
    """What the console would show."""
    assert settings.LOGGING["handlers"]["console"]["filters"] == ["routes"]
    assert settings.LOGGING["formatters"]["line"]["class"] == "crm.lib.logs.WithoutValues"
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RoutesOnly())
    handler.setFormatter(WithoutValues())
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


def test_error_of_the_database_is_logged_without_the_values_of_the_row(log):
    known = SupporterFactory(email="zelda@example.org")

    try:
        with transaction.atomic():
            EmailAddress.objects.create(supporter=known, address=known.email)
    except IntegrityError:
        logging.getLogger("crm").exception("it stopped")

    assert "it stopped" in log.getvalue()
    assert "UniqueViolation" in log.getvalue()
    assert "test_logs.py" in log.getvalue()
    assert "zelda" not in log.getvalue()
