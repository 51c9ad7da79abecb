"""What public forms say of people we know: proposed, never written over what we know."""

import re
from datetime import timedelta

import pytest

from crm.audit import AuditEntry
from crm.campaigns import operations, signing
from crm.campaigns.models import Signature
from crm.campaigns.sources import Trail
from crm.people import offers
from crm.people.models import Change, Supporter
from crm.people.proposals import Proposal
from tests.crm.pia import PIA, page
from tests.factories import SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once

pytestmark = pytest.mark.django_db

HOME = {"postcode": "2000", "country": "BE", "region": "BE-VAN"}
KNOWN = {"given_name": "Pia", "family_name": "Peeters", "email": "pia@example.org", **HOME}
ROW = ("given_name", "family_name", "email", "language", "postcode", "country", "region")


def row_of(supporter):
    return Supporter.objects.filter(pk=supporter.pk).values_list(*ROW, "modified_at").get()


def proposed():
    return list(Proposal.objects.order_by("pk").values_list("field", "value", "state"))


def propose(supporter, at, source="signature:1", **facts):
    return offers.offer(supporter=supporter, source=source, at=at, **facts)


def test_stranger_who_knows_an_address_changes_and_reads_nothing(client, petition, mailoutbox):
    """Pain 18: an anonymous visitor overwrites somebody's data. Here, staff are asked."""
    known = SupporterFactory(**KNOWN)
    before = row_of(known)

    attack = PIA | {"given_name": "Mallory", "family_name": "Mean", "postcode": "9000"}
    answer = client.post(page(petition), attack)
    newcomer = client.post(page(petition), attack | {"email": "nobody@example.org"})
    run_jobs()

    assert row_of(known) == before
    assert proposed() == [
        ("given_name", "Mallory", "open"),
        ("family_name", "Mean", "open"),
        ("postcode", "9000", "open"),
    ]
    assert told(answer) == told(newcomer)
    to_known = next(mail for mail in mailoutbox if mail.to == ["pia@example.org"])
    assert "Mallory" not in to_known.body


def told(response):
    """What a visitor sees, but for what is made anew each time."""
    body = re.sub(r'(nonce|value)="[^"]{16,}"', "", response.content.decode())
    headers = {name: value for name, value in response.headers.items() if "Policy" not in name}
    location = re.sub(r"[\w-]{30,}", "…", headers.pop("Location", ""))
    return response.status_code, body, location, sorted(headers)


def test_attacker_who_tries_many_names_fills_no_list(now):
    known = SupporterFactory(**KNOWN)

    for number in range(60):
        propose(known, now, given_name=f"Mallory {number}")

    assert Proposal.objects.open().count() == offers.MOST


def test_what_we_know_already_is_not_proposed(now, django_assert_num_queries):
    known = SupporterFactory(**KNOWN)

    with django_assert_num_queries(0):
        new = propose(
            known, now, given_name="PIA", family_name=" Peeters ", postcode="2000", country=""
        )

    assert new == []


def test_accents_are_worth_a_question(now):
    known = SupporterFactory(**KNOWN | {"given_name": "Helene"})

    propose(known, now, given_name="Hélène")

    assert proposed() == [("given_name", "Hélène", "open")]


def test_what_was_said_before_is_not_asked_again_even_if_it_was_declined(now, staff):
    known, by = SupporterFactory(**KNOWN), staff()
    first = propose(known, now, given_name="Pie")
    twice = propose(known, now, source="signature:2", given_name="Pie")
    offers.decline(proposal=Proposal.objects.get(), at=now, by=by)

    again = propose(known, now, given_name="Pie")

    assert (first, twice, again) == (["given_name"], [], [])
    assert proposed() == [("given_name", "Pie", "declined")]
    assert row_of(known)[0] == "Pia"


def test_accepted_correction_is_written_with_who_accepted_it(now, staff):
    known, by = SupporterFactory(**KNOWN), staff()
    propose(known, now, postcode="9000")
    [proposal] = Proposal.objects.all()

    first = offers.accept(proposal=proposal, at=now, by=by)
    second = offers.accept(proposal=proposal, at=now, by=by)

    assert (first, second) == (True, False)
    known.refresh_from_db()
    assert (known.postcode, known.region) == ("9000", "BE-VOV")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_at, proposal.decided_by) == ("accepted", now, by)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", "by", "details")) == [
        ("proposal.accepted", by.pk, {"proposal": proposal.pk, "fields": ["postcode"]}),
        ("supporter.corrected", by.pk, {"fields": ["postcode"]}),
    ]


def test_declined_correction_cannot_be_accepted_any_more(now, staff):
    known, by = SupporterFactory(**KNOWN), staff()
    propose(known, now, postcode="9000")
    [proposal] = Proposal.objects.all()
    offers.decline(proposal=proposal, at=now, by=by)

    assert offers.accept(proposal=proposal, at=now, by=by) is False
    assert row_of(known)[4] == "2000"


def test_what_we_had_not_is_filled_in_once_the_address_is_proved(client, petition, mailoutbox):
    bare = SupporterFactory(email="pia@example.org", given_name="", family_name="", postcode="")

    client.post(page(petition), PIA)
    before = row_of(bare)[:2]
    operations.confirm(signature=Signature.objects.get(), at=bare.created_at)

    assert before == ("", "")
    assert row_of(bare)[:7] == ("Pia", "Peeters", "pia@example.org", "fr", "2000", "BE", "BE-VAN")
    assert proposed() == [
        ("given_name", "Pia", "accepted"),
        ("family_name", "Peeters", "accepted"),
        ("postcode", "2000", "accepted"),
    ]
    assert list(Supporter.objects.search("peeters 2000")) == [bare]
    assert "corrected" in Change.objects.values_list("kind", flat=True)


def test_confirming_writes_over_nothing_that_we_knew(client, petition):
    known = SupporterFactory(**KNOWN | {"family_name": ""})

    client.post(page(petition), PIA | {"given_name": "Pieternel"})
    operations.confirm(signature=Signature.objects.get(), at=known.created_at)

    assert row_of(known)[:2] == ("Pia", "Peeters")
    assert proposed() == [
        ("given_name", "Pieternel", "open"),
        ("family_name", "Peeters", "accepted"),
    ]


def test_two_names_for_one_field_are_left_to_staff(now):
    """Somebody else signed with the address before its owner confirmed."""
    bare = SupporterFactory(**KNOWN | {"given_name": ""})
    propose(bare, now, given_name="Pia")
    propose(bare, now, given_name="Mallory")

    assert offers.prove(supporter=bare, source="signature:1", at=now) == []
    assert row_of(bare)[0] == ""


def test_proof_of_one_form_says_nothing_of_another(now):
    bare = SupporterFactory(**KNOWN | {"given_name": ""})
    propose(bare, now, source="signature:2", given_name="Mallory")

    assert offers.prove(supporter=bare, source="signature:1", at=now) == []
    assert (row_of(bare)[0], proposed()) == ("", [("given_name", "Mallory", "open")])


def test_proving_twice_changes_nothing(now):
    bare = SupporterFactory(**KNOWN | {"given_name": ""})
    propose(bare, now, given_name="Pia")

    first = offers.prove(supporter=bare, source="signature:1", at=now)
    second = offers.prove(supporter=bare, source="signature:1", at=now + timedelta(hours=1))

    assert (first, second) == (["given_name"], [])
    assert row_of(bare)[-1] == now


def test_newcomer_proposes_nothing(client, petition):
    client.post(page(petition), PIA)

    signer = Supporter.objects.get()
    assert (signer.source, signer.emails.get().source) == ("signature", "signature")
    assert proposed() == []


def test_signing_by_another_address_of_theirs_is_confirmed_at_that_address(
    client, petition, mailoutbox
):
    known = SupporterFactory(**KNOWN | {"email": "first@example.org"})
    known.emails.create(address="pia@example.org")

    client.post(page(petition), PIA)
    run_jobs()

    assert [mail.to for mail in mailoutbox] == [["pia@example.org"]]
    assert Signature.objects.get().supporter == known


def test_signature_from_another_page_proposes_as_well(petition, now):
    """The API's helper calls the same operation as the form."""
    known = SupporterFactory(**KNOWN)
    fields = PIA | {"given_name": "Mallory", "language": "en", "trail": Trail(), "at": now}

    signature = signing.sign(campaign=petition, **fields)

    [proposal] = Proposal.objects.all()
    assert (proposal.supporter, proposal.source) == (known, f"signature:{signature.public_id}")


@pytest.mark.django_db(transaction=True)
def test_one_thing_said_many_times_at_once_is_asked_once(now):
    known = SupporterFactory(**KNOWN)

    at_once(lambda _: propose(known, now, given_name="Mallory"), range(6))

    assert proposed() == [("given_name", "Mallory", "open")]


def test_owner_who_came_by_a_link_fills_in_what_we_had_not_and_proposes_the_rest(now):
    known = SupporterFactory(**KNOWN | {"family_name": ""})

    for _turn in range(2):
        offers.told_by_owner(
            supporter=known, source="details", at=now, given_name="Pie", family_name="Peeters"
        )

    assert row_of(known)[:2] == ("Pia", "Peeters")
    assert proposed() == [("given_name", "Pie", "open"), ("family_name", "Peeters", "accepted")]
