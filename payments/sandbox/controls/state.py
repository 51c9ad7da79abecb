"""Controls of the local Stripe as a whole: empty it, let time pass, let it misbehave."""

import re
from typing import Any

from payments.sandbox import endpoints, faults, schedule
from payments.sandbox.account import BEHAVIOUR, Account
from payments.sandbox.controls.registry import control
from payments.sandbox.errors import StripeError
from payments.sandbox.store import Body

WEBHOOK_MODES: dict[str, tuple[str, bool]] = {
    "hold": ("webhooks_held", True),
    "release": ("webhooks_held", False),
    "shuffle": ("webhooks_shuffled", True),
    "duplicate": ("webhooks_duplicated", True),
}
CHOICES = {"after_retries": ("cancel", "past_due", "unpaid"), "payouts": ("daily", "manual")}


@control("POST", "/reset")
def reset(account: Account, _ids: list[str], _given: Any) -> Any:
    """An empty Stripe, with the endpoint of the command line if there was one."""
    account.store.clear()
    endpoints.ensure(account)
    return {"now": account.now()}


@control("GET", "/clock")
def read_clock(account: Account, _ids: list[str], _given: Any) -> Any:
    """What time it is here."""
    return {"now": account.now()}


@control("POST", "/clock")
def set_clock(account: Account, _ids: list[str], given: Any) -> Any:
    """Let time pass; everything that falls due on the way happens now."""
    seconds = int(given.get("advance", 0))
    if seconds < 0:
        raise StripeError("The clock only goes forward.", param="advance")
    schedule.advance(account, seconds)
    return {"now": account.now()}


@control("POST", "/settings")
def change_settings(account: Account, _ids: list[str], given: Any) -> Any:
    """How this Stripe behaves where the real one may do either."""
    unknown = set(given) - set(BEHAVIOUR)
    if unknown:
        raise StripeError(f"unknown settings: {', '.join(sorted(unknown))}")
    for name, value in given.items():
        _check_setting(name, value)
        account.store.set_fact(f"setting.{name}", value)
    return {name: account.setting(name) for name in BEHAVIOUR}


@control("POST", "/faults")
def add_faults(account: Account, _ids: list[str], given: Any) -> Any:
    """Faults for requests (a list), or a mode of delivery (`{"webhooks": …}`)."""
    if isinstance(given, dict) and "webhooks" in given:
        return _set_webhooks(account, given)
    try:
        faults.add(account.store, given if isinstance(given, list) else [given])
    except (faults.UnknownFault, re.error) as error:
        raise StripeError(str(error), param="faults") from error
    return {"faults": account.store.fact("faults", [])}


@control("GET", "/faults")
def list_faults(account: Account, _ids: list[str], _given: Any) -> Any:
    """The faults that have not happened yet."""
    return {"faults": account.store.fact("faults", [])}


@control("DELETE", "/faults")
def clear_faults(account: Account, _ids: list[str], _given: Any) -> Any:
    """No more faults; webhooks go out in order, once, and none is lost."""
    account.store.set_fact("faults", [])
    account.store.set_fact("webhooks_lost", None)
    for name, _ in WEBHOOK_MODES.values():
        account.store.set_fact(name, False)
    return {"faults": []}


def _check_setting(name: str, value: Any) -> None:
    allowed = CHOICES.get(name)
    if allowed and value not in allowed:
        raise StripeError(f"{name} must be one of {', '.join(allowed)}", param=name)
    if type(value) is not type(BEHAVIOUR[name]):
        kind = type(BEHAVIOUR[name]).__name__
        raise StripeError(f"{name} must be of type {kind}", param=name)


def _set_webhooks(account: Account, given: Body) -> Any:
    mode = given["webhooks"]
    if mode == "lose":
        account.store.set_fact("webhooks_lost", _losses(given))
        return {"webhooks": mode}
    if not isinstance(mode, str) or mode not in WEBHOOK_MODES:
        raise StripeError(f"webhooks must be one of {', '.join([*WEBHOOK_MODES, 'lose'])}")
    name, value = WEBHOOK_MODES[mode]
    account.store.set_fact(name, value)
    if mode == "shuffle":
        account.store.connection.execute(
            "UPDATE delivery SET position = abs(random()) / 9.3e18 WHERE state = 'pending'"
        )
    if mode == "duplicate":
        account.store.connection.execute(
            "INSERT INTO delivery (event_id, endpoint_id, position, due_at)"
            " SELECT event_id, endpoint_id, position, due_at FROM delivery WHERE state = 'pending'"
        )
    return {"webhooks": mode}


def _losses(given: Body) -> Body:
    if "every" in given and given["every"] >= 1:
        return {"every": int(given["every"]), "seen": 0}
    if "share" in given and 0 <= given["share"] <= 1:
        return {"share": given["share"], "seed": given.get("seed", 0), "seen": 0}
    raise StripeError("lose takes every (1 or more) or share (0 to 1), and a seed")
