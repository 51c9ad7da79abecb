"""The process: how it starts, stops, and what it keeps."""

import os
import subprocess
import sys
import time

import pytest
import stripe

from tests.payments.sandbox.conftest import gift_params, wait_until
from tests.stripe_sandbox import ROOT, StripeSandbox


@pytest.fixture
def own(tmp_path):
    """A local Stripe that may be stopped."""
    with StripeSandbox(tmp_path / "deep" / "state.sqlite3") as running:
        yield running


def run(*options, **environment):
    return subprocess.run(
        [sys.executable, "-m", "payments.sandbox", *options],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_state_clock_and_open_pages_survive_a_restart(own):
    session = own.client().v1.checkout.sessions.create(gift_params())
    ahead = own.advance(5000)

    own.restart()

    assert own.now() >= ahead
    own.pay(session.url)
    found = own.client().v1.checkout.sessions.retrieve(session.id)
    assert found.payment_status == "paid"


def test_idempotency_key_survives_a_restart(own):
    first = own.client().v1.customers.create({"name": "A"}, {"idempotency_key": "k"})

    own.restart()

    again = own.client().v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
    assert again.id == first.id


def test_deliveries_go_on_after_a_restart(own, receiver):
    secret = own.add_endpoint(receiver.url)
    own.hold_webhooks()
    own.client().v1.customers.create({"name": "A"})

    own.restart()
    own.release_webhooks()
    own.wait_for_deliveries()

    assert receiver.event_types(secret) == ["customer.created"]


def test_debit_settles_by_itself(tmp_path):
    with StripeSandbox(tmp_path / "state.sqlite3", "--settle-seconds", "1") as own:
        session = own.client().v1.checkout.sessions.create(gift_params())
        own.pay(session.url, "sepa_debit")
        wait_until(lambda: own.events("checkout.session.async_payment_succeeded"))


def test_webhook_of_the_command_line_survives_reset_and_restart(tmp_path, receiver):
    options = ("--webhook", receiver.url, "--webhook-secret", "whsec_mine")
    with StripeSandbox(tmp_path / "state.sqlite3", *options) as own:
        own.reset()
        own.restart()
        own.client().v1.customers.create({"name": "A"})
        own.wait_for_deliveries()

    assert receiver.event_types("whsec_mine") == ["customer.created"]


def test_webhook_of_an_earlier_command_line_is_forgotten(tmp_path):
    state = tmp_path / "state.sqlite3"
    with StripeSandbox(state, "--webhook", "http://127.0.0.1:9/old"):
        pass

    with StripeSandbox(state, "--webhook", "http://127.0.0.1:9/new") as own:
        urls = [endpoint.url for endpoint in own.client().v1.webhook_endpoints.list().data]

    assert urls == ["http://127.0.0.1:9/new"]


def test_process_stops_quickly_and_cleanly(own):
    begun = time.monotonic()

    status = own.stop()

    assert status == 0
    assert time.monotonic() - begun < 5


def test_answers_stop_with_the_process(own):
    client = own.client(retries=0)
    own.stop()

    with pytest.raises(stripe.APIConnectionError):
        client.v1.balance.retrieve()


def test_live_key_in_the_environment_is_refused():
    done = run("--port", "0", STRIPE_SECRET_KEY="sk_live_1")

    assert done.returncode == 1
    assert done.stderr == (
        "STRIPE_SECRET_KEY is a live key: the local Stripe does not start beside it.\n"
    )


def test_address_others_could_reach_is_refused():
    done = run("--host", "0.0.0.0")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("0.0.0.0 is not on this machine")


def test_port_in_use_is_told_in_one_line(own, tmp_path):
    port = own.url.rpartition(":")[2]

    done = run("--port", port, "--state", str(tmp_path / "other.sqlite3"))

    assert (done.returncode, done.stderr) == (1, f"127.0.0.1:{port} is already in use\n")


def test_payouts_are_daily_unless_told_otherwise(tmp_path):
    with StripeSandbox(tmp_path / "state.sqlite3", "--payouts", "daily") as own:
        session = own.client().v1.checkout.sessions.create(gift_params())
        own.pay(session.url)
        own.advance(9 * 86_400)
        daily = own.client().v1.payouts.list().data
        own.settings(payouts="manual")
        own.pay(own.client().v1.checkout.sessions.create(gift_params()).url)
        own.advance(9 * 86_400)

        assert [payout.amount for payout in daily] == [2437]
        assert len(own.client().v1.payouts.list().data) == 1
