"""Donors at Stripe without our form: checkouts and their payment pages, made in one step each."""

from datetime import UTC, datetime

from crm.donations.models import Gift
from payments.models import Checkout
from tests.factories import CheckoutFactory
from tests.payments.donor import Donor

NAMES = {Checkout.Frequency.MONTHLY: "month", Checkout.Frequency.YEARLY: "year"}


class Givers(Donor):
    """Many donors; what they do at Stripe, and what we hear of it."""

    def __init__(self, client, stripe):
        super().__init__(client, stripe)
        self.api = stripe.client().v1
        self.count = 0

    def now(self):
        """What time it is at Stripe."""
        return datetime.fromtimestamp(self.stripe.now(), tz=UTC)

    def open(self, *, amount=2500, frequency="once", currency="EUR", **fields):
        """Open a payment page for somebody new; return the id of the session."""
        self.count += 1
        fields = {"email": f"donor{self.count}@example.org", "started_at": self.now(), **fields}
        checkout = CheckoutFactory(amount=amount, frequency=frequency, currency=currency, **fields)
        metadata = {"checkout": str(checkout.public_id)}
        price = {"currency": currency.lower(), "unit_amount": amount}
        price["product_data"] = {"name": "Gift"}
        if frequency != "once":
            price["recurring"] = {"interval": NAMES[frequency]}
        whose = "payment_intent_data" if frequency == "once" else "subscription_data"
        session = self.api.checkout.sessions.create(
            {
                "mode": "payment" if frequency == "once" else "subscription",
                whose: {"metadata": metadata},
                "metadata": metadata,
                "client_reference_id": metadata["checkout"],
                "customer_email": checkout.email,
                "line_items": [{"quantity": 1, "price_data": price}],
                "success_url": "http://testserver/en/thanks/",
            }
        )
        checkout.session_id = session.id
        checkout.save(update_fields=["session_id"])
        return session.id

    def pay(self, outcome="card", **fields):
        """Open a page and pay; return the session as it is then."""
        session = self.open(**fields)
        self.stripe.pay(session, outcome)
        return self.api.checkout.sessions.retrieve(session)


def gift_of(payment_id):
    return Gift.objects.get(reference=f"stripe:{payment_id}")
