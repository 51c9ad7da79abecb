"""Keys: who gets in, with which scopes, and how keys end."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from crm.api.access import TokenThrottle
from crm.api.models import ApiToken, Scope
from crm.api.operations import make_token, revoke_token
from crm.audit import AuditEntry
from tests.crm.api.conftest import Program, errors_of
from tests.factories import GiftFactory, SignatureFactory

pytestmark = pytest.mark.django_db

PEOPLE, SIGNATURES = {Scope.READ_PEOPLE}, {Scope.READ_SIGNATURES}
DONATIONS, RECORDING = {Scope.READ_DONATIONS}, {Scope.WRITE_SIGNATURES}
DOORS = [
    ("get", "", set(Scope)),
    ("get", "people", PEOPLE),
    ("get", "people/{person}", PEOPLE),
    ("get", "people/{person}/signatures", SIGNATURES),
    ("get", "people/{person}/signatures/{signature}", SIGNATURES),
    ("get", "people/{person}/donations", DONATIONS),
    ("get", "petitions", SIGNATURES),
    ("get", "petitions/{petition}", SIGNATURES),
    ("get", "petitions/{petition}/signatures", SIGNATURES),
    ("get", "petitions/{petition}/signatures/{signature}", SIGNATURES),
    ("post", "petitions/{petition}/signatures", RECORDING),
    ("get", "donations", DONATIONS),
    ("get", "donations/{donation}", DONATIONS),
]
BODY = {"person": {"email_addresses": [{"address": "pia@example.org"}]}}


@pytest.fixture
def address():
    """A function that fills the identifiers of real rows into an address."""
    signature = SignatureFactory()
    donation = GiftFactory(supporter=signature.supporter)
    ids = {
        "person": signature.supporter.public_id,
        "petition": signature.campaign.public_id,
        "signature": signature.public_id,
        "donation": donation.public_id,
    }
    return lambda pattern: pattern.format(**ids)


def status_of(program, method, address):
    answer = program.get(address) if method == "get" else program.post(address, BODY)
    return answer.status_code


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize(("method", "pattern", "opened_by"), DOORS)
def test_each_door_opens_to_its_scope_alone(program, address, method, pattern, opened_by, scope):
    status = status_of(program(scope), method, address(pattern))

    assert status == (200 if scope in opened_by else 403)


@pytest.mark.parametrize(("method", "pattern", "opened_by"), DOORS)
def test_no_door_opens_without_a_key(stranger, address, method, pattern, opened_by):
    assert status_of(stranger, method, address(pattern)) == 401


def test_refusal_says_how_to_come_in_and_never_repeats_the_key(db):
    answers = [Program().get("people"), Program("stn_not-a-key").get("people")]

    assert [errors_of(answer) for answer in answers] == [
        [("not_authenticated", [])],
        [("invalid_token", [])],
    ]
    assert [answer.headers["www-authenticate"] for answer in answers] == ["OSDI-API-Token"] * 2
    assert "stn_not-a-key" not in answers[1].content.decode()


def test_key_in_the_address_is_not_a_key(stranger, now):
    _token, key = make_token(name="Tool", scopes=Scope, by=None, at=now)

    answer = stranger.get("people", {"OSDI-API-Token": key, "osdi-api-token": key})

    assert answer.status_code == 401


def test_missing_scope_is_told_in_the_one_error_shape(program):
    answer = program(Scope.READ_PEOPLE).get("donations")

    assert (answer.status_code, errors_of(answer)) == (403, [("permission_denied", [])])


def test_key_ends_when_it_expires_or_is_revoked(now):
    expired = make_token(
        name="Old", scopes=Scope, by=None, at=now, expires_at=timezone.now() - timedelta(1)
    )
    lasting = make_token(
        name="New", scopes=Scope, by=None, at=now, expires_at=timezone.now() + timedelta(1)
    )
    revoked = make_token(name="Lost", scopes=Scope, by=None, at=now)
    revoke_token(token=revoked[0], by=None, at=now)

    answers = [Program(key).get("people").status_code for _, key in (expired, lasting, revoked)]

    assert answers == [401, 200, 401]


def test_key_is_kept_as_a_hash_and_noted_in_the_trail(now):
    by = get_user_model().objects.create_user("anna")

    token, key = make_token(
        name="Tool", scopes=[Scope.WRITE_SIGNATURES, Scope.READ_PEOPLE], by=by, at=now
    )
    revoke_token(token=token, by=by, at=now)
    revoke_token(token=token, by=by, at=now + timedelta(1))

    kept = ApiToken.objects.get()
    assert (kept.digest, kept.scopes) == (
        ApiToken.digest_of(key),
        ["people:read", "signatures:write"],
    )
    assert (kept.created_at, kept.created_by, kept.revoked_at) == (now, by, now)
    assert list(AuditEntry.objects.values_list("action", "by", "details").order_by("pk")) == [
        ("token.made", by.pk, {"scopes": ["people:read", "signatures:write"]}),
        ("token.revoked", by.pk, {}),
    ]


def test_last_use_is_written_at_most_once_a_minute(program, django_assert_num_queries):
    caller = program()
    caller.get()
    first = ApiToken.objects.get().last_used_at

    with django_assert_num_queries(1):
        caller.get()

    assert ApiToken.objects.get().last_used_at == first

    ApiToken.objects.update(last_used_at=first - timedelta(minutes=1))
    caller.get()

    assert ApiToken.objects.get().last_used_at > first


def test_key_that_asks_too_often_is_told_when_to_come_back(program, monkeypatch):
    monkeypatch.setattr(TokenThrottle, "rate", "2/min")
    caller, other = program(), program()

    answers = [caller.get() for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert errors_of(answers[2]) == [("throttled", [])]
    assert 0 < int(answers[2].headers["retry-after"]) <= 60
    assert other.get().status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_method_that_is_not_offered_is_refused_in_the_one_error_shape(program, method):
    caller = program()

    answer = getattr(caller.client, method)("/api/v2/people")

    assert (answer.status_code, errors_of(answer)) == (405, [("method_not_allowed", [])])
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("method", ["put", "delete", "options"])
def test_method_that_is_not_offered_tells_a_stranger_nothing(stranger, method):
    assert getattr(stranger.client, method)("/api/v2/people").status_code == 401


@pytest.mark.parametrize(
    "address", ["nothing", "people/x", "people/x/", "donations/1", "petitions//signatures"]
)
def test_unknown_address_is_refused_in_the_one_error_shape(stranger, address):
    answer = stranger.get(address)

    assert (answer.status_code, errors_of(answer)) == (404, [("not_found", [])])


def test_head_asks_for_the_scope_of_get(program):
    statuses = [
        program(scope).client.head("/api/v2/people").status_code
        for scope in (Scope.READ_PEOPLE, Scope.READ_DONATIONS)
    ]

    assert statuses == [200, 403]


def test_nobody_on_the_way_may_keep_an_answer(program):
    answer = program().get("people")

    assert answer.headers["cache-control"] == "private, no-store"
