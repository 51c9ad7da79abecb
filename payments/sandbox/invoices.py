"""Invoices of subscriptions, and the payments allocated to them."""

from typing import Any

from payments.sandbox import intents
from payments.sandbox.account import NAME, Account
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

DAY = 86_400


def issue(account: Account, subscription: Body, reason: str, period: tuple[int, int]) -> Body:
    """An invoice for a period, finalised, with an intent that waits for its payment."""
    invoice = draft(account, subscription, reason, period)
    finalise(account, invoice)
    intent = intents.open_intent(
        account,
        invoice["total"],
        invoice["currency"],
        customer=invoice["customer"],
        description="Subscription creation"
        if reason == "subscription_create"
        else "Subscription update",
        payment_method_types=subscription["payment_settings"]["payment_method_types"],
        setup_future_usage="off_session",
        _invoice=invoice["id"],
    )
    payment = blanks.blank_part("invoice_payment", "payment")
    payment.update(type="payment_intent", payment_intent=intent["id"])
    for other in ("charge", "payment_record"):
        payment.pop(other)
    account.add(
        "invoice_payment",
        "inpay",
        invoice=invoice["id"],
        amount_requested=invoice["total"],
        currency=invoice["currency"],
        is_default=True,
        payment=payment,
        status="open",
    )
    return account.change(invoice, _intent=intent["id"])


def draft(
    account: Account,
    subscription: Body,
    reason: str,
    period: tuple[int, int],
    *,
    auto_advance: bool = True,
) -> Body:
    """An invoice that is not final yet."""
    customer = account.get("customer", subscription["customer"])
    invoice = account.add(
        "invoice",
        "in",
        account_country="BE",
        account_name=NAME,
        attempt_count=0,
        attempted=False,
        auto_advance=auto_advance,
        billing_reason=reason,
        currency=subscription["currency"],
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        customer_address=customer["address"],
        customer_tax_exempt="none",
        customer_tax_ids=[],
        default_payment_method=None,
        metadata={},
        parent=_parent(subscription),
        period_start=period[0] if reason == "subscription_cycle" else account.now(),
        period_end=account.now(),
        starting_balance=0,
        status="draft",
        total_discount_amounts=[],
        total_taxes=[],
    )
    _set_lines(invoice, subscription, period)
    account.change(invoice, "invoice.created")
    return invoice


def finalise(account: Account, invoice: Body) -> None:
    """Number the invoice and open it for payment."""
    customer = account.get("customer", invoice["customer"])
    sequence = customer["next_invoice_sequence"]
    account.change(customer, next_invoice_sequence=sequence + 1)
    address = account.settings.address
    account.change(
        invoice,
        "invoice.finalized",
        status="open",
        number=f"{customer['invoice_prefix']}-{sequence:04}",
        effective_at=account.now(),
        ending_balance=0,
        hosted_invoice_url=f"{address}/i/{invoice['id']}",
        invoice_pdf=f"{address}/_sandbox/invoices/{invoice['id']}/pdf",
        status_transitions={**invoice["status_transitions"], "finalized_at": account.now()},
    )


def mark_paid(account: Account, invoice: Body) -> None:
    """The intent of this invoice has succeeded."""
    account.change(
        invoice,
        "invoice.paid",
        status="paid",
        amount_paid=invoice["total"],
        amount_remaining=0,
        attempted=True,
        attempt_count=invoice["attempt_count"] + 1,
        auto_advance=False,
        next_payment_attempt=None,
        status_transitions={**invoice["status_transitions"], "paid_at": account.now()},
    )
    account.tell("invoice.payment_succeeded", invoice)
    account.unschedule("retry_invoice", invoice["id"])
    for payment in account.find("invoice_payment", invoice=invoice["id"], status="open"):
        transitions = {**payment["status_transitions"], "paid_at": account.now()}
        account.change(
            payment,
            "invoice_payment.paid",
            status="paid",
            amount_paid=payment["amount_requested"],
            status_transitions=transitions,
        )


def mark_failed(account: Account, invoice: Body, *, retry: bool) -> bool:
    """The attempt failed; whether another one follows."""
    waits = account.setting("retry_days")  # after the first failure, and after each that follows
    attempts = invoice["attempt_count"] + 1
    again = retry and attempts <= len(waits)
    at = account.now() + waits[attempts - 1] * DAY if again else None
    account.unschedule("retry_invoice", invoice["id"])
    if at:
        account.schedule("retry_invoice", invoice["id"], at)
    account.change(
        invoice,
        "invoice.payment_failed",
        attempted=True,
        attempt_count=attempts,
        next_payment_attempt=at,
    )
    return again


def void(account: Account, invoice: Body) -> None:
    """Nobody needs to pay this any more."""
    account.unschedule("retry_invoice", invoice["id"])
    account.change(
        invoice,
        "invoice.voided",
        status="void",
        auto_advance=False,
        next_payment_attempt=None,
        status_transitions={**invoice["status_transitions"], "voided_at": account.now()},
    )
    if invoice.get("_intent"):
        intents.cancel(account, account.get("payment_intent", invoice["_intent"]), "void_invoice")
    for payment in account.find("invoice_payment", invoice=invoice["id"], status="open"):
        transitions = {**payment["status_transitions"], "canceled_at": account.now()}
        account.change(payment, status="canceled", status_transitions=transitions)


def mark_uncollectible(account: Account, invoice: Body) -> None:
    """Nobody expects this to be paid."""
    transitions = {**invoice["status_transitions"], "marked_uncollectible_at": account.now()}
    account.change(
        invoice,
        "invoice.marked_uncollectible",
        status="uncollectible",
        auto_advance=False,
        status_transitions=transitions,
    )


def subscription_of(invoice: Body) -> str:
    """The id of the subscription an invoice belongs to."""
    return str(invoice["parent"]["subscription_details"]["subscription"])


def _parent(subscription: Body) -> Body:
    details = blanks.blank_part("invoice", "parent", "subscription_details")
    details.update(subscription=subscription["id"], metadata=dict(subscription["metadata"]))
    parent = blanks.blank_part("invoice", "parent")
    parent.update(type="subscription_details", subscription_details=details)
    return parent


def _set_lines(invoice: Body, subscription: Body, period: tuple[int, int]) -> None:
    lines = [
        _line(invoice, subscription, item, number, period)
        for number, item in enumerate(subscription["items"]["data"])
    ]
    total = sum(line["amount"] for line in lines)
    invoice["lines"].update(data=lines, url=f"/v1/invoices/{invoice['id']}/lines")
    invoice.update(
        amount_due=total,
        amount_remaining=total,
        subtotal=total,
        subtotal_excluding_tax=total,
        total=total,
        total_excluding_tax=total,
    )


def _line(
    invoice: Body, subscription: Body, item: Body, number: int, period: tuple[int, int]
) -> Body:
    price = item["price"]
    line = blanks.blank("line_item")
    line.update(
        id=f"il_{invoice['id'][3:]}{number}",
        amount=price["unit_amount"] * item["quantity"],
        subtotal=price["unit_amount"] * item["quantity"],
        currency=price["currency"],
        discountable=True,
        invoice=invoice["id"],
        metadata=dict(subscription["metadata"]),
        parent=_line_parent(subscription, item),
        period={"start": period[0], "end": period[1]},
        pricing=_pricing(price),
        quantity=item["quantity"],
        taxes=[],
    )
    return line


def _line_parent(subscription: Body, item: Body) -> Body:
    details = blanks.blank_part("line_item", "parent", "subscription_item_details")
    details.update(subscription=subscription["id"], subscription_item=item["id"])
    parent = blanks.blank_part("line_item", "parent")
    parent.update(type="subscription_item_details", subscription_item_details=details)
    return parent


def _pricing(price: Body) -> dict[str, Any]:
    pricing = blanks.blank_part("line_item", "pricing")
    pricing.update(
        unit_amount_decimal=price["unit_amount_decimal"],
        price_details={"price": price["id"], "product": price["product"]},
    )
    return pricing
