"""Fixtures that many tests share."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.signals import setting_changed
from django.db import connections
from django.test import TransactionTestCase, override_settings
from django.test.signals import reset_template_engines
from django.utils import translation

from crm.access import Role
from crm.campaigns import viewing
from crm.public import kept
from tests import database
from tests.browser import browser  # noqa: F401 (fixture)
from tests.factories import CampaignFactory, SourceFactory
from tests.stripe_sandbox import sandbox, stripe_process  # noqa: F401 (fixtures)

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    """A server's threads must not keep connections to the database that is dropped at the end."""
    connections["default"].settings_dict["CONN_MAX_AGE"] = 0
    with django_db_blocker.unblock():
        database.copy_instead_of_migrating()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """After a test that commits, the tables are again as the migrations left them."""
    with django_db_blocker.unblock():
        database.keep_what_migrations_wrote()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", database.put_right)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords():
    """Passwords of tests need not resist anybody."""
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(PASSWORD_HASHERS=hashers):
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_stay_parsed():
    """Else all are read again for each test that sets DEBUG, and once more for the next."""
    setting_changed.disconnect(reset_template_engines)
    yield
    setting_changed.connect(reset_template_engines)


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch):
    """Nothing is kept from before; pages are as they would be a second later."""
    cache.clear()
    kept.forget_all()
    monkeypatch.setattr(kept, "PAGE_SECONDS", 0)


@pytest.fixture(autouse=True)
def views_are_written_at_once(monkeypatch):
    """No thread of one test writes into the next one's database."""
    monkeypatch.setattr(viewing, "EVERY", 0)


@pytest.fixture(autouse=True)
def default_language():
    """No test inherits the language that another one left active."""
    translation.deactivate()


@pytest.fixture
def now():
    """A moment on 14 March 2026, for operations that take the clock as an argument."""
    return NOW


@pytest.fixture
def campaign(db):
    return CampaignFactory()


@pytest.fixture
def source(db):
    return SourceFactory()


@pytest.fixture
def staff(db):
    """A function that makes a member of staff in a role."""

    def make(role=Role.ADMINISTRATOR, **fields):
        user = get_user_model().objects.create_user(
            username=f"{role}", email=f"{role}@example.org", is_staff=True, **fields
        )
        user.groups.add(Group.objects.get(name=role))
        return user

    return make
