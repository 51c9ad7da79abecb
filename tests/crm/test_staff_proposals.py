"""Corrections that public forms proposed: looked at, accepted, declined."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.people.models import Supporter
from crm.people.operations import correct
from crm.people.proposals import Proposal
from tests.factories import SupporterFactory
from tests.people_factories import ProposalFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/proposal/"
DECIDE = "/staff/crm/proposal/decide/"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def campaigner(client, staff):
    user = staff(Role.CAMPAIGNER, first_name="Carla")
    client.force_login(user)
    return user


def rows(client, show="open"):
    return client.get(f"{LIST}?show={show}", headers=ENGLISH).context["rows"]


def decide(client, verb, *proposals, **seen):
    said = {f"seen-{each.pk}": getattr(each.supporter, each.field) for each in proposals}
    data = {"decide": verb, "marked": [each.pk for each in proposals], **said, **seen}
    return client.post(DECIDE, data, headers=ENGLISH, follow=True)


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def states():
    return list(Proposal.objects.order_by("pk").values_list("state", flat=True))


def test_page_shows_the_oldest_first_with_what_we_have_beside_it(client, campaigner, now):
    ProposalFactory(field="postcode", value="4000", source="signature:12", at=now)
    ProposalFactory(field="country", value="FR", source="staff", at=now - timedelta(days=1))

    shown = [(row.label, row.now, row.proposed) for row in rows(client)]

    assert shown == [("Country", "Belgium", "France"), ("Postcode", "1000", "4000")]


def test_source_is_said_in_words(client, campaigner):
    ProposalFactory(source="signature:12")

    [row] = rows(client)

    assert row.source == "when signing"


def test_accepted_correction_is_written_and_who_did_it_is_kept(client, campaigner):
    proposal = ProposalFactory(value="Samuel")

    answer = decide(client, "accept", proposal)

    proposal.refresh_from_db()
    assert said(answer) == ["1 correction was accepted."]
    assert (proposal.state, proposal.decided_by) == ("accepted", campaigner)
    assert Supporter.objects.get().given_name == "Samuel"
    assert "Samuel" not in str(list(AuditEntry.objects.values_list("details", flat=True)))


def test_declined_correction_changes_nothing_and_is_not_shown_again(client, campaigner):
    proposal = ProposalFactory()

    answer = decide(client, "decline", proposal)

    assert said(answer) == ["1 correction was declined."]
    assert (Supporter.objects.get().given_name, states(), rows(client)) == ("Sam", ["declined"], [])
    assert [row.proposal for row in rows(client, "decided")] == [proposal]


def test_several_are_decided_at_once_and_the_others_wait(client, campaigner):
    one, two, other = ProposalFactory.create_batch(3)

    decide(client, "accept", one, two)

    assert states() == ["accepted", "accepted", "open"]
    other.supporter.refresh_from_db()
    assert other.supporter.given_name == "Sam"


def test_button_of_one_decides_that_one_whatever_is_marked(client, campaigner):
    one, other = ProposalFactory.create_batch(2)

    decide(client, f"decline-{one.pk}", other)

    assert states() == ["declined", "open"]


def test_value_that_changed_since_the_page_was_read_is_not_overwritten(client, campaigner, now):
    proposal = ProposalFactory()
    correct(supporter=Supporter.objects.get(), at=now, given_name="Sami")

    answer = decide(client, "accept", proposal)

    assert said(answer)[0].startswith("1 record was changed meanwhile")
    assert (Supporter.objects.get().given_name, states()) == ("Sami", ["open"])


def test_two_that_contradict_each_other_are_not_both_accepted(client, campaigner):
    one = ProposalFactory(value="Samuel")
    two = ProposalFactory(supporter=one.supporter, value="Samira")

    decide(client, "accept", one, two)

    assert (Supporter.objects.get().given_name, states()) == ("Samuel", ["accepted", "open"])


def test_what_changed_since_it_was_said_is_marked_with_what_stood_there(client, campaigner):
    proposal = ProposalFactory(at=timezone.now() - timedelta(days=1))
    ProposalFactory(at=timezone.now() - timedelta(days=1))
    correct(supporter=proposal.supporter, at=timezone.now(), given_name="Sami")

    shown = [(row.now, row.is_changed, row.was) for row in rows(client)]

    assert shown == [("Sami", True, "Sam"), ("Sam", False, "")]


def test_change_of_another_field_is_no_conflict(client, campaigner):
    proposal = ProposalFactory(at=timezone.now() - timedelta(days=1))
    correct(supporter=proposal.supporter, at=timezone.now(), postcode="4000")

    assert [row.is_changed for row in rows(client)] == [False]


def test_change_before_it_was_said_is_no_conflict(client, campaigner):
    supporter = SupporterFactory()
    correct(supporter=supporter, at=timezone.now(), given_name="Sami")
    ProposalFactory(supporter=supporter, at=timezone.now() + timedelta(days=1))

    assert [row.is_changed for row in rows(client)] == [False]


def test_second_to_decide_is_told_that_somebody_was_faster(client, campaigner):
    proposal = ProposalFactory()
    decide(client, "decline", proposal)

    answer = decide(client, "accept", proposal)

    assert said(answer) == ["1 had been decided by somebody else."]
    assert (Supporter.objects.get().given_name, states()) == ("Sam", ["declined"])


@pytest.mark.parametrize("verb", ["", "accept", "nonsense-1", "accept-x"])
def test_nothing_marked_decides_nothing(client, campaigner, verb):
    ProposalFactory()

    answer = decide(client, verb)

    assert (said(answer), states()) == (["Mark at least one correction."], ["open"])


def test_reader_neither_sees_nor_decides(client, staff):
    proposal = ProposalFactory()
    client.force_login(staff(Role.READER))

    answers = [
        client.get(LIST),
        client.post(DECIDE, {"decide": f"accept-{proposal.pk}", f"seen-{proposal.pk}": "Sam"}),
    ]

    assert ([answer.status_code for answer in answers], states()) == ([403, 403], ["open"])


def test_who_may_only_look_gets_no_buttons_and_decides_nothing(client, django_user_model):
    clerk = django_user_model.objects.create_user("clerk", is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=["view_proposal", "view_supporter"])
    )
    client.force_login(clerk)
    proposal = ProposalFactory()

    page = client.get(LIST)
    refused = client.post(DECIDE, {"decide": f"decline-{proposal.pk}"})

    assert 'name="decide"' not in page.content.decode()
    assert (refused.status_code, states()) == (403, ["open"])


def test_empty_page_says_that_nothing_waits(client, campaigner):
    assert "No correction waits." in client.get(LIST, headers=ENGLISH).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_as_many_queries_for_three_as_for_one(
    client, campaigner, number, django_assert_num_queries
):
    ProposalFactory.create_batch(number, source="import:1")
    client.get(LIST)

    with django_assert_num_queries(8):
        client.get(LIST)
