"""Calls for donations by letter go to nobody who said no to them."""

from datetime import UTC, date, datetime

import pytest

from crm.donations import appeals
from crm.privacy.operations import record_consent
from tests.factories import GiftFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def donors():
    return [GiftFactory(received_on=date(2026, 1, 1)).supporter for _number in range(2)]


def refuse(supporter, **what):
    said = {"purpose": "appeals", "channel": "post", "given": False} | what
    record_consent(supporter=supporter, source="letter", at=AT, **said)


def test_who_said_no_to_letters_is_not_asked_for_a_gift(donors):
    refuse(donors[0])

    assert list(appeals.donors_to_ask(months=12, at=AT)) == [donors[1]]


@pytest.mark.parametrize(
    "what", [{"channel": "email"}, {"channel": "phone"}, {"purpose": "newsletter"}, {"given": True}]
)
def test_other_words_leave_a_donor_among_those_who_get_letters(donors, what):
    refuse(donors[0], **what)

    assert set(appeals.donors_to_ask(months=12, at=AT)) == set(donors)


def test_who_says_no_after_an_appeal_was_prepared_is_not_printed(donors, staff):
    chosen = appeals.donors_to_ask(months=12, at=AT)
    appeals.prepare(name="Spring", campaign=None, donors=chosen, at=AT, by=staff())
    refuse(donors[1])

    printed = appeals.communications_of(name="Spring", campaign=None)

    assert [each.supporter for each in printed] == [donors[0]]
