"""Ways to pay: what a tester can choose, and the objects that come of it."""

from dataclasses import dataclass
from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

OFFERED = ("card", "bancontact", "ideal", "sepa_debit")
ONLY_EURO = {"bancontact", "ideal", "sepa_debit"}
SEPA_MAXIMUM = 1_000_000


@dataclass(frozen=True)
class Outcome:
    """One thing a tester can make happen on the hosted page."""

    name: str
    method: str
    last4: str
    declined: bool = False
    at_bank: bool = False
    fails_later: bool = False
    fails_at_renewal: bool = False
    asks_again: bool = False

    @property
    def matters_later(self) -> bool:
        """Whether it differs from another outcome only when it is charged again."""
        return self.fails_at_renewal or self.asks_again


OUTCOMES = {
    outcome.name: outcome
    for outcome in (
        Outcome("card", "card", "4242"),
        Outcome("card_declined", "card", "0002", declined=True),
        Outcome("card_3ds", "card", "3155", at_bank=True),
        Outcome("card_renewal_fails", "card", "0341", fails_at_renewal=True),
        Outcome("card_asks_again", "card", "3184", at_bank=True, asks_again=True),
        Outcome("bancontact", "bancontact", "7061", at_bank=True),
        Outcome("ideal", "ideal", "4300", at_bank=True),
        Outcome("sepa_debit", "sepa_debit", "7061"),
        Outcome("sepa_debit_fails", "sepa_debit", "3035", fails_later=True),
    )
}


def available(currency: str, amount: int, allowed: Any, excluded: Any) -> list[str]:
    """The methods Checkout offers for an amount, after the session's own filters."""
    return [
        method
        for method in OFFERED
        if (currency == "eur" or method not in ONLY_EURO)
        and not (method == "sepa_debit" and amount > SEPA_MAXIMUM)
        and (not allowed or method in allowed)
        and method not in (excluded or [])
    ]


def create(account: Account, outcome: Outcome, billing: Body, customer: str | None) -> Body:
    """The payment method the payer typed in on the page."""
    method = account.add(
        "payment_method",
        "pm",
        type=outcome.method,
        billing_details=billing,
        customer=customer,
        allow_redisplay="limited",
        metadata={},
        _outcome=outcome.name,
        **{outcome.method: _details(account, outcome)},
    )
    _drop_other_types(account, method)
    if customer:
        account.tell("payment_method.attached", method)
    return method


def outcome_of(method: Body) -> Outcome:
    """What this payment method does when it is charged."""
    return OUTCOMES[method["_outcome"]]


def generated_debit(account: Account, method: Body) -> tuple[Body, Body]:
    """The SEPA debit (with its mandate) by which a Bancontact or iDEAL payer is renewed."""
    debit = create(account, OUTCOMES["sepa_debit"], method["billing_details"], method["customer"])
    return debit, mandate(account, debit, multi_use=True)


def mandate(account: Account, method: Body, *, multi_use: bool) -> Body:
    """The debtor's mandate for a SEPA debit."""
    made = account.add(
        "mandate",
        "mandate",
        payment_method=method["id"],
        status="active",
        type="multi_use" if multi_use else "single_use",
    )
    reference = account.new_id("X", 16)[2:].upper()
    made["payment_method_details"] = {
        "type": "sepa_debit",
        "sepa_debit": {
            "reference": reference,
            "url": f"{account.settings.address}/_sandbox/mandates/{made['id']}",
        },
    }
    made["customer_acceptance"].update(accepted_at=account.now(), type="online")
    made["customer_acceptance"]["online"] = {"ip_address": "127.0.0.1", "user_agent": "sandbox"}
    made["multi_use" if multi_use else "single_use"] = {}
    if not multi_use:
        made["single_use"] = {"amount": 0, "currency": "eur"}
    return account.change(made)


def revoke(account: Account, mandate: Body) -> Body:
    """The debtor's bank, or the debtor, has ended the mandate."""
    return account.change(mandate, "mandate.updated", status="inactive")


def charge_details(method: Body, **extra: Any) -> Body:
    """How a charge describes the method it was paid with."""
    kind = method["type"]
    details = blanks.blank_part("charge", "payment_method_details", kind)
    known = method[kind]
    details.update({name: known[name] for name in details if known.get(name) is not None})
    if kind == "bancontact":
        details.update(bank_name="KBC", bank_code="KRED", bic="KREDBEBB", iban_last4="7061")
        details.update(preferred_language="fr", verified_name=method["billing_details"]["name"])
    if kind == "ideal":
        details.update(iban_last4="4300", verified_name=method["billing_details"]["name"])
    details.update(extra)
    return {"type": kind, kind: details}


def last4(method: Body) -> str:
    """The digits by which a payer knows a card or an account again."""
    return str(method[method["type"]].get("last4") or "")


def _details(account: Account, outcome: Outcome) -> Body:
    details = blanks.blank_part("payment_method", outcome.method)
    if outcome.method == "card":
        details.update(
            brand="visa",
            country="BE",
            display_brand="visa",
            exp_month=12,
            exp_year=2034,
            fingerprint=f"card{outcome.last4}",
            funding="credit",
            last4=outcome.last4,
        )
    if outcome.method == "sepa_debit":
        details.update(
            bank_code="510", country="BE", fingerprint=account.new_id("f", 16), last4=outcome.last4
        )
    if outcome.method == "ideal":
        details.update(bank="ing", bic="INGBNL2A")
    return details


def _drop_other_types(account: Account, method: Body) -> None:
    # Stripe shows only the hash of the method's own type.
    plain = {"id", "object", "type", "created", "customer", "livemode", "metadata"}
    plain |= {"billing_details", "allow_redisplay", "customer_account", "radar_options"}
    for name in [n for n, value in method.items() if value is None and n not in plain]:
        del method[name]
    account.store.save("payment_method", method)
