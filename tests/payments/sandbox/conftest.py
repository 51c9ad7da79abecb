"""Sessions to pay, and a receiver of webhooks."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

THANKS = "http://localhost/thanks"


@pytest.fixture
def api(sandbox) -> stripe.StripeClient:
    """The real SDK."""
    return sandbox.client()


def gift_params(**changes):
    """A one-off gift of 25 euros."""
    price = {"currency": "eur", "unit_amount": 2500, "product_data": {"name": "Gift"}}
    return {
        "mode": "payment",
        "success_url": THANKS + "?sid={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost/give",
        "customer_email": "donor@example.org",
        "line_items": [{"quantity": 1, "price_data": price}],
        **changes,
    }


def monthly_params(**changes):
    """A gift of 10 euros a month."""
    price = {
        "currency": "eur",
        "unit_amount": 1000,
        "product_data": {"name": "Monthly gift"},
        "recurring": {"interval": "month"},
    }
    items = [{"quantity": 1, "price_data": price}]
    return gift_params(**{"mode": "subscription", "line_items": items, **changes})


@pytest.fixture
def gift(api):
    """A function that opens a session for a one-off gift."""
    return lambda **changes: api.v1.checkout.sessions.create(gift_params(**changes))


@pytest.fixture
def monthly(api):
    """A function that opens a session for a monthly gift."""
    return lambda **changes: api.v1.checkout.sessions.create(monthly_params(**changes))


@pytest.fixture
def started(sandbox, api, monthly):
    """A function that starts a subscription with an outcome."""

    def start(outcome="card"):
        session = monthly(subscription_data={"metadata": {"plan": "3"}})
        sandbox.pay(session.url, outcome)
        expand = ["subscription", "invoice.payments"]
        return api.v1.checkout.sessions.retrieve(session.id, {"expand": expand})

    return start


@pytest.fixture
def charge(sandbox, api, gift):
    """A function that makes a charge of 25 euros."""

    def make(outcome="card"):
        sandbox.pay(gift().url, outcome)
        return api.v1.charges.list().data[0]

    return make


def refusal(call):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        call()
    return caught.value


def invoices_of(api, subscription):
    found = api.v1.invoices.list({"subscription": subscription}).data
    return [(invoice.billing_reason, invoice.status) for invoice in found]


def status_of(api, subscription):
    return api.v1.subscriptions.retrieve(subscription).status


def paid_intent(api, session):
    expand = ["payment_intent.latest_charge.balance_transaction"]
    return api.v1.checkout.sessions.retrieve(session.id, {"expand": expand}).payment_intent


def wait_until(happened, seconds=15):
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


class Receiver(ThreadingHTTPServer):
    """Takes webhooks, and answers with the statuses it was told to, then 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ReceiverHandler)
        self.received: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks"

    def event_types(self, secret: str) -> list[str]:
        """The types of what came, each signature checked by the SDK."""
        return [
            stripe.Webhook.construct_event(body, signature, secret).type
            for body, signature in self.received
        ]


class ReceiverHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, self.headers["Stripe-Signature"]))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
