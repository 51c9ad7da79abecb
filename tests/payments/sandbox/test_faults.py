import time

import httpx
import pytest
import stripe


def test_two_server_errors_are_healed_by_the_retries_of_the_package(sandbox):
    sandbox.faults({"method": "POST", "path": "/v1/customers$", "status": 503, "times": 2})

    customer = sandbox.client(retries=2).v1.customers.create({"name": "A"})

    assert customer.name == "A"


@pytest.mark.parametrize("fault", ["drop", "drop_after"])
def test_dropped_connection_is_healed_and_happens_once(sandbox, fault):
    sandbox.faults({"method": "POST", "path": "/v1/customers$", fault: True})
    client = sandbox.client(retries=1)

    client.v1.customers.create({"name": "A"})

    assert [one.name for one in client.v1.customers.list().data] == ["A"]


def test_dropped_connection_is_an_error_without_retries(sandbox):
    sandbox.faults({"path": "/v1/balance", "drop": True})

    with pytest.raises(stripe.APIConnectionError):
        sandbox.client(retries=0).v1.balance.retrieve()


def test_too_many_requests_is_its_own_error(sandbox):
    sandbox.faults({"path": "/v1/balance", "status": 429})

    with pytest.raises(stripe.RateLimitError):
        sandbox.client(retries=0).v1.balance.retrieve()


def test_slow_answer_was_computed_before_the_wait(sandbox, api):
    customer = api.v1.customers.create({"name": "Old"})
    sandbox.faults({"method": "GET", "path": customer.id, "delay_after": 0.3})
    headers = {"Authorization": "Bearer sk_test_1"}
    slow = httpx.Client()
    begun = time.monotonic()

    with (
        slow,
        slow.stream("GET", f"{sandbox.url}/v1/customers/{customer.id}", headers=headers) as s,
    ):
        body = s.read()

    assert time.monotonic() - begun >= 0.3
    assert b'"Old"' in body


def test_fault_can_let_some_requests_pass_first(sandbox):
    sandbox.faults({"path": "/v1/balance", "status": 500, "after": 1})
    client = sandbox.client(retries=0)

    client.v1.balance.retrieve()

    with pytest.raises(stripe.APIError):
        client.v1.balance.retrieve()
    client.v1.balance.retrieve()


def test_cleared_faults_do_not_happen(sandbox):
    sandbox.faults({"path": "/v1/balance", "status": 500, "times": 99})

    sandbox.clear_faults()

    assert sandbox.client(retries=0).v1.balance.retrieve().object == "balance"


def test_misspelt_fault_is_refused(sandbox):
    with pytest.raises(httpx.HTTPStatusError):
        sandbox.faults({"path": "/v1/balance", "staus": 500})


def test_reset_forgets_objects_faults_endpoints_and_the_clock(sandbox, api):
    api.v1.customers.create({"name": "A"})
    sandbox.add_endpoint("http://127.0.0.1:9/")
    sandbox.faults({"path": ".", "status": 500, "times": 99})
    ahead = sandbox.advance(9999)

    sandbox.reset()

    assert sandbox.now() < ahead - 9000
    assert api.v1.customers.list().data == []
    assert api.v1.webhook_endpoints.list().data == []
    assert sandbox.event_types() == []
