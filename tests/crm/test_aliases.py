"""One person under several addresses of one mailbox signs once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.lib.contact import mailbox_of
from crm.mailing.models import Mail
from crm.people.contact_points import EmailAddress
from crm.people.mailboxes import Mailbox
from crm.people.models import Supporter
from tests.crm.pia import PIA
from tests.factories import SignatureFactory, SupporterFactory


def sign_by(address, campaign, now):
    told = PIA | {"email": address, "language": "en", "trail": Trail(), "at": now}
    return sign(campaign=campaign, **told)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("pia@example.org", "pia+news@example.org"),
        ("pia+news@example.org", "pia@example.org"),
        ("pia+news@example.org", "pia+other@example.org"),
        ("pia.peeters@gmail.com", "p.iapeeters+1@googlemail.com"),
    ],
)
def test_alias_signs_as_who_has_the_mailbox(petition, now, first, second):
    known = sign_by(first, petition, now)

    again = sign_by(second, petition, now)

    assert (again, Supporter.objects.count()) == (known, 1)
    assert list(Mail.objects.values_list("to", flat=True)) == [first]  # one mail in a pause


@pytest.mark.django_db
def test_alias_is_written_to_at_the_address_that_was_typed(petition, now):
    signer = SupporterFactory(email="pia@example.org")

    signature = sign_by("pia+petition@example.org", petition, now)

    assert signature.supporter == signer
    assert Mail.objects.get().to == "pia+petition@example.org"


@pytest.mark.django_db
@pytest.mark.parametrize("other", ["pi.a@example.org", "pia@example.be", "+pia@example.org"])
def test_address_that_only_looks_alike_is_somebody_else(petition, now, other):
    sign_by("pia@example.org", petition, now)

    sign_by(other, petition, now)

    assert Supporter.objects.count() == Signature.objects.count() == 2


@pytest.mark.django_db
def test_of_two_with_one_mailbox_it_is_who_has_the_address(petition, now):
    people = [SupporterFactory(email=f"pia+{number}@example.org") for number in (1, 2)]

    signatures = [sign_by(person.email, petition, now) for person in people]

    assert [signature.supporter for signature in signatures] == people


@pytest.mark.django_db
def test_of_two_with_one_mailbox_one_counts(petition, now):
    people = [SupporterFactory(email=f"pia+{number}@example.org") for number in (1, 2)]
    both = [SignatureFactory(campaign=petition, supporter=person) for person in people]

    for signature in both:
        confirm(signature=signature, at=now)

    assert tallies.count(petition) == 1
    states = Signature.objects.order_by("pk").values_list("status", "ended")
    assert list(states) == [("confirmed", ""), ("withdrawn", "duplicate")]


class TestMailboxes(TestCase):
    @settings(max_examples=30)
    @given(st.from_regex(r"[a-z.+]{1,8}@(gmail\.com|googlemail\.com|example\.org)", fullmatch=True))
    def test_database_knows_the_same_mailbox(self, address):
        person = SupporterFactory(email="")
        EmailAddress.objects.create(supporter=person, address=address)

        found = EmailAddress.objects.annotate(at=Mailbox("address")).get(supporter=person)

        assert found.at == mailbox_of(address)
        assert found in EmailAddress.objects.of_mailbox(mailbox_of(address))
