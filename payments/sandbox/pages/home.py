"""The page for the developer: what there is, and what can be made to happen."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from html import escape

from payments.sandbox import deliveries, disputes, money
from payments.sandbox.account import Account, public
from payments.sandbox.pages.layout import Reply, page
from payments.sandbox.store import Body

RECENT = 15
Cells = list[str]
Form = Mapping[str, str]


def show(account: Account, _form: Form, _accepted: str) -> Reply:
    """The newest of everything."""
    body = f"""<h1>Local Stripe</h1>
<section><p>Clock: {_moment(account.now())} UTC</p>
<div class="actions">{_button("/_sandbox/clock", "One day later", advance="86400")}
{_button("/_sandbox/clock", "One month later", advance=str(31 * 86400))}
{_button("/_sandbox/reset", "Forget everything")}</div></section>
{
        _table(
            "Checkout sessions",
            ("Created", "Id", "Amount", "Status", "Payment", ""),
            _rows(account, "checkout.session", _session),
        )
    }
{
        _table(
            "Payments",
            ("Created", "Id", "Amount", "Status", "Charge", ""),
            _rows(account, "payment_intent", _intent),
        )
    }
{
        _table(
            "Subscriptions",
            ("Created", "Id", "Amount", "Status", "Period ends", ""),
            _rows(account, "subscription", _subscription),
        )
    }
{
        _table(
            "Payouts",
            ("Created", "Id", "Amount", "Status", "Arrives", ""),
            _rows(account, "payout", _payout),
            _button("/_sandbox/payouts", "Pay out what is available")
            + _button("/_sandbox/payouts", "Pay out everything", all="1"),
        )
    }
{
        _table(
            "Disputes",
            ("Created", "Id", "Amount", "Status", "Charge", ""),
            _rows(account, "dispute", _dispute),
        )
    }
{
        _table(
            "Deliveries",
            ("Event", "Type", "To", "State", "Attempts", "Last answer"),
            [_delivery(row) for row in deliveries.listed(account, RECENT)],
        )
    }
{_table("Events", ("Created", "Id", "Type", ""), _rows(account, "event", _event))}"""
    return Reply(html=page("Local Stripe", body, wide=True))


def show_object(account: Account, object_id: str, _form: Form, _accepted: str) -> Reply:
    """One object as JSON; receipts, mandates and invoices have no nicer page here."""
    found = account.store.load(object_id)
    if found is None:
        return Reply(status=404, html=page("Not found", "<h1>There is no such object here.</h1>"))
    text = escape(json.dumps(public(found), indent=2, ensure_ascii=False))
    body = f"<h1>{escape(object_id)}</h1><section><pre>{text}</pre></section>"
    return Reply(html=page(object_id, body, wide=True))


def _rows(account: Account, kind: str, cells: Callable[[Body], Cells]) -> list[Cells]:
    found = []
    for body in account.store.newest_first(kind):
        found.append(cells(body))
        if len(found) == RECENT:
            break
    return found


def _session(body: Body) -> Cells:
    link = ""
    if body["status"] == "open":
        link = f'<a href="/c/pay/{escape(body["id"])}">Payment page</a>'
    return [_moment(body["created"]), _link(body["id"][:24] + "…", body["id"]),
            _amount(body["amount_total"], body["currency"]), escape(body["status"]),
            escape(body["payment_status"]), link]  # fmt: skip


def _intent(body: Body) -> Cells:
    button = ""
    if body["status"] == "processing":
        button = _button(f"/_sandbox/payment_intents/{body['id']}/settle", "Settle now")
    elif body["status"] == "requires_action":
        button = f'<a href="/_bank/{escape(body["id"])}">Bank page</a>'
    elif body["status"] == "succeeded":
        button = _button(f"/_sandbox/charges/{body['latest_charge']}/dispute", "Dispute")
    charge = body["latest_charge"]
    return [_moment(body["created"]), _link(body["id"]),
            _amount(body["amount"], body["currency"]), escape(body["status"]),
            _link(charge) if charge else "", button]  # fmt: skip


def _subscription(body: Body) -> Cells:
    item = body["items"]["data"][0]
    button = ""
    if body["status"] in ("active", "past_due"):
        button = _button(f"/_sandbox/subscriptions/{body['id']}/renew", "Renew now")
    return [_moment(body["created"]), _link(body["id"]),
            _amount(item["price"]["unit_amount"], body["currency"]), escape(body["status"]),
            _moment(item["current_period_end"]), button]  # fmt: skip


def _payout(body: Body) -> Cells:
    button = ""
    if body["status"] in ("in_transit", "paid"):
        button = _button(f"/_sandbox/payouts/{body['id']}/fail", "Let it fail")
    return [_moment(body["created"]), _link(body["id"]), _amount(body["amount"], body["currency"]),
            escape(body["status"]), _moment(body["arrival_date"])[:10], button]  # fmt: skip


def _dispute(body: Body) -> Cells:
    buttons = ""
    if body["status"] in (*disputes.OPEN, disputes.INQUIRY):
        close = f"/_sandbox/disputes/{body['id']}/close"
        won, lost = _button(close, "Won", status="won"), _button(close, "Lost", status="lost")
        buttons = f'<div class="actions">{won}{lost}</div>'
    return [_moment(body["created"]), _link(body["id"]), _amount(body["amount"], body["currency"]),
            escape(body["status"]), _link(body["charge"]), buttons]  # fmt: skip


def _event(body: Body) -> Cells:
    button = _button(f"/_sandbox/events/{body['id']}/resend", "Send again")
    return [_moment(body["created"]), _link(body["id"]), escape(body["type"]), button]


def _delivery(row: Body) -> Cells:
    answer = row["error"] or str(row["status"] or "")
    return [_link(row["event"]), escape(row["type"]), escape(row["url"]), escape(row["state"]),
            str(row["attempts"]), escape(answer)]  # fmt: skip


def _table(title: str, heads: Iterable[str], rows: list[Cells], actions: str = "") -> str:
    if actions:
        actions = f'<div class="actions">{actions}</div>'
    if not rows:
        return f"<section><h2>{title}</h2>{actions}<p>None yet.</p></section>"
    names = [name or "Action" for name in heads]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    lines = "".join(f"<tr>{_cells(names, row)}</tr>" for row in rows)
    return f"""<section><h2>{title}</h2>{actions}<div class="scroll" role="region" tabindex="0"
aria-label="{title}"><table>
<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div></section>"""


def _cells(names: list[str], row: Cells) -> str:
    """The cells, each with its name for where the heads are not seen."""
    pairs = zip(names, row, strict=True)
    return "".join(f'<td data-name="{name}">{cell}</td>' for name, cell in pairs)


def _button(action: str, label: str, **values: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in values.items()
    )
    return f"""<form method="post" action="{escape(action)}">{hidden}
<button class="small plain">{label}</button></form>"""


def _link(label: str, object_id: str | None = None) -> str:
    return f'<a href="/_sandbox/objects/{escape(object_id or label)}">{escape(label)}</a>'


def _amount(amount: int, currency: str) -> str:
    return escape(money.written(amount, currency))


def _moment(stamp: int) -> str:
    return datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d %H:%M:%S")
