"""Webhooks that never arrive."""

import pytest


def test_each_third_webhook_can_be_lost_for_good(sandbox, receiver, api):
    secret = sandbox.add_endpoint(receiver.url)
    sandbox.lose_webhooks(every=3)

    for number in range(7):
        api.v1.customers.create({"name": str(number)})
    deliveries = sandbox.wait_for_deliveries()

    undelivered = api.v1.events.list({"delivery_success": False}).data
    assert [one["state"] for one in deliveries].count("lost") == 2
    assert len(receiver.event_types(secret)) == 5
    assert [event.data.object["name"] for event in undelivered] == ["5", "2"]


def lost_by_lot(sandbox, api, **rule):
    sandbox.reset()
    sandbox.add_endpoint("http://127.0.0.1:9/nobody", ["customer.created"])
    sandbox.hold_webhooks()
    sandbox.lose_webhooks(**rule)
    for number in range(100):
        api.v1.customers.create({"name": str(number)})
    states = [one["state"] for one in sandbox.deliveries()]
    return [number for number, state in enumerate(states) if state == "lost"]


def test_webhooks_are_lost_by_the_same_lot_for_the_same_seed(sandbox, api):
    first = lost_by_lot(sandbox, api, share=0.1, seed=7)
    again = lost_by_lot(sandbox, api, share=0.1, seed=7)
    other = lost_by_lot(sandbox, api, share=0.1, seed=8)

    assert first == again != other
    assert 3 <= len(first) <= 20


def test_nothing_more_is_lost_once_the_faults_are_cleared(sandbox, api):
    sandbox.add_endpoint("http://127.0.0.1:9/nobody", ["customer.created"])
    sandbox.hold_webhooks()
    sandbox.lose_webhooks(every=1)
    api.v1.customers.create({"name": "A"})

    sandbox.clear_faults()
    sandbox.hold_webhooks()
    api.v1.customers.create({"name": "B"})

    assert [one["state"] for one in sandbox.deliveries()] == ["pending", "lost"]


def test_losses_that_make_no_sense_are_refused(sandbox):
    for wrong in ({}, {"every": 0}, {"share": 2}):
        with pytest.raises(Exception, match="400"):
            sandbox.control("POST", "/faults", {"webhooks": "lose", **wrong})
