"""Staff decide about signatures that are held back, and withdraw many that belong together."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from crm.access import Role
from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.mailing.models import Mail
from tests.crm.test_withdrawing import signed
from tests.factories import AT, CampaignFactory, CampaignTextFactory

pytestmark = pytest.mark.django_db
HELD, MANY = reverse("admin:crm_signature_held"), reverse("admin:crm_signature_pattern")
ALL_STATES = {"states": ["confirmed", "pending", "held"]}
SPAM = {"address": "*@spam.example", **ALL_STATES}


@pytest.fixture
def campaigner(client, staff):
    client.force_login(staff(Role.CAMPAIGNER))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def stop():
    campaign = CampaignFactory(slug="stop")
    CampaignTextFactory(campaign=campaign, language="en", title="Stop it")
    return campaign


@pytest.fixture
def rush(stop):
    """Three signatures of one network, held back, and one from elsewhere that counts."""
    signed("ann@example.org", stop)
    moments = [AT + number * timedelta(minutes=1) for number in range(3)]
    return [
        signed(f"{at:%M}@spam.example", stop, at=at, network="192.0.2.7", status="held")
        for at in moments
    ]


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def confirmation(answer):
    return re.search(r'name="shown" value="([^"]+)"', answer.content.decode())[1]


def states():
    return sorted(Signature.objects.values_list("supporter__email", "status"))


def test_rush_stands_as_one_group_with_some_of_its_signers(campaigner, rush):
    shown = text_of(campaigner.get(HELD))

    assert "3 signatures, network 192.0.2.7" in shown
    assert "00@spam.example" in shown
    assert "ann@example.org" not in shown


def test_nothing_held_is_said_so(campaigner):
    assert "Nothing is held back." in text_of(campaigner.get(HELD))


def test_groups_cost_the_same_however_many(campaigner, stop, django_assert_num_queries):
    def held(number):
        signed(f"a{number}@spam.example", stop, network=f"192.0.2.{number}", status="held")

    held(1)
    campaigner.get(HELD)  # what is asked once a minute is asked
    with django_assert_num_queries(8):
        campaigner.get(HELD)
    held(2)
    held(3)

    with django_assert_num_queries(8):
        campaigner.get(HELD)


def test_effect_is_shown_before_anything_is_done(campaigner, rush, stop):
    shown = text_of(campaigner.post(MANY, {"address": "*@*", **ALL_STATES, "do": "look"}))

    assert "4 signatures are meant." in shown
    assert "The counter of “Stop it” would fall by 1." in shown
    assert "3 of them are held back." in shown
    assert tallies.count(stop) == 1


def test_pattern_is_withdrawn_once_its_effect_was_seen(campaigner, rush, stop):
    signed("b@spam.example", stop)
    looked = campaigner.post(MANY, SPAM)

    campaigner.post(MANY, {**SPAM, "shown": confirmation(looked), "do": "withdraw"})

    assert states() == [
        ("00@spam.example", "withdrawn"),
        ("01@spam.example", "withdrawn"),
        ("02@spam.example", "withdrawn"),
        ("ann@example.org", "confirmed"),
        ("b@spam.example", "withdrawn"),
    ]
    assert tallies.count(stop) == 1


@pytest.mark.parametrize("shown", ["", "3", "3:0", "confirmation of another pattern"])
def test_nothing_is_withdrawn_whose_effect_was_not_seen(campaigner, rush, shown):
    if "another" in shown:
        shown = confirmation(campaigner.post(MANY, {**SPAM, "network": "192.0.2.0/24"}))

    answer = campaigner.post(MANY, {**SPAM, "shown": shown, "do": "withdraw"})

    assert "3 signatures are meant." in text_of(answer)
    assert {state for _email, state in states()} == {"confirmed", "held"}


def test_nothing_is_withdrawn_when_others_came_meanwhile(campaigner, rush, stop):
    seen = confirmation(campaigner.post(MANY, SPAM))
    signed("late@spam.example", stop)

    answer = campaigner.post(MANY, {**SPAM, "shown": seen, "do": "withdraw"})

    assert "Meanwhile others came or went." in text_of(answer)
    assert "4 signatures are meant." in text_of(answer)
    assert "withdrawn" not in {state for _email, state in states()}


def test_held_ones_are_let_through_and_asked_to_confirm(campaigner, rush):
    group = {"network": "192.0.2.7", "states": ["held"]}
    seen = confirmation(campaigner.get(MANY, group))

    campaigner.post(MANY, {**group, "shown": seen, "do": "release"})

    assert [state for _email, state in states()] == ["pending"] * 3 + ["confirmed"]
    asked = Mail.objects.filter(template="confirm_signature").values_list("to", flat=True)
    assert set(asked) == {"00@spam.example", "01@spam.example", "02@spam.example"}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({**ALL_STATES}, "Say an address, a network or from when"),
        ({**SPAM, "network": "192.0.2.300"}, "neither an address nor a block"),
        ({**SPAM, "address": "spam.example"}, "Write it with its @"),
        ({**SPAM, "states": []}, "Choose at least one state."),
        (
            {**SPAM, "since": "2026-03-02T10:00", "until": "2026-03-02T09:00"},
            "This is before the beginning.",
        ),
    ],
)
def test_pattern_that_says_nothing_sensible_is_refused(campaigner, rush, told, words):
    answer = campaigner.post(MANY, {**told, "do": "look"})

    assert words in text_of(answer)
    assert "are meant" not in text_of(answer)


def test_home_tells_campaigners_that_some_are_held(campaigner, rush):
    assert "3 signatures are held back" in text_of(campaigner.get("/staff/"))
