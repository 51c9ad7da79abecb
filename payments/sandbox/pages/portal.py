"""The customer portal: a page on which somebody ends a subscription."""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

from payments.sandbox import subscription_changes, subscriptions
from payments.sandbox.account import NAME, Account
from payments.sandbox.pages.layout import Reply, page, redirect
from payments.sandbox.pages.words import WORDS, language_of, rhythm
from payments.sandbox.store import Body


def show(account: Account, session_id: str, accepted: str) -> Reply:
    """The customer's subscriptions, each with a button."""
    session = account.get("billing_portal.session", session_id)
    language = language_of(session, accepted)
    words = WORDS[language]
    running = [
        _subscription(subscription, language)
        for subscription in account.find("subscription", customer=session["customer"])
        if subscription["status"] in ("active", "past_due")
    ]
    title = words["portal"].format(name=NAME)
    body = f"<h1>{escape(title)}</h1>" + (
        "".join(running) or f"<p>{escape(words['portal_none'])}</p>"
    )
    if session["return_url"]:
        body += f'<p><a href="{escape(session["return_url"])}">{escape(words["return"])}</a></p>'
    return Reply(html=page(title, body, language=language, mode=words["test_mode"]))


def change(account: Account, session_id: str, form: Mapping[str, str]) -> Reply:
    """A button was pressed: stop at the end of the period, or do not stop after all."""
    session = account.get("billing_portal.session", session_id)
    subscription = account.get("subscription", form.get("subscription", ""))
    if subscription["customer"] == session["customer"]:
        stop = form.get("action") == "cancel"
        subscription_changes.update(account, subscription, {"cancel_at_period_end": stop})
    return redirect(str(session["url"]))


def _subscription(subscription: Body, language: str) -> str:
    words = WORDS[language]
    price = subscription["items"]["data"][0]["price"]
    amount = rhythm(language, price["unit_amount"], price)
    ending = subscription["cancel_at_period_end"]
    moment = datetime.fromtimestamp(subscriptions.period(subscription)[1], UTC)
    when = words["ends" if ending else "renews"].format(day=moment.date().isoformat())
    action, label = ("keep", "keep_plan") if ending else ("cancel", "cancel_plan")
    return f"""<form method="post" class="card">
<p class="total">{escape(amount)}</p><p>{escape(when)}</p>
<input type="hidden" name="subscription" value="{escape(subscription["id"])}">
<button name="action" value="{action}" class="plain">{escape(words[label])}</button>
</form>"""
