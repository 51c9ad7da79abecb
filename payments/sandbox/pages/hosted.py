"""The hosted payment page and the bank's page."""

from collections.abc import Mapping
from html import escape

from payments.sandbox import methods
from payments.sandbox.account import NAME, Account
from payments.sandbox.checkout import payment
from payments.sandbox.checkout.payment import Payer
from payments.sandbox.methods import Outcome
from payments.sandbox.pages.dictionary import WORDS
from payments.sandbox.pages.layout import Reply, alert, choices, page, redirect
from payments.sandbox.pages.words import amount_in, language_of, rhythm
from payments.sandbox.store import Body

Form = Mapping[str, str]


def show_checkout(account: Account, session_id: str, _form: Form, accepted: str) -> Reply:
    """The page a payer is sent to."""
    session = _find(account, "checkout.session", session_id)
    language = language_of(session, accepted)
    if session is None:
        return _notice(language, "unknown", status=404)
    if session["status"] == "expired":
        return _notice(language, "expired", link=session["cancel_url"])
    if session["status"] == "complete":
        return _notice(language, "complete", link=payment.next_address(account, session))
    return _checkout(account, session, language, _last_error(account, session, language))


def pay(account: Account, session_id: str, form: Form, accepted: str) -> Reply:
    """The payer pressed the button."""
    session = _find(account, "checkout.session", session_id)
    if session and session["status"] == "complete":
        return redirect(payment.next_address(account, session))
    if session is None or session["status"] != "open":
        return show_checkout(account, session_id, form, accepted)
    email = form.get("email", "").strip() or payment.known_email(account, session)
    outcome = _chosen(session, form)
    if "@" not in email or outcome is None:
        language = language_of(session, accepted)
        problem = WORDS[language]["need_choice" if "@" in email else "need_email"]
        return _checkout(account, session, language, problem, status=422)
    name = form.get("name", "").strip() or None
    return redirect(payment.pay(account, session, outcome, Payer(email, name)))


def _chosen(session: Body, form: Form) -> Outcome | None:
    outcome = methods.OUTCOMES.get(form.get("outcome", ""))
    return outcome if outcome in payment.offered(session) else None


def show_bank(account: Account, intent_id: str, _form: Form, accepted: str) -> Reply:
    """The bank asks the payer."""
    intent = _find(account, "payment_intent", intent_id)
    session = payment.session_of(account, intent) if intent else None
    language = language_of(session, accepted)
    words = WORDS[language]
    if intent is None:
        return _notice(language, "unknown", status=404)
    if intent["status"] != "requires_action":
        return _notice(language, "bank_done", link=payment.after_bank(account, intent))
    amount = amount_in(language, intent["amount"], intent["currency"])
    question = words["bank_asks"].format(name=NAME, amount=amount)
    body = f"""<h1>{escape(words["bank"])}</h1>
<form method="post" class="card">
<p>{escape(question)}</p>
<p class="actions"><button name="answer" value="authorise">{escape(words["authorise"])}</button>
<button name="answer" value="refuse" class="plain">{escape(words["refuse"])}</button></p>
</form>"""
    return Reply(html=page(words["bank"], body, language=language, mode=words["test_mode"]))


def answer_bank(account: Account, intent_id: str, form: Form, accepted: str) -> Reply:
    """The payer has answered the bank."""
    intent = _find(account, "payment_intent", intent_id)
    if intent is None or form.get("answer") not in ("authorise", "refuse"):
        return show_bank(account, intent_id, form, accepted)
    authorised = form["answer"] == "authorise"
    return redirect(payment.answer_bank(account, intent, authorised=authorised))


def _checkout(
    account: Account, session: Body, language: str, problem: str | None, status: int = 200
) -> Reply:
    words = WORDS[language]
    title = words["pay_to"].format(name=NAME)
    error = alert(words["failed"], problem) if problem else ""
    back = ""
    if session["cancel_url"]:
        back = f'<a href="{escape(session["cancel_url"])}">{escape(words["back"])}</a>'
    body = f"""<h1>{escape(title)}</h1>
<p>{escape(words["test_note"])}</p>
{_summary(session, language)}
{error}
<form method="post" class="card">
{_fields(account, session, words)}
<p class="actions"><button>{escape(words["pay"])}</button>{back}</p>
</form>"""
    html = page(title, body, language=language, mode=words["test_mode"])
    return Reply(status=status, html=html)


def _summary(session: Body, language: str) -> str:
    rows = "".join(
        f"<li>{escape(item['description'])}"
        f"{'' if item['quantity'] == 1 else ' x ' + str(item['quantity'])}</li>"
        for item in session["_line_items"]
    )
    total, price = session["amount_total"], session["_line_items"][0]["price"]
    amount = amount_in(language, total, session["currency"])
    if price["recurring"]:
        amount = rhythm(language, total, price)
    return f"""<section><h2>{escape(WORDS[language]["total"])}</h2>
<p class="total">{escape(amount)}</p><ul>{rows}</ul></section>"""


def _fields(account: Account, session: Body, words: Mapping[str, str]) -> str:
    email = escape(payment.known_email(account, session))
    known = session["customer_details"] or {}
    name = escape(known.get("name") or "")
    options = [(outcome.name, words[outcome.name]) for outcome in payment.offered(session)]
    return f"""<div class="field"><label for="email">{escape(words["email"])}</label>
<input type="email" id="email" name="email" value="{email}" autocomplete="email" required></div>
<div class="field"><label for="name">{escape(words["name"])}</label>
<input type="text" id="name" name="name" value="{name}" autocomplete="name"></div>
{choices("outcome", words["how"], options)}"""


def _last_error(account: Account, session: Body, language: str) -> str | None:
    error = payment.last_error(account, session)
    if error is None:
        return None
    known = {
        "card_declined": "error_card_declined",
        "payment_intent_authentication_failure": "error_at_bank",
    }
    word = known.get(error["code"])
    return WORDS[language][word] if word else str(error["message"])


def _notice(language: str, what: str, *, status: int = 200, link: str | None = None) -> Reply:
    words = WORDS[language]
    way = f'<p><a href="{escape(link)}">{escape(words["continue"])}</a></p>' if link else ""
    body = f"<h1>{escape(words[what])}</h1>{way}"
    html = page(words[what], body, language=language, mode=words["test_mode"])
    return Reply(status=status, html=html)


def _find(account: Account, kind: str, object_id: str) -> Body | None:
    found = account.store.load(object_id)
    return found if found and found["object"] == kind else None
