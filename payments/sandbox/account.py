"""The one Stripe account that lives here: its objects, clock and events."""

import random
import string
import time
from dataclasses import dataclass, field
from typing import Any

from payments.sandbox import errors
from payments.sandbox.referee import answers, blanks, source
from payments.sandbox.referee.copies import copied
from payments.sandbox.store import Body, Store

# What `POST /_sandbox/settings` takes, and the values without it (`payouts`: see Settings).
BEHAVIOUR: dict[str, Any] = {
    "after_retries": "cancel",
    "debit_leaves_incomplete": False,
    "debits_booked_at_once": False,
    "late_fees": 0,
    "late_reconciliation": 0,
    "payouts": "manual",
    "payouts_fail": False,
    "portal_mends_plans": False,
    "refunds_fail": False,
    "retry_days": [3, 5, 7],
    "thin_events": False,
}

ALPHABET = string.ascii_letters + string.digits
RANDOM = random.Random()  # noqa: S311 - ids are no secrets here, and there are many
NAME = "Local organisation"


@dataclass
class Settings:
    """How this local Stripe was started."""

    address: str = "http://127.0.0.1:12111"
    settle_seconds: int = 20
    payouts: str = "manual"
    webhook: str | None = None
    webhook_secret: str = "whsec_sandbox"  # noqa: S105 - known on purpose


@dataclass
class Cause:
    """The API request that makes things happen; empty for pages and the clock."""

    request_id: str | None = None
    idempotency_key: str | None = None


@dataclass
class Account:
    """Everything operations need; used only inside a transaction of its store."""

    store: Store
    settings: Settings
    cause: Cause = field(default_factory=Cause)

    def now(self) -> int:
        """The account's clock, which can be ahead of the machine's."""
        return int(time.time()) + int(self.store.fact("clock_ahead", 0))

    def setting(self, name: str) -> Any:
        """How this Stripe behaves where the real one may do either."""
        default = self.settings.payouts if name == "payouts" else BEHAVIOUR[name]
        return self.store.fact(f"setting.{name}", default)

    def new_id(self, prefix: str, length: int = 24) -> str:
        """A new id such as `pi_…`."""
        return prefix + "_" + "".join(RANDOM.choices(ALPHABET, k=length))

    def get(self, kind: str, object_id: str, param: str = "id") -> Body:
        """The object, or Stripe's 404."""
        body = self.store.load(object_id)
        if body is None or body["object"] != kind:
            raise errors.missing(kind, object_id, param)
        return body

    def add(self, kind: str, prefix: str, **values: Any) -> Body:
        """A new object: a blank of its type with these values, kept."""
        body = blanks.blank(kind)
        body["id"] = self.new_id(prefix)
        if "created" in body:
            body["created"] = self.now()
        body.update(values)
        self.store.save(kind, body)
        return body

    def change(self, body: Body, event: str | None = None, **values: Any) -> Body:
        """Set fields, keep the object, and tell of it with what the fields were before."""
        before = {
            name: copied(body.get(name))
            for name, value in values.items()
            if not name.startswith("_") and body.get(name) != value
        }
        body.update(values)
        self.store.save(body["object"], body)
        updated = bool(event and event.endswith(".updated"))
        # Stripe sends no `updated` when nothing has changed.
        if event and (before or not updated):
            self.tell(event, body, previous=before if updated else None)
        return body

    def tell(self, event_type: str, body: Body, previous: Body | None = None) -> Body:
        """Record an event, and its deliveries, in the transaction of the change itself."""
        data: Body = {"object": public(body)}
        findings = answers.problems(data["object"])
        if findings:
            raise errors.broken(findings)
        if previous is not None:
            data["previous_attributes"] = previous
        targets = [e for e in self.store.newest_first("webhook_endpoint") if wants(e, event_type)]
        event = self._event(event_type, data, len(targets))
        for endpoint in targets:
            self.queue(event["id"], endpoint["id"], lost=self._loses_one())
        return event

    def _event(self, event_type: str, data: Body, pending: int) -> Body:
        request = {"id": self.cause.request_id, "idempotency_key": self.cause.idempotency_key}
        return self.add(
            "event",
            "evt",
            type=event_type,
            api_version=source.api_version(),
            data=data,
            pending_webhooks=pending,
            request=request,
        )

    def _loses_one(self) -> bool:
        rule = self.store.fact("webhooks_lost")
        if not rule:
            return False
        rule["seen"] += 1
        self.store.set_fact("webhooks_lost", rule)
        if "every" in rule:
            return bool(rule["seen"] % rule["every"] == 0)
        # The same ones are lost again when the same history is played with the same seed.
        chance = random.Random(f"{rule['seed']}:{rule['seen']}").random()  # noqa: S311
        return bool(chance < rule["share"])

    def queue(self, event_id: str, endpoint_id: str, *, lost: bool = False) -> None:
        """Let an endpoint hear of an event, or never."""
        shuffled = self.store.fact("webhooks_shuffled", False)
        copies = 2 if self.store.fact("webhooks_duplicated", False) else 1
        for _ in range(copies):
            position = RANDOM.random() if shuffled else time.time()
            self.store.connection.execute(
                "INSERT INTO delivery (event_id, endpoint_id, position, due_at, state)"
                " VALUES (?, ?, ?, ?, ?)",
                (event_id, endpoint_id, position, self.now(), "lost" if lost else "pending"),
            )

    def schedule(self, what: str, object_id: str, at: int) -> None:
        """Let something happen to an object when the clock gets there."""
        self.store.connection.execute(
            "INSERT INTO due (at, what, object_id) VALUES (?, ?, ?)", (at, what, object_id)
        )

    def unschedule(self, what: str, object_id: str) -> bool:
        """Take that back; whether there was anything to take back."""
        done = self.store.connection.execute(
            "DELETE FROM due WHERE what = ? AND object_id = ?", (what, object_id)
        )
        return done.rowcount > 0

    def find(self, kind: str, **values: Any) -> list[Body]:
        """The objects of a kind whose fields have these values, newest first."""
        return list(self.store.where(kind, values))


def public(body: Body) -> Body:
    """What Stripe shows of an object: not the fields the local Stripe keeps for itself."""
    shown = {name: value for name, value in body.items() if not name.startswith("_")}
    copy: Body = copied(shown)
    return copy


def wants(endpoint: Body, event_type: str) -> bool:
    """Whether an endpoint is to hear of such an event."""
    listed = endpoint["enabled_events"]
    return endpoint["status"] == "enabled" and ("*" in listed or event_type in listed)
