"""Webhook endpoints: who is to hear of which events."""

from typing import Any
from urllib.parse import urlsplit

from payments.sandbox import metadata
from payments.sandbox.account import Account
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body


def create(account: Account, values: dict[str, Any], secret: str | None = None) -> Body:
    """A new endpoint; its secret is shown in this answer only."""
    _check_url(values["url"])
    return account.add(
        "webhook_endpoint",
        "we",
        url=values["url"],
        enabled_events=values["enabled_events"],
        api_version=values.get("api_version"),
        description=values.get("description"),
        metadata=metadata.merged({}, values.get("metadata")),
        status="enabled",
        _secret=secret or account.new_id("whsec", 32),
    )


def update(account: Account, endpoint: Body, values: dict[str, Any]) -> Body:
    """Change where, what, or whether."""
    changes: Body = {n: values[n] for n in ("url", "enabled_events", "description") if n in values}
    if "url" in changes:
        _check_url(changes["url"])
    if "disabled" in values:
        changes["status"] = "disabled" if values["disabled"] else "enabled"
    changes["metadata"] = metadata.merged(endpoint["metadata"], values.get("metadata"))
    return account.change(endpoint, **changes)


def delete(account: Account, endpoint: Body) -> Body:
    """Forget an endpoint and what was still to be delivered to it."""
    for table, column in (("object", "id"), ("delivery", "endpoint_id")):
        account.store.connection.execute(
            f"DELETE FROM {table} WHERE {column} = ?",  # noqa: S608 - our own names
            (endpoint["id"],),
        )
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


def ensure(account: Account) -> None:
    """The endpoint of the command line, the same after every start; none from an earlier one."""
    url, secret = account.settings.webhook, account.settings.webhook_secret
    kept = None
    for endpoint in account.find("webhook_endpoint", _from_command_line=True):
        if endpoint["url"] == url:
            kept = account.change(endpoint, _secret=secret)
        else:
            delete(account, endpoint)
    if url and not kept:
        made = create(account, {"url": url, "enabled_events": ["*"]}, secret)
        account.change(made, _from_command_line=True)


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise StripeError("Not a valid URL", code="url_invalid", param="url")
