"""Controls of events and their deliveries."""

from typing import Any

from payments.sandbox import deliveries
from payments.sandbox.account import Account
from payments.sandbox.controls.registry import control


@control("GET", "/deliveries")
def list_deliveries(account: Account, _ids: list[str], _given: Any) -> Any:
    """Every delivery, newest first."""
    return {"data": deliveries.listed(account)}


@control("GET", "/events")
def list_events(account: Account, _ids: list[str], given: Any) -> Any:
    """Every event (after one of them), oldest first, also those the API no longer lists."""
    after = account.store.place(given["after"]) if "after" in given else None
    # As text: a long history would take too long to read and to write again.
    return f'{{"data":[{",".join(account.store.texts("event", above=after or 0))}]}}'


@control("GET", "/events/{}/signed")
def sign_event(account: Account, ids: list[str], given: Any) -> Any:
    """An event as it would be delivered now, for a test that delivers it itself."""
    event = account.get("event", ids[0])
    known = [e["_secret"] for e in account.store.newest_first("webhook_endpoint")]
    secret = given.get("secret") or (known[-1] if known else account.settings.webhook_secret)
    body = deliveries.payload(deliveries.thin(event) if given.get("thin") else event)
    at = int(given["at"]) if "at" in given else None
    return {"id": event["id"], "type": event["type"], "body": body,
            "header": deliveries.signature(body, secret, at)}  # fmt: skip


@control("POST", "/events/{}/resend")
def resend_event(account: Account, ids: list[str], _given: Any) -> Any:
    """Deliver an event to every endpoint once more."""
    event = account.get("event", ids[0])
    for endpoint in account.store.newest_first("webhook_endpoint"):
        account.queue(event["id"], endpoint["id"])
    return {"id": event["id"]}
