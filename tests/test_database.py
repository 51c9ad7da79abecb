"""After a test that commits, the database is what the migrations made of it."""

import pytest
from django.contrib.auth.models import Group, Permission

from crm.access import Role
from crm.people.models import Supporter
from tests import database
from tests.factories import SupporterFactory
from tests.jobs import next_job

pytestmark = pytest.mark.django_db(transaction=True)


def roles():
    return {
        (group.pk, group.name): set(group.permissions.values_list("pk", flat=True))
        for group in Group.objects.all()
    }


@pytest.mark.parametrize("how", ["superuser", "anybody"])
def test_what_was_committed_is_gone_and_what_was_there_is_back(monkeypatch, how):
    before, rights = roles(), set(Permission.objects.values_list("pk", "codename"))
    SupporterFactory()
    Group.objects.create(name="Guests")
    Group.objects.filter(name=Role.FUNDRAISER).update(name="Renamed")
    Group.objects.get(name=Role.READER).permissions.clear()
    Permission.objects.filter(codename="view_gift").delete()
    if how == "anybody":
        monkeypatch.setattr(database, "IS_SUPERUSER", "SELECT false")

    database.put_right()

    assert (roles(), Supporter.objects.count(), next_job()) == (before, 0, None)
    assert set(Permission.objects.values_list("pk", "codename")) == rights
    assert Group.objects.create(name="Guests").pk > max(pk for pk, _name in before)
