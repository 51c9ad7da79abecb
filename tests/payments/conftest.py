"""A donor, Stripe, and what Stripe tells: through the real SDK and the real addresses."""

import pytest

from tests.payments.donor import Donor
from tests.payments.giving import Givers


@pytest.fixture
def stripe(sandbox, settings):
    """The local Stripe, to which the application under test talks."""
    settings.STRIPE_SECRET_KEY = "sk_test_sandbox"
    settings.STRIPE_WEBHOOK_SECRET = "whsec_sandbox"
    settings.STRIPE_API_BASE = sandbox.url
    return sandbox


@pytest.fixture
def donor(client, stripe):
    """Dora, who fills in the form, pays, and whose payment Stripe tells about."""
    return Donor(client, stripe)


@pytest.fixture
def givers(client, stripe):
    """Many donors, who pay at Stripe without filling in our form."""
    return Givers(client, stripe)
