"""A program that reads whom it may mail is not told of addresses that a "no" follows."""

import pytest

from crm.privacy.operations import record_consent
from crm.privacy.suppressing import suppress
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db


def test_email_is_not_subscribed_where_a_no_follows_the_address(program, now):
    pia = SupporterFactory()
    record_consent(supporter=pia, given=True, source="test", at=now)
    suppress(addresses=[pia.email], reason="erased", at=now)

    person = program().read(f"people/{pia.public_id}")

    assert [email["status"] for email in person["email_addresses"]] == ["unsubscribed"]
