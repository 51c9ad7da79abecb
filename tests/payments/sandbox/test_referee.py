from email.message import Message

import pytest
import stripe

from payments.sandbox import customers
from payments.sandbox.account import Account, Settings
from payments.sandbox.api.calls import ANSWERERS
from payments.sandbox.api.door import MODULES, Door, Request
from payments.sandbox.referee import answers, blanks, requests, routes
from payments.sandbox.store import Store
from tests.payments.sandbox.conftest import gift_params


def refusal(call, kind=stripe.InvalidRequestError):
    with pytest.raises(kind) as caught:
        call()
    return caught.value


def test_referee_reads_every_route_of_the_package():
    known = routes.routes()

    assert len(known) > 500
    assert ("POST", "/v1/checkout/sessions") in known
    assert not set(ANSWERERS) - set(known)
    assert MODULES


def test_route_with_a_fixed_word_is_not_taken_for_an_id():
    route, ids = routes.match("GET", "/v1/customers/search")

    assert (route.path, ids) == ("/v1/customers/search", [])


def test_unknown_parameter_is_refused_by_name(api):
    error = refusal(lambda: api.v1.checkout.sessions.create(gift_params(emial="x")))

    assert (error.code, error.param, error.http_status) == ("parameter_unknown", "emial", 400)
    assert error.user_message == "Received unknown parameter: emial"


def test_parameter_removed_in_this_api_version_is_refused(api):
    params = gift_params(payment_method_types=["card"])

    error = refusal(lambda: api.v1.checkout.sessions.create(params))

    assert (error.code, error.param) == ("parameter_unknown", "payment_method_types")


def test_nested_wrong_type_is_refused_by_its_full_name(api):
    params = gift_params(line_items=[{"quantity": "a", "price": "price_1"}])

    error = refusal(lambda: api.v1.checkout.sessions.create(params))

    assert (error.code, error.param) == ("parameter_invalid_integer", "line_items[0][quantity]")


def test_value_outside_the_enumeration_is_refused(api):
    error = refusal(lambda: api.v1.checkout.sessions.create(gift_params(mode="donation")))

    assert error.param == "mode"
    assert error.user_message == "Invalid mode: must be one of payment, setup, subscription"


def test_missing_parameter_is_refused(api):
    error = refusal(lambda: api.v1.products.create({}))

    assert (error.code, error.param) == ("parameter_missing", "name")


def test_empty_text_is_refused_where_nothing_can_be_unset(api):
    error = refusal(lambda: api.v1.checkout.sessions.create(gift_params(customer_email="")))

    assert (error.code, error.param) == ("parameter_invalid_empty", "customer_email")


def test_unknown_route_is_not_found(api):
    error = refusal(lambda: api.raw_request("get", "/v1/nope"))

    assert error.http_status == 404
    assert "Unrecognized request URL (GET: /v1/nope)" in error.user_message


def test_route_that_only_stripe_has_says_so_and_is_not_retried(sandbox):
    error = refusal(sandbox.client(retries=2).v1.topups.list, stripe.APIError)

    assert error.http_status == 501
    assert "The local Stripe does not do this: GET /v1/topups" in error.user_message
    assert error.headers["Stripe-Should-Retry"] == "false"


def test_unknown_object_is_not_found(api):
    error = refusal(lambda: api.v1.customers.retrieve("cus_nobody"))

    assert (error.http_status, error.code) == (404, "resource_missing")
    assert error.user_message == "No such customer: 'cus_nobody'"


def test_live_key_is_refused(sandbox):
    client = sandbox.client(key="sk_live_1234")

    error = refusal(client.v1.balance.retrieve, stripe.AuthenticationError)

    assert "takes no live keys" in error.user_message


def test_something_that_is_no_key_is_refused(sandbox):
    client = sandbox.client(key="whatever")

    error = refusal(client.v1.balance.retrieve, stripe.AuthenticationError)

    assert error.http_status == 401


def test_restricted_test_key_is_accepted(sandbox):
    balance = sandbox.client(key="rk_test_1").v1.balance.retrieve()

    assert balance.object == "balance"


@pytest.mark.parametrize("kind", ["charge", "checkout.session", "payment_intent", "invoice"])
def test_blank_object_is_what_the_package_expects(kind):
    assert answers.problems(blanks.blank(kind)) == []


def test_answer_is_held_against_the_types_of_the_package():
    charge = blanks.blank("charge") | {"amount": "25", "status": "paid", "surprise": 1}
    del charge["currency"]

    assert answers.problems(charge) == [
        "charge.surprise: not a field of Charge",
        "charge.amount: '25' is not int",
        "charge.currency: missing",
        "charge.status: 'paid' is not in ('failed', 'pending', 'succeeded')",
    ]


def test_nested_answers_are_checked_too():
    charge = blanks.blank("charge") | {"payment_intent": {"object": "payment_intent", "id": "pi"}}

    found = answers.problems({"object": "list", "url": "", "has_more": False, "data": [charge]})

    assert "list.data[0].payment_intent.amount: missing" in found


def test_text_on_the_wire_becomes_numbers_and_booleans():
    route, _ = routes.match("POST", "/v1/subscriptions/sub_1")

    typed, problems = requests.read(
        route, {"cancel_at_period_end": "true", "cancel_at": "17", "metadata": {"a": ""}}
    )

    assert typed == {"cancel_at_period_end": True, "cancel_at": 17, "metadata": {"a": ""}}
    assert problems == []


def test_expanding_more_than_four_levels_is_refused(api, gift):
    session = gift()
    path = "invoice.payments.data.payment.payment_intent"

    error = refusal(lambda: api.v1.checkout.sessions.retrieve(session.id, {"expand": [path]}))

    assert error.user_message == (
        f"You cannot expand more than 4 levels of a property. Property: {path}"
    )


def test_expanding_what_is_no_reference_is_refused(api, gift):
    session = gift()

    error = refusal(lambda: api.v1.checkout.sessions.retrieve(session.id, {"expand": ["status"]}))

    assert "This property cannot be expanded (status)" in error.user_message


def test_expanding_a_list_without_data_says_how(api, gift):
    gift()

    error = refusal(lambda: api.v1.checkout.sessions.list({"expand": ["customer"]}))

    assert "You may want to try expanding 'data.customer' instead." in error.user_message


def test_wrong_answer_is_not_sent_and_changes_nothing(tmp_path, monkeypatch):
    store = Store(tmp_path / "state.sqlite3")
    account = Account(store, Settings())

    def wrong(call):
        customer = customers.create(call.account, {"name": "A"})
        return {**customer, "name": 7}

    monkeypatch.setitem(ANSWERERS, ("POST", "/v1/customers"), wrong)
    headers = Message()
    headers["Authorization"] = "Bearer sk_test_1"

    answer = Door(account).answer(Request("POST", "/v1/customers", "name=A", headers))

    kept = list(store.newest_first("customer"))
    store.close()
    assert answer.status == 500
    assert "customer.name: 7 is not str" in answer.body["error"]["message"]
    assert kept == []
