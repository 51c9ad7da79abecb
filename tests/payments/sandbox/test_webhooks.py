import json
import random

import pytest
import stripe

from tests.payments.sandbox.conftest import wait_until


def test_events_are_listed_newest_first_over_all_pages(api):
    for number in range(23):
        api.v1.customers.create({"name": f"Donor {number}"})

    listed = list(api.v1.events.list({"limit": 5}).auto_paging_iter())

    names = [event.data.object["name"] for event in listed]
    assert names == [f"Donor {number}" for number in reversed(range(23))]


def test_page_before_a_cursor_is_the_one_next_to_it(api):
    ids = [api.v1.customers.create({"name": "A"}).id for _ in range(4)]

    page = api.v1.customers.list({"ending_before": ids[0], "limit": 2})

    assert [one.id for one in page.data] == [ids[2], ids[1]]
    assert page.has_more is True


def test_events_are_filtered_by_type_and_time(sandbox, api):
    early = api.v1.customers.create({"name": "Early"})
    sandbox.advance(100)
    since = sandbox.now()
    late = api.v1.customers.create({"name": "Late"})
    api.v1.customers.update(early.id, {"name": "Changed"})

    created = api.v1.events.list({"type": "customer.created", "created": {"gte": since}}).data
    either = api.v1.events.list({"types": ["customer.created", "customer.updated"]}).data

    assert [event.data.object["id"] for event in created] == [late.id]
    assert len(either) == 3


def test_event_tells_version_request_and_what_was_before(api):
    customer = api.v1.customers.create({"name": "A"})

    api.v1.customers.update(customer.id, {"name": "B"}, {"idempotency_key": "rename"})

    event = api.v1.events.list({"type": "customer.updated"}).data[0]
    assert event.api_version == stripe.api_version
    assert event.request.idempotency_key == "rename"
    assert event.data.object["name"] == "B"
    assert event.data.previous_attributes.to_dict() == {"name": "A"}


def test_change_that_changes_nothing_is_no_event(api):
    customer = api.v1.customers.create({"name": "A"})

    api.v1.customers.update(customer.id, {"name": "A"})

    assert api.v1.events.list({"type": "customer.updated"}).data == []


def test_events_older_than_thirty_days_are_no_longer_listed(sandbox, api):
    api.v1.customers.create({"name": "A"})

    sandbox.advance(31 * 86_400)

    assert api.v1.events.list().data == []
    assert sandbox.event_types() == ["customer.created"]


def test_webhooks_arrive_in_order_with_signatures_the_package_accepts(sandbox, receiver, gift):
    secret = sandbox.add_endpoint(receiver.url)

    sandbox.pay(gift().url)
    sandbox.wait_for_deliveries()

    assert receiver.event_types(secret) == sandbox.event_types()


def test_signature_with_another_secret_is_refused(sandbox, receiver, api):
    sandbox.add_endpoint(receiver.url)
    api.v1.customers.create({"name": "A"})
    sandbox.wait_for_deliveries()

    body, signature = receiver.received[0]

    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(body.decode(), signature, "whsec_other")


def test_endpoint_hears_only_of_what_it_asked_for(sandbox, receiver, gift):
    secret = sandbox.add_endpoint(receiver.url, ["charge.succeeded", "charge.updated"])

    sandbox.pay(gift().url)
    sandbox.wait_for_deliveries()

    assert receiver.event_types(secret) == ["charge.succeeded", "charge.updated"]


def test_delivery_that_fails_is_tried_again_after_a_second(sandbox, receiver, api):
    receiver.statuses = [500, 302]
    secret = sandbox.add_endpoint(receiver.url)
    sandbox.hold_webhooks()
    api.v1.customers.create({"name": "A"})
    undelivered = api.v1.events.list({"delivery_success": False}).data
    sandbox.release_webhooks()

    wait_until(lambda: sandbox.deliveries()[0]["attempts"] == 1)
    sandbox.advance(1)
    wait_until(lambda: sandbox.deliveries()[0]["attempts"] == 2)
    sandbox.advance(5)
    (delivery,) = sandbox.wait_for_deliveries()

    assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("delivered", 3, 200)
    assert receiver.event_types(secret) == ["customer.created"] * 3
    assert len(undelivered) == 1
    assert api.v1.events.list({"delivery_success": False}).data == []


def test_delivery_is_given_up_after_three_days(sandbox, api):
    sandbox.add_endpoint("http://127.0.0.1:9/nobody")
    api.v1.customers.create({"name": "A"})

    for _ in range(8):
        before = sandbox.deliveries()[0]["attempts"]
        sandbox.advance(86_400)
        wait_until(
            lambda: (
                sandbox.deliveries()[0]["attempts"] > before  # noqa: B023 - called at once
                or sandbox.deliveries()[0]["state"] == "given_up"
            )
        )

    assert sandbox.deliveries()[0]["state"] == "given_up"


def test_nothing_is_sent_to_another_machine(sandbox, api):
    sandbox.add_endpoint("https://example.org/hooks")

    api.v1.customers.create({"name": "A"})
    wait_until(lambda: sandbox.deliveries()[0]["attempts"] == 1)

    assert sandbox.deliveries()[0]["error"] == "the local Stripe sends to this machine only"


def test_held_webhooks_can_be_released_shuffled_and_twice(sandbox, receiver, api):
    secret = sandbox.add_endpoint(receiver.url)
    sandbox.hold_webhooks()
    for number in range(12):
        api.v1.customers.create({"name": str(number)})
    nothing = list(receiver.received)

    sandbox.release_webhooks(shuffled=True, duplicated=True)
    sandbox.wait_for_deliveries()

    names = [json.loads(body)["data"]["object"]["name"] for body, _ in receiver.received]
    assert nothing == []
    assert len(receiver.event_types(secret)) == 24
    assert sorted(names, key=int) == [str(n) for n in range(12) for _ in range(2)]
    assert names != sorted(names, key=int)


def test_events_can_be_signed_for_a_test_that_delivers_them_itself(sandbox, api):
    for number in range(5):
        api.v1.customers.create({"name": str(number)})

    signed = sandbox.signed_events(secret="whsec_mine", shuffled=random.Random(3))

    names = {
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], "whsec_mine").data.object[
            "name"
        ]
        for body, headers in signed
    }
    assert names == {"0", "1", "2", "3", "4"}


def test_event_can_come_in_its_thin_form(sandbox, api):
    customer = api.v1.customers.create({"name": "A"})
    (event,) = sandbox.events()

    body, headers = sandbox.signed(event.id, "whsec_mine", thin=True)

    thin = api.parse_event_notification(body, headers["Stripe-Signature"], "whsec_mine")
    assert (thin.type, thin.related_object.id) == ("v1.customer.created", customer.id)


def test_event_can_be_sent_again(sandbox, receiver, api):
    secret = sandbox.add_endpoint(receiver.url)
    api.v1.customers.create({"name": "A"})
    (event,) = sandbox.events()

    sandbox.control("POST", f"/events/{event.id}/resend")
    sandbox.wait_for_deliveries()

    assert receiver.event_types(secret) == ["customer.created"] * 2


def test_endpoint_shows_its_secret_once_and_can_be_changed_and_deleted(sandbox, api):
    made = api.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/", "enabled_events": ["*"], "api_version": "2026-10-28.endive"}
    )

    read = api.v1.webhook_endpoints.retrieve(made.id)
    changed = api.v1.webhook_endpoints.update(made.id, {"disabled": True})
    api.v1.customers.create({"name": "A"})
    api.v1.webhook_endpoints.delete(made.id)

    assert made.secret.startswith("whsec_")
    assert "secret" not in read
    assert changed.status == "disabled"
    assert sandbox.deliveries() == []
    assert api.v1.webhook_endpoints.list().data == []


def test_endpoint_can_be_told_in_the_thin_form(sandbox, receiver, api):
    sandbox.settings(thin_events=True)
    secret = sandbox.add_endpoint(receiver.url)
    customer = api.v1.customers.create({"name": "A"})
    sandbox.wait_for_deliveries()

    ((body, signature),) = receiver.received

    thin = api.parse_event_notification(body, signature, secret)
    assert thin.type == "v1.customer.created"
    assert thin.fetch_related_object().id == customer.id


def test_events_can_be_asked_for_after_one_of_them(sandbox, api):
    for name in ("A", "B", "C"):
        api.v1.customers.create({"name": name})
    first = sandbox.events()[0]

    later = sandbox.events(after=first.id)

    assert [event.data.object["name"] for event in later] == ["B", "C"]
