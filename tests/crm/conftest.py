"""Pia, and the petition she signs."""

import pytest
from django.utils import timezone

from crm.campaigns import operations
from crm.campaigns.sources import Trail
from tests.crm.pia import PIA
from tests.factories import CampaignTextFactory


@pytest.fixture
def petition(campaign):
    CampaignTextFactory(campaign=campaign, title="Stop child trafficking", thanks="We go on.")
    return campaign


@pytest.fixture
def signature(petition, now):
    fields = PIA | {"language": "en", "trail": Trail(utm_source="facebook"), "at": timezone.now()}
    return operations.sign(campaign=petition, **fields)


@pytest.fixture
def signed_in(client, staff):
    """A function that signs a member of staff in, in a role."""

    def sign_in(role):
        user = staff(role)
        client.force_login(user)
        return user

    return sign_in
