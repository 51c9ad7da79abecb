"""Fixtures that many tests share."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connections

from crm.access import Role
from tests.browser import browser  # noqa: F401 (fixture)
from tests.factories import CampaignFactory, SourceFactory
from tests.jobs import forget_jobs
from tests.stripe_sandbox import sandbox, stripe_process  # noqa: F401 (fixtures)

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """A server's threads must not keep connections to the database that is dropped at the end."""
    connections["default"].settings_dict["CONN_MAX_AGE"] = 0


@pytest.fixture(autouse=True)
def empty_cache():
    cache.clear()


@pytest.fixture(autouse=True)
def jobs_end_with_their_test(request, django_db_blocker):
    """A test on real connections commits its jobs, and the flush that follows leaves them."""
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction")
    if commits or "transactional_db" in request.fixturenames:
        with django_db_blocker.unblock():
            forget_jobs()


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
