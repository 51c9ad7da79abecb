"""Pia, and the petition she signs."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.campaigns import signing
from crm.campaigns.sources import Trail
from tests.crm.graph import facebook, lead_form  # noqa: F401 (fixtures)
from tests.crm.pia import PIA
from tests.crm.told_person import plant
from tests.factories import CampaignTextFactory


@pytest.fixture
def petition(campaign):
    CampaignTextFactory(campaign=campaign, title="Stop child trafficking", thanks="We go on.")
    return campaign


@pytest.fixture
def signature(petition, now):
    fields = PIA | {"language": "en", "trail": Trail(utm_source="facebook"), "at": timezone.now()}
    return signing.sign(campaign=petition, **fields)


@pytest.fixture
def signed_in(client, staff):
    """A function that signs a member of staff in, in a role."""

    def sign_in(role):
        user = staff(role)
        client.force_login(user)
        return user

    return sign_in


@pytest.fixture
def zoraline(client, campaign, django_user_model):
    """The rows about Zoraline, at whom a fundraiser has looked; see told_person.py."""
    owner, looker = (
        django_user_model.objects.create_user(name, is_staff=True)
        for name in ("owner", "lookerzora")
    )
    owner.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    looker.groups.add(Group.objects.get(name=Role.FUNDRAISER))
    rows = plant(campaign, owner)
    client.force_login(looker)
    client.get(reverse("admin:crm_supporter_change", args=[rows["zora"].pk]))
    return rows
