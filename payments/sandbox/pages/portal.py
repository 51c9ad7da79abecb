"""The customer portal: how somebody pays, and how somebody stops."""

from collections.abc import Mapping
from html import escape

from payments.sandbox import methods, portal, subscriptions
from payments.sandbox.account import NAME, Account
from payments.sandbox.pages.dictionary import FEEDBACK, WORDS
from payments.sandbox.pages.layout import Reply, alert, choices, page, redirect
from payments.sandbox.pages.words import date_in, language_of, rhythm
from payments.sandbox.store import Body

Form = Mapping[str, str]


def show(account: Account, session_id: str, _form: Form, accepted: str) -> Reply:
    """The homepage, or the one thing this session is for."""
    session = account.get("billing_portal.session", session_id)
    language = language_of(session, accepted)
    flow = portal.open_flow(session)
    if flow == "payment_method_update":
        return _method_page(account, session, language)
    if flow == "subscription_cancel":
        stop = session["flow"]["subscription_cancel"]["subscription"]
        return _cancel_page(account, session, account.get("subscription", stop), language)
    return _homepage(account, session, language)


def show_method(account: Account, session_id: str, _form: Form, accepted: str) -> Reply:
    """The form for another way to pay."""
    session = account.get("billing_portal.session", session_id)
    return _method_page(account, session, language_of(session, accepted))


def show_cancel(
    account: Account, session_id: str, subscription_id: str, _form: Form, accepted: str
) -> Reply:
    """The question whether somebody really wants to stop."""
    session = account.get("billing_portal.session", session_id)
    subscription = _own(account, session, subscription_id)
    language = language_of(session, accepted)
    if subscription is None or subscription["cancel_at_period_end"]:
        return redirect(str(session["url"]))
    return _cancel_page(account, session, subscription, language)


def change(account: Account, session_id: str, form: Form, accepted: str) -> Reply:
    """A button was pressed."""
    session = account.get("billing_portal.session", session_id)
    if "outcome" in form or portal.open_flow(session) == "payment_method_update":
        return _change_method(account, session, form, language_of(session, accepted))
    subscription = _own(account, session, form.get("subscription", ""))
    action = form.get("action")
    if subscription and action in ("cancel", "cancel_now"):
        details = {n: form[n] for n in ("comment", "feedback") if form.get(n)}
        at_once = action == "cancel_now"
        portal.cancel(account, session, subscription, at_once=at_once, details=details)
        return redirect(portal.finish_flow(account, session))
    if subscription and action == "keep":
        portal.keep(account, subscription)
    return redirect(str(session["url"]))


def _change_method(account: Account, session: Body, form: Form, language: str) -> Reply:
    outcome = methods.OUTCOMES.get(form.get("outcome", ""))
    if outcome not in portal.offered():
        return _method_page(account, session, language, "need_choice", status=422)
    if not portal.pay_with(account, session, outcome):
        return _method_page(account, session, language, "error_card_declined", status=422)
    return redirect(portal.finish_flow(account, session))


def _own(account: Account, session: Body, subscription_id: str) -> Body | None:
    found = {subscription["id"]: subscription for subscription in portal.running(account, session)}
    return found.get(subscription_id)


def _homepage(account: Account, session: Body, language: str) -> Reply:
    words = WORDS[language]
    plans = [_plan(s, session, language) for s in portal.running(account, session)]
    title = words["portal"].format(name=NAME)
    none = f"<section><p>{escape(words['portal_none'])}</p></section>"
    body = f"""<h1>{escape(title)}</h1>
{"".join(plans) or none}
<section><h2>{escape(words["way_to_pay"])}</h2>
<p>{escape(_method(account, session, words))}</p>
<p class="actions"><a class="button plain"
href="{escape(session["url"])}/payment_method">{escape(words["change"])}</a></p></section>
{_way_back(session, words)}"""
    return Reply(html=page(title, body, language=language, mode=words["test_mode"]))


def _plan(subscription: Body, session: Body, language: str) -> str:
    words = WORDS[language]
    stop = f"{session['url']}/cancel/{subscription['id']}"
    button = f"""<a class="button plain" href="{escape(stop)}">{escape(words["stop"])}</a>"""
    if subscription["cancel_at_period_end"]:
        button = f"""<button name="action" value="keep">{escape(words["keep_plan"])}</button>"""
    return f"""<form method="post" class="card" action="{escape(session["url"])}">
{_amount(subscription, language)}
<p>{escape(_next(subscription, language))}</p>
<input type="hidden" name="subscription" value="{escape(subscription["id"])}">
<p class="actions">{button}</p>
</form>"""


def _method_page(
    account: Account, session: Body, language: str, problem: str | None = None, status: int = 200
) -> Reply:
    words = WORDS[language]
    title = words["new_way_to_pay"]
    error = alert(words["not_saved"], words[problem]) if problem else ""
    options = [(outcome.name, words[f"new_{outcome.name}"]) for outcome in portal.offered()]
    body = f"""<h1>{escape(title)}</h1>
<p>{escape(words["test_note"])}</p>
<p>{escape(words["so_far"].format(method=_method(account, session, words)))}</p>
{error}
<form method="post" class="card" action="{escape(session["url"])}">
{choices("outcome", words["how_to_pay"], options)}
<p class="actions"><button>{escape(words["save"])}</button>{_leave(session, words)}</p>
</form>"""
    html = page(title, body, language=language, mode=words["test_mode"])
    return Reply(status=status, html=html)


def _cancel_page(account: Account, session: Body, subscription: Body, language: str) -> Reply:
    words = WORDS[language]
    title = words["stop_question"]
    reasons = [(name, words[f"feedback_{name}"]) for name in FEEDBACK]
    at_end = words["cancel_plan"].format(day=_day(subscription, language))
    body = f"""<h1>{escape(title)}</h1>
<form method="post" class="card" action="{escape(session["url"])}">
{_amount(subscription, language)}
<p>{escape(_next(subscription, language))}</p>
<input type="hidden" name="subscription" value="{escape(subscription["id"])}">
{choices("feedback", words["why"], reasons, chosen=None)}
<div class="field"><label for="comment">{escape(words["comment"])}</label>
<input type="text" id="comment" name="comment" maxlength="500"></div>
<p class="actions"><button name="action" value="cancel">{escape(at_end)}</button>
<button name="action" value="cancel_now" class="plain">{escape(words["cancel_now"])}</button>
{_leave(session, words)}</p>
</form>"""
    return Reply(html=page(title, body, language=language, mode=words["test_mode"]))


def _amount(subscription: Body, language: str) -> str:
    item = subscription["items"]["data"][0]
    total = item["price"]["unit_amount"] * item["quantity"]
    return f'<p class="total">{escape(rhythm(language, total, item["price"]))}</p>'


def _next(subscription: Body, language: str) -> str:
    words = WORDS[language]
    if subscription["cancel_at_period_end"]:
        return words["ends"].format(day=_day(subscription, language))
    if subscription["status"] in ("past_due", "unpaid"):
        return words["overdue"]
    pause = subscription["pause_collection"]
    if pause and pause["resumes_at"]:
        return words["paused_until"].format(day=date_in(language, pause["resumes_at"]))
    if pause:
        return words["paused"]
    return words["renews"].format(day=_day(subscription, language))


def _day(subscription: Body, language: str) -> str:
    return date_in(language, subscriptions.period(subscription)[1])


def _method(account: Account, session: Body, words: Mapping[str, str]) -> str:
    method = portal.current_method(account, session)
    if method is None:
        return words["no_method"]
    return words[f"method_{method['type']}"].format(last4=methods.last4(method))


def _leave(session: Body, words: Mapping[str, str]) -> str:
    """The link that leaves without doing anything."""
    address = session["url"]
    if portal.open_flow(session) and session["return_url"]:
        address = session["return_url"]
    elif portal.open_flow(session):
        return ""
    return f'<a href="{escape(address)}">{escape(words["return"])}</a>'


def _way_back(session: Body, words: Mapping[str, str]) -> str:
    if not session["return_url"]:
        return ""
    return f'<p><a href="{escape(session["return_url"])}">{escape(words["return"])}</a></p>'
