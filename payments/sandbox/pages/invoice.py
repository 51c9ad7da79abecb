"""The hosted page of an invoice: to be confirmed at the bank, or paid in another way."""

from collections.abc import Mapping
from html import escape

from payments.sandbox import collection, customers, methods, portal
from payments.sandbox.account import NAME, Account
from payments.sandbox.methods import Outcome
from payments.sandbox.pages.dictionary import WORDS
from payments.sandbox.pages.layout import Reply, alert, choices, page, redirect
from payments.sandbox.pages.words import amount_in, language_of
from payments.sandbox.referee import blanks
from payments.sandbox.store import Body

Form = Mapping[str, str]


def show(account: Account, invoice_id: str, _form: Form, accepted: str) -> Reply:
    """What is owed, and how it can be paid."""
    invoice = account.get("invoice", invoice_id)
    language = language_of(None, accepted)
    intent = _intent(account, invoice)
    failed = intent is not None and intent["last_payment_error"] is not None
    return _page(account, invoice, language, "error_invoice" if failed else None)


def pay(account: Account, invoice_id: str, form: Form, accepted: str) -> Reply:
    """The payer pressed the button."""
    invoice = account.get("invoice", invoice_id)
    intent = _intent(account, invoice)
    if invoice["status"] != "open" or intent is None or intent["status"] == "processing":
        return show(account, invoice_id, form, accepted)
    outcome = methods.OUTCOMES.get(form.get("outcome", ""))
    if outcome is None or outcome not in portal.offered():
        return _page(account, invoice, language_of(None, accepted), "need_choice", status=422)
    collection.pay(account, intent, _method(account, invoice, outcome))
    if intent["status"] == "requires_action":
        return redirect(str(intent["next_action"]["redirect_to_url"]["url"]))
    return redirect(_address(account, invoice))


def _page(
    account: Account, invoice: Body, language: str, problem: str | None, status: int = 200
) -> Reply:
    words = WORDS[language]
    title = words["pay_to"].format(name=NAME)
    amount = amount_in(language, invoice["total"], invoice["currency"])
    body = f"""<h1>{escape(title)}</h1>
<section><h2>{escape(words["invoice"].format(number=invoice["number"] or ""))}</h2>
<p class="total">{escape(amount)}</p></section>
{_what_now(account, invoice, words, problem)}"""
    html = page(title, body, language=language, mode=words["test_mode"])
    return Reply(status=status, html=html)


def _what_now(
    account: Account, invoice: Body, words: Mapping[str, str], problem: str | None
) -> str:
    intent = _intent(account, invoice)
    if invoice["status"] == "paid":
        return f"<section><p>{escape(words['complete'])}</p></section>"
    if invoice["status"] != "open" or intent is None:
        return f"<section><p>{escape(words['nothing_owed'])}</p></section>"
    if intent["status"] == "processing":
        return f"<section><p>{escape(words['under_way'])}</p></section>"
    confirm = ""
    if intent["status"] == "requires_action":
        bank = intent["next_action"]["redirect_to_url"]["url"]
        link = f'<a class="button" href="{escape(bank)}">{escape(words["to_bank"])}</a>'
        confirm = f"<section><p>{escape(words['bank_waits'])}</p><p>{link}</p></section>"
    error = alert(words["failed"], words[problem]) if problem else ""
    options = [(outcome.name, words[outcome.name]) for outcome in portal.offered()]
    return f"""{confirm}{error}<form method="post" class="card">
{choices("outcome", words["how"], options)}
<p class="actions"><button>{escape(words["pay"])}</button></p>
</form>"""


def _method(account: Account, invoice: Body, outcome: Outcome) -> Body:
    billing = blanks.blank_part("payment_method", "billing_details")
    address = customers.full_address({"country": "BE"})
    billing.update(email=invoice["customer_email"], name=invoice["customer_name"], address=address)
    return methods.create(account, outcome, billing, invoice["customer"])


def _intent(account: Account, invoice: Body) -> Body | None:
    known = invoice.get("_intent")
    return account.get("payment_intent", known) if known else None


def _address(account: Account, invoice: Body) -> str:
    return f"{account.settings.address}/i/{invoice['id']}"
