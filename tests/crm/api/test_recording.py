"""record_signature_helper: a page elsewhere posts a signature."""

import json

import pytest

from crm.api.models import Scope
from crm.campaigns.comments import Comment
from crm.campaigns.models import Signature
from crm.campaigns.operations import confirm
from crm.mailing.models import Mail
from crm.people.models import Identifier, Supporter
from crm.privacy.models import ConsentState
from tests.crm.api.conftest import errors_of
from tests.factories import CampaignFactory, WordingFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db

PIA = {
    "given_name": "Pia",
    "family_name": "Peeters",
    "email_addresses": [{"address": "Pia@Example.org"}],
    "postal_addresses": [{"postal_code": "2000", "country": "be"}],
    "languages_spoken": ["de", "nl-BE", "fr"],
}


def pia(**changes):
    return {"person": {**PIA, **changes}}


def with_status(status):
    return pia(email_addresses=[{"address": "pia@example.org", "status": status}])


def test_signature_is_recorded_and_answered_in_full(program, campaign, petition_api):
    caller = program()
    body = {
        **pia(),
        "comments": "Do it.",
        "referrer_data": {"source": "fb-1016", "referrer": "jane", "website": "m.facebook.com"},
        "identifiers": ["foreign:1"],
        "add_tags": ["volunteer"],
        "triggers": {"autoresponse": {"enabled": True}},
    }

    answer = caller.post(petition_api, body)

    signature = Signature.objects.get()
    assert answer.status_code == 200
    assert answer.json() == caller.read(f"{petition_api}/{signature.public_id}")
    assert answer.json()["identifiers"] == [f"soutien:{signature.public_id}"]
    assert answer.json()["comments"] == "Do it."
    assert answer.json()["referrer_data"] == {"source": "fb-1016", "website": "m.facebook.com"}
    came = (signature.campaign, signature.status, signature.source.channel)
    assert came == (campaign, "pending", "facebook")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Win at https://example.com", ""),
        ("Pia example.com", ""),
        ("=1+1", ""),
        ("Pia\nMarie", "Pia Marie"),
    ],
)
def test_what_is_no_name_never_gets_into_a_mail_of_ours(program, petition_api, told, expected):
    answer = program().post(petition_api, pia(given_name=told))

    assert answer.status_code == 200
    assert Supporter.objects.get().given_name == expected


def test_person_is_registered_with_what_was_told(program, petition_api):
    program().post(petition_api, pia())

    supporter, signature = Supporter.objects.get(), Signature.objects.get()
    assert [
        supporter.given_name,
        supporter.family_name,
        supporter.email,
        supporter.language,
        supporter.postcode,
        supporter.country.code,
        supporter.region,
    ] == ["Pia", "Peeters", "pia@example.org", "nl", "2000", "BE", "BE-VAN"]
    assert (signature.language, signature.region, signature.source.channel) == (
        "nl",
        "BE-VAN",
        "api",
    )


@pytest.mark.parametrize(
    "body",
    [
        {"person": {"email_addresses": [{"address": "pia@example.org"}]}},
        {
            "person": {
                "given_name": None,
                "family_name": "",
                "email_addresses": [{"address": "pia@example.org", "status": None}],
                "postal_addresses": None,
                "languages_spoken": None,
            },
            "comments": None,
            "referrer_data": None,
        },
        {"person": {"email_addresses": [{"address": "pia@example.org"}], "postal_addresses": [{}]}},
    ],
)
def test_address_alone_is_enough_and_null_says_nothing(program, petition_api, body):
    answer = program().post(petition_api, body)

    supporter = Supporter.objects.get()
    assert answer.status_code == 200
    assert (supporter.full_name, supporter.language, supporter.postcode) == ("", "fr", "")
    assert not Comment.objects.exists()


def test_primary_address_is_taken(program, petition_api):
    addresses = [{"address": "old@example.org"}, {"address": "pia@example.org", "primary": True}]

    program().post(petition_api, pia(email_addresses=addresses))

    assert Supporter.objects.get().email == "pia@example.org"


@pytest.mark.parametrize(
    ("told", "channel"),
    [
        ({}, "api"),
        ({"referrer_data": {}}, "api"),
        ({"referrer_data": {"website": "m.facebook.com"}}, "facebook"),
        ({"referrer_data": {"url": "https://www.plan.be/agir"}}, "partner"),
        ({"action_network:referrer_data": {"source": "newsletter"}}, "newsletter"),
    ],
)
def test_source_is_what_the_caller_tells(program, petition_api, told, channel):
    program().post(petition_api, {**pia(), **told})

    assert Signature.objects.get().source.channel == channel


def test_signer_confirms_by_mail_and_then_counts(program, campaign, petition_api, mailoutbox):
    caller = program()
    caller.post(petition_api, pia())

    run_jobs()

    assert [mail.to for mail in mailoutbox] == [["pia@example.org"]]
    assert Mail.objects.get().template == "confirm_signature"
    assert caller.read(f"petitions/{campaign.public_id}")["total_signatures"] == 0

    confirm(signature=Signature.objects.get(), at=Mail.objects.get().queued_at)

    assert caller.read(f"petitions/{campaign.public_id}")["total_signatures"] == 1


@pytest.mark.parametrize(
    ("body", "subscribed"),
    [
        (pia(), False),
        (with_status("unsubscribed"), False),
        (with_status("subscribed"), True),
    ],
)
def test_newsletter_is_asked_for_by_status_and_given_by_confirming(
    program, petition_api, now, body, subscribed
):
    wording, caller = WordingFactory(language="nl"), program()
    WordingFactory(language="fr")
    caller.post(petition_api, body)
    signature = Signature.objects.get()
    before = caller.read("people")["_embedded"]["osdi:people"][0]["email_addresses"][0]["status"]

    confirm(signature=signature, at=now)

    after = caller.read("people")["_embedded"]["osdi:people"][0]["email_addresses"][0]["status"]
    assert signature.newsletter == (wording if subscribed else None)
    assert (before, after) == ("unsubscribed", "subscribed" if subscribed else "unsubscribed")
    assert ConsentState.objects.exists() is subscribed


def test_newsletter_without_a_wording_is_refused_and_nothing_is_written(program, petition_api):
    answer = program().post(petition_api, with_status("subscribed"))

    assert (answer.status_code, errors_of(answer)) == (400, [("no_wording", [])])
    assert not Signature.objects.exists()


def test_newsletter_falls_back_to_the_wording_of_the_first_language(program, petition_api):
    wording = WordingFactory(language="fr")

    program().post(petition_api, with_status("subscribed"))

    assert Signature.objects.get().newsletter == wording


def test_recording_again_gives_the_same_answer_and_one_mail(program, petition_api):
    caller = program()
    headers = {"idempotency-key": "4f5c"}

    answers = [
        caller.client.post(
            f"/api/v2/{petition_api}", pia(), content_type="application/json", headers=headers
        ).json()
        for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert (Signature.objects.count(), Supporter.objects.count(), Mail.objects.count()) == (1, 1, 1)


def test_key_that_only_writes_is_not_told_what_was_said_before(program, petition_api):
    program().post(petition_api, {**pia(), "comments": "My sister was taken."})
    signature = Signature.objects.get()
    confirm(signature=signature, at=signature.signed_at)

    answers = [
        program(Scope.WRITE_SIGNATURES).post(petition_api, body).json()
        for body in (pia(), pia(email_addresses=[{"address": "new@example.org"}]))
    ]

    assert [sorted(answer) for answer in answers] == [
        ["_links", "identifiers", "origin_system", "soutien:petition_id"]
    ] * 2
    assert [sorted(answer["_links"]) for answer in answers] == [
        ["curies", "osdi:petition", "self"]
    ] * 2


def test_what_we_know_of_a_person_is_not_overwritten(program, petition_api):
    caller = program()
    caller.post(petition_api, pia())

    caller.post(petition_api, pia(given_name="Mallory"))

    assert Supporter.objects.get().given_name == "Pia"


def test_foreign_identifiers_are_passed_over(program, petition_api):
    program().post(petition_api, pia(identifiers=["stripe:cus_1"]))

    assert not Identifier.objects.exists()


def test_closed_petition_takes_no_signature(program, now):
    closed = CampaignFactory(closes_at=now)

    answer = program().post(f"petitions/{closed.public_id}/signatures", pia())

    assert (answer.status_code, errors_of(answer)) == (409, [("petition_closed", [])])
    assert not Supporter.objects.exists()


def test_what_is_not_a_petition_takes_no_signature(program):
    appeal = CampaignFactory(kind="appeal")

    answer = program().post(f"petitions/{appeal.public_id}/signatures", pia())

    assert (answer.status_code, errors_of(answer)) == (404, [("not_found", [])])


EMAIL = "person.email_addresses[0].address"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("required", ["person"])]),
        ([], [("invalid", [])]),
        ([pia()], [("invalid", [])]),
        (None, [("null", [])]),
        (7, [("invalid", [])]),
        ("text", [("invalid", [])]),
        (True, [("invalid", [])]),
        ({"person": None}, [("null", ["person"])]),
        ({"person": []}, [("invalid", ["person"])]),
        ({"person": "Pia"}, [("invalid", ["person"])]),
        ({"person": {}}, [("required", ["person.email_addresses"])]),
        (pia(email_addresses=[]), [("empty", ["person.email_addresses"])]),
        (pia(email_addresses={}), [("not_a_list", ["person.email_addresses"])]),
        (pia(email_addresses="pia@example.org"), [("not_a_list", ["person.email_addresses"])]),
        (pia(email_addresses=[None]), [("null", ["person.email_addresses[0]"])]),
        (pia(email_addresses=["pia@example.org"]), [("invalid", ["person.email_addresses[0]"])]),
        (pia(email_addresses=[{}]), [("required", [EMAIL])]),
        (pia(email_addresses=[{"address": "pia"}]), [("invalid", [EMAIL])]),
        (pia(email_addresses=[{"address": ""}]), [("blank", [EMAIL])]),
        (pia(email_addresses=[{"address": ["pia@example.org"]}]), [("invalid", [EMAIL])]),
        (
            pia(email_addresses=[{"address": "pia\x00@example.org"}]),
            [("null_characters_not_allowed", [EMAIL])],
        ),
        (pia(email_addresses=[{"address": "a" * 1_000_000}]), [("max_length", [EMAIL])]),
        (
            pia(email_addresses=[{"address": "pia@example.org", "status": "bouncing"}]),
            [("invalid_choice", ["person.email_addresses[0].status"])],
        ),
        (
            pia(email_addresses=[{"address": "pia@example.org", "status": {"a": 1}}]),
            [("invalid_choice", ["person.email_addresses[0].status"])],
        ),
        (pia(given_name="P" * 101), [("max_length", ["person.given_name"])]),
        (pia(given_name={"a": 1}), [("invalid", ["person.given_name"])]),
        (pia(family_name="\x00"), [("null_characters_not_allowed", ["person.family_name"])]),
        (
            pia(family_name="\ud800"),
            [("surrogate_characters_not_allowed", ["person.family_name"])],
        ),
        (
            pia(postal_addresses=[{"country": "XX"}]),
            [("invalid", ["person.postal_addresses[0].country"])],
        ),
        (
            pia(postal_addresses=[{"postal_code": "1" * 13}]),
            [("max_length", ["person.postal_addresses[0].postal_code"])],
        ),
        (pia(languages_spoken="fr"), [("not_a_list", ["person.languages_spoken"])]),
        (pia(languages_spoken=[{"a": 1}]), [("invalid", ["person.languages_spoken[0]"])]),
        (pia(languages_spoken=["fr"] * 21), [("max_length", ["person.languages_spoken"])]),
        ({**pia(), "comments": "x" * 501}, [("max_length", ["comments"])]),
        ({**pia(), "referrer_data": "facebook"}, [("invalid", ["referrer_data"])]),
        (
            {**pia(given_name=[]), "comments": {}},
            [("invalid", ["person.given_name"]), ("invalid", ["comments"])],
        ),
    ],
)
def test_odd_body_is_refused_with_the_name_of_the_field(program, petition_api, body, errors):
    answer = program().post(petition_api, body)

    assert answer.status_code == 400
    assert errors_of(answer) == errors
    assert not Supporter.objects.exists()


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "parse_error"),
        (b"\xff\xfe", "application/json", 400, "parse_error"),
        (b'{"person": NaN}', "application/json", 400, "parse_error"),
        (b"[" * 100_000, "application/json", 400, "parse_error"),
        (b'{"a":' * 50_000, "application/json", 400, "parse_error"),
        (b"1" * 10_000, "application/json", 400, "parse_error"),
        ('{"person": "é"}'.encode("latin-1"), "application/json", 400, "parse_error"),
        (b"{}", "application/json; charset=bz2_codec", 400, "parse_error"),
        (b" " * 1_048_577, "application/json", 413, "too_long"),
        (b"person=Pia", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b"{}", "x" * 300, 415, "unsupported_media_type"),
    ],
)
def test_body_that_is_not_json_is_refused(
    program, petition_api, content, content_type, status, code
):
    answer = program().post(petition_api, content, content_type)

    assert (answer.status_code, errors_of(answer)) == (status, [(code, [])])


def test_hal_body_is_read_as_json(program, petition_api):
    answer = program().post(petition_api, json.dumps(pia()).encode(), "application/hal+json")

    assert (answer.status_code, Signature.objects.count()) == (200, 1)


@pytest.mark.parametrize(
    "told",
    [
        {"source": "x" * 1_000_000},
        {"source": "İ" * 60},
        {"website": "http://[oops"},
        {"website": "y" * 500_000},
        {"url": "javascript:alert(1)"},
        {"url": "https://plan.be/?a=1", "website": 7},
    ],
)
def test_odd_referrer_is_no_reason_to_refuse_a_signature(program, petition_api, told):
    answer = program().post(petition_api, {**pia(), "referrer_data": told})

    assert (answer.status_code, Signature.objects.count()) == (200, 1)


def test_errors_are_told_in_the_language_that_is_asked_for(program, petition_api):
    caller = program()

    answer = caller.client.post(
        f"/api/v2/{petition_api}",
        {},
        content_type="application/json",
        headers={"accept-language": "fr"},
    )

    (error,) = answer.json()["resource_status"][0]["errors"]
    assert error["description"] == "Ce champ est obligatoire."
