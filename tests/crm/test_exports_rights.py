"""Nobody takes along what they may not see."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.urls import reverse

from crm.access import Role
from crm.exchange import exports
from crm.exchange.lists import TABLES
from crm.exchange.models import Export
from tests.crm.exporting import WHY, export
from tests.factories import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(client):
    """Somebody who may export supporters, and see little of them."""
    user = get_user_model().objects.create_user("lin", is_staff=True)
    rights = ["view_supporter", "export_supporter", "view_tag"]
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(user)
    return user


def test_only_columns_that_the_reader_may_see_are_offered(client, limited):
    answer = client.get(reverse("admin:crm_supporter_export"))

    offered = {name for name, _label in answer.context["form"].fields["columns"].choices}
    hidden = {each.name for each in TABLES["supporters"].columns} - offered
    assert hidden == {
        "phone",
        "street",
        "town",
        "birth_date",
        "newsletter",
        "given",
        "last_gift",
        "bank_accounts",
        "identifiers",
    }


@pytest.mark.parametrize("column", ["phone", "birth_date", "given", "bank_accounts"])
def test_hidden_column_is_refused_when_it_is_asked_for(client, limited, column):
    answer = export(client, "supporters", "number", column)

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["columns"]
    with pytest.raises(exports.NotAllowed):
        exports.open_export(
            what="supporters",
            columns=["number", column],
            kind_of_file="csv",
            reason=WHY,
            filters={},
            at=AT,
            by=limited,
        )
    assert Export.objects.count() == 0


@pytest.mark.parametrize("what", ["signatures", "gifts", "receipts"])
def test_list_that_one_may_not_see_is_not_exported(client, limited, what):
    assert export(client, what).status_code == 403
    assert Export.objects.count() == 0


def test_campaigner_is_offered_no_export(client, staff):
    client.force_login(staff(Role.CAMPAIGNER))

    page = client.get(reverse("admin:crm_supporter_changelist")).content.decode()

    assert "/export/" not in page
    assert export(client, "supporters").status_code == 403
