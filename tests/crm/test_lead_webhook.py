"""The webhook of Facebook's lead forms: who is let in, and what is kept."""

import json
import logging

import pytest

from crm.campaigns.leads import Lead
from tests.crm.graph import ADDRESS, NELE, SECRET, WORD, announcement, post, states
from tests.jobs import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facebook")]


def verify(client, **told):
    words = {"hub.mode": "subscribe", "hub.verify_token": WORD, "hub.challenge": "1158201444"}
    return client.get(ADDRESS, words | {f"hub.{name}": value for name, value in told.items()})


def test_webhook_proves_to_facebook_that_it_is_ours(client):
    answer = verify(client)

    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert answer.headers["Content-Type"] == "text/plain"


@pytest.mark.parametrize("told", [{"verify_token": "wrong"}, {"mode": "unsubscribe"}])
def test_webhook_proves_nothing_to_strangers(client, told):
    answer = verify(client, **told)

    assert (answer.status_code, answer.content) == (403, b"")


@pytest.mark.parametrize(
    "name", ["FACEBOOK_APP_SECRET", "FACEBOOK_VERIFY_TOKEN", "FACEBOOK_PAGE_TOKEN"]
)
def test_webhook_is_not_there_without_its_settings(client, settings, name):
    setattr(settings, name, "")

    answers = [verify(client, verify_token=""), post(announcement("1"))]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert states() == []


def test_leads_are_kept_once_and_each_is_queued_once(lead_form):
    for numbers in (("1", 2), ("2",), ("1", "1")):
        assert post(announcement(*numbers)).status_code == 200

    assert states() == [("1", "waiting", ""), ("2", "waiting", "")]
    assert Lead.objects.first().form_id == "77"


def test_job_is_queued_once_for_each_lead(facebook, lead_form):
    facebook.has("1", **NELE)
    post(announcement("1"))
    post(announcement("1"))

    done = run_jobs()

    assert done.count("campaigns.fetch_lead") == 1


@pytest.mark.parametrize(
    ("secret", "headers"),
    [
        ("another secret", {}),
        (SECRET, {"X-Hub-Signature-256": ""}),
        (SECRET, {"X-Hub-Signature-256": "sha256=é"}),
        (SECRET, {"X-Hub-Signature-256": "sha1=2fd4e1c6"}),
    ],
)
def test_what_facebook_did_not_sign_is_refused(secret, headers, caplog):
    with caplog.at_level(logging.WARNING):
        answer = post(announcement("1"), secret=secret, **headers)

    assert answer.status_code == 403
    assert (states(), run_jobs()) == ([], [])
    assert caplog.messages == ["a webhook for leads was refused"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'"page"',
        b"{}",
        b"\xff\xfe",
        b'{"object": "page"}',
        b'{"object": "page", "entry": [1]}',
        b'{"object": "page", "entry": [{"changes": [{"field": "leadgen", "value": {}}]}]}',
        json.dumps(announcement("1; DROP TABLE")).encode(),
        json.dumps(announcement("9" * 41)).encode(),
        b"[" * 100_000,
    ],
)
def test_what_is_no_message_of_facebooks_is_refused(body):
    assert post(body).status_code == 400
    assert states() == []


def test_message_that_is_too_long_is_refused():
    assert post(announcement("1") | {"x": "x" * (1 << 20)}).status_code == 413
    assert post(announcement("1") | {"x": "x" * (3 << 20)}).status_code == 413
    assert states() == []


@pytest.mark.parametrize(
    "told",
    [
        {"object": "instagram", "entry": [{"changes": []}]},
        {"object": "page", "entry": [{"messaging": []}]},
        {"object": "page", "entry": [{"changes": [{"field": "feed", "value": {}}]}]},
    ],
)
def test_news_about_other_things_are_passed_over(told):
    assert post(told).status_code == 200
    assert states() == []
