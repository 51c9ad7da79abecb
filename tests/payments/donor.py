"""What a donor does, and what Stripe tells of it, step by step."""

import json
from uuid import uuid4

from stripe import WebhookSignature

from payments.handlers import SUBSCRIBE
from tests.jobs import run_jobs

ANSWERS = {
    "frequency": "once",
    "amount": "2500",
    "other_amount": "",
    "campaign": "",
    "given_name": "Dora",
    "family_name": "Donor",
    "email": "dora@example.org",
}


def signed(event, secret="whsec_sandbox"):
    """Body and headers of an event, as Stripe sends it."""
    body = json.dumps(event)
    return body, {"Stripe-Signature": WebhookSignature.generate_signature_header(body, secret)}


class Donor:
    def __init__(self, client, stripe):
        self.client = client
        self.stripe = stripe
        self.heard = set()

    def fill_in(self, language="en", **answers):
        """Send the form; return the answer."""
        form = {**ANSWERS, "token": str(uuid4()), **answers}
        return self.client.post(f"/{language}/give/", form)

    def choose(self, **answers):
        """Send the form; return the id of the session it opened."""
        answer = self.fill_in(**answers)
        assert answer.status_code == 303, answer.content.decode()
        return answer["Location"].rpartition("/")[2]

    def give(self, outcome="card", **answers):
        """Send the form and pay; return the id of the session."""
        session = self.choose(**answers)
        self.stripe.pay(session, outcome)
        return session

    def hear(self, *types):
        """Deliver what Stripe has to tell since the last time, and do the work that follows."""
        for event in self.events(*types):
            if event["id"] not in self.heard:
                self.heard.add(event["id"])
                assert self.tell(*signed(event)).status_code == 200
        return run_jobs()

    def events(self, *types):
        """What Stripe tells those who subscribe as we do, oldest first."""
        told = self.stripe.control("GET", "/events")["data"]
        return [event for event in told if event["type"] in (types or SUBSCRIBE)]

    def tell(self, body, headers):
        """Post one webhook."""
        return self.client.post(
            "/webhooks/stripe/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": headers["Stripe-Signature"]},
        )

    def payment(self):
        """The id of the newest payment at Stripe."""
        return self.stripe.client().v1.payment_intents.list().data[0].id

    def charge(self):
        """The id of the newest charge at Stripe."""
        return self.stripe.client().v1.charges.list().data[0].id
