import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import stripe

from tests.payments.sandbox.conftest import wait_until


def test_same_key_and_parameters_answer_the_same_object(api):
    first = api.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "k"})

    again = api.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "k"})

    assert again.id == first.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(api.v1.customers.list().data) == 1


def test_same_key_with_other_parameters_is_refused(api):
    api.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "k"})

    with pytest.raises(stripe.IdempotencyError) as caught:
        api.v1.customers.create({"email": "b@example.org"}, {"idempotency_key": "k"})

    assert caught.value.http_status == 400
    assert len(api.v1.customers.list().data) == 1


def test_stored_server_error_is_replayed(sandbox):
    sandbox.faults({"method": "POST", "path": "/v1/customers", "status": 500, "stored": True})
    client = sandbox.client(retries=0)

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "k"})

    assert client.v1.customers.list().data == []


def test_refused_request_may_be_put_right_with_the_same_key(api):
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.customers.create({"emial": "a@example.org"}, {"idempotency_key": "k"})

    customer = api.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "k"})

    assert customer.email == "a@example.org"


def created_twice(sandbox, fault):
    """The same request with the same key, the second while the first meets a fault."""
    sandbox.faults({"method": "POST", "path": "/v1/customers", **fault})
    client = sandbox.client(retries=0)

    def create():
        return client.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(create)
        wait_until(lambda: sandbox.control("GET", "/faults")["faults"] == [])
        time.sleep(0.1)
        return first, pool.submit(create)


def test_two_requests_with_one_key_at_once_conflict(sandbox):
    first, second = created_twice(sandbox, {"delay": 0.8})

    assert first.result().name == "A"
    assert second.exception().http_status == 409
    assert second.exception().json_body["error"]["code"] == "idempotency_key_in_use"


def test_answer_that_is_late_can_be_asked_for_again_meanwhile(sandbox):
    first, second = created_twice(sandbox, {"delay_after": 0.8})

    assert second.result().id == first.result().id
