"""The address where Stripe tells us things."""

import json
import time

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from stripe import WebhookSignature

from payments.jobs import handle_event
from payments.models import StripeEvent
from tests.jobs import run_jobs
from tests.payments.donor import signed

pytestmark = pytest.mark.django_db
SECRET = "whsec_sandbox"
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.created",
    "created": 1_790_000_000,
    "data": {"object": {"id": "cus_1", "object": "customer", "email": "dora@example.org"}},
}


def post(client, body, signature):
    headers = {} if signature is None else {"Stripe-Signature": signature}
    return client.post("/webhooks/stripe/", body, content_type="application/json", headers=headers)


def sign(body, *, secret=SECRET, age=0):
    return WebhookSignature.generate_signature_header(body, secret, int(time.time()) - age)


BODY = json.dumps(EVENT)


@pytest.fixture(autouse=True)
def secret(settings):
    settings.STRIPE_WEBHOOK_SECRET = SECRET


@pytest.mark.parametrize(
    "signature",
    [
        sign(BODY, secret="whsec_other"),
        sign(BODY.replace("evt_1", "evt_2")),
        sign(BODY, age=301),
        None,
        "",
        "t=now,v1=abc",
        "t=1,v0=abc",
        f"t={int(time.time())},v1=é",
    ],
    ids=["wrong", "of another body", "old", "missing", "empty", "odd", "other scheme", "latin"],
)
def test_event_without_a_good_signature_is_refused_and_logged_without_content(
    client, caplog, signature
):
    answer = post(client, BODY, signature)

    assert (answer.status_code, answer.content) == (400, b"")
    assert (StripeEvent.objects.count(), run_jobs()) == (0, [])
    assert "a webhook was refused (BadSignature)" in caplog.text
    assert "dora" not in caplog.text


def test_body_that_is_not_utf8_is_refused(client):
    answer = post(client, b'{"id": "\xff"}', sign("{}"))

    assert (answer.status_code, StripeEvent.objects.count()) == (400, 0)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "{}", '{"object": "charge", "id": "ch_1"}']
)
def test_signed_body_that_is_no_event_is_refused(client, body):
    answer = post(client, body, sign(body))

    assert (answer.status_code, StripeEvent.objects.count()) == (400, 0)


def test_event_is_kept_once_with_one_job_and_nothing_of_its_content(client):
    for _ in range(2):
        assert post(client, BODY, sign(BODY)).status_code == 200

    event = StripeEvent.objects.get()
    assert (event.event_id, event.type, event.object_id) == ("evt_1", "customer.created", "cus_1")
    assert event.created_at.timestamp() == EVENT["created"]
    assert run_jobs() == ["payments.handle_event"]


def test_event_of_an_unknown_type_is_kept_and_there_is_nothing_to_do(client):
    body = json.dumps({**EVENT, "type": "weather.changed"})

    answer = post(client, body, sign(body))
    run_jobs()

    assert answer.status_code == 200
    assert StripeEvent.objects.get().handled_at is not None


def test_event_of_another_account_is_logged_by_its_id_only(client, stripe, caplog):
    body, headers = signed({**EVENT, "type": "charge.succeeded"})

    answer = post(client, body, headers["Stripe-Signature"])
    run_jobs()

    assert answer.status_code == 200
    assert StripeEvent.objects.get().handled_at is not None
    assert "event evt_1 is about nothing in this account" in caplog.text


def test_thin_event_is_accepted_as_well(client):
    body = json.dumps(
        {
            "id": "evt_thin",
            "object": "v2.core.event",
            "type": "v1.payment_intent.succeeded",
            "created": "2026-11-24T06:00:00.000Z",
            "related_object": {"id": "pi_1", "type": "payment_intent", "url": "/v1/…"},
        }
    )

    answer = post(client, body, sign(body))

    event = StripeEvent.objects.get()
    assert answer.status_code == 200
    assert (event.type, event.object_id) == ("payment_intent.succeeded", "pi_1")


@pytest.mark.parametrize("secret_in_use", ["whsec_old", "whsec_new"])
def test_several_secrets_hold_while_one_replaces_another(client, settings, secret_in_use):
    settings.STRIPE_WEBHOOK_SECRET = "whsec_old, whsec_new"

    answer = post(client, BODY, sign(BODY, secret=secret_in_use))

    assert answer.status_code == 200


def test_without_a_secret_nothing_is_accepted(client, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""

    answer = post(client, BODY, sign(BODY, secret=""))

    assert answer.status_code == 400


def test_webhook_takes_posts_only_and_needs_no_csrf_token(client):
    client.handler.enforce_csrf_checks = True

    assert client.get("/webhooks/stripe/").status_code == 405
    assert post(client, BODY, sign(BODY)).status_code == 200


def test_webhook_costs_one_statement(client, django_assert_num_queries):
    with django_assert_num_queries(1):
        post(client, BODY, sign(BODY))


def test_payout_has_the_payouts_read_again(client):
    payout = {"id": "po_1", "object": "payout"}
    body = json.dumps({**EVENT, "type": "payout.paid", "data": {"object": payout}})
    post(client, body, sign(body))

    handle_event.func(event_id=StripeEvent.objects.get().pk)

    tasks = ProcrastinateJob.objects.filter(task_name="payments.read_payouts")
    assert [(job.queue_name, job.args) for job in tasks] == [("payments", {})]
