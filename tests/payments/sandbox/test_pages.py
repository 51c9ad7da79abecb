import re

import pytest


def choices(page):
    return re.findall(r'name="outcome" value="(\w+)"', page.text)


@pytest.mark.parametrize(
    ("locale", "words", "amount"),
    [
        ("fr", "Paiement à", "25,00\xa0€"),
        ("nl", "Betaling aan", "€\xa025,00"),
        ("en", "Payment to", "€25.00"),
    ],
)
def test_page_speaks_the_language_of_the_session(sandbox, gift, locale, words, amount):
    page = sandbox.get(gift(locale=locale).url)

    assert f'<html lang="{locale}">' in page.text
    assert words in page.text
    assert amount in page.text
    assert 'value="donor@example.org"' in page.text


def test_page_without_a_locale_speaks_the_language_of_the_browser(sandbox, gift):
    page = sandbox.get(gift().url, **{"Accept-Language": "nl-BE,nl;q=0.9"})

    assert "Testmodus" in page.text


def test_page_offers_what_the_session_allows(sandbox, gift, monthly):
    everything = choices(sandbox.get(gift().url))
    some = choices(sandbox.get(gift(allowed_payment_method_types=["bancontact", "card"]).url))
    renewing = choices(sandbox.get(monthly().url))

    assert everything == [
        "card",
        "card_declined",
        "card_3ds",
        "bancontact",
        "ideal",
        "sepa_debit",
        "sepa_debit_fails",
    ]
    assert some == ["card", "card_declined", "card_3ds", "bancontact"]
    assert "card_renewal_fails" in renewing


def test_page_of_a_monthly_gift_says_how_often_it_is_paid(sandbox, monthly):
    page = sandbox.get(monthly(locale="fr").url)

    assert "10,00\xa0€ par mois" in page.text


def test_decline_is_told_in_the_language_of_the_session(sandbox, gift):
    session = gift(locale="nl")

    page = sandbox.get(sandbox.pay(session.url, "card_declined"))

    assert "Uw kaart is geweigerd." in page.text


def test_page_escapes_what_it_shows(sandbox, gift):
    price = {"currency": "eur", "unit_amount": 2500, "product_data": {"name": "<b>Gift</b>"}}

    page = sandbox.get(gift(line_items=[{"quantity": 1, "price_data": price}]).url)

    assert "&lt;b&gt;Gift&lt;/b&gt;" in page.text


def test_page_links_back_for_those_who_do_not_want_to_pay(sandbox, gift):
    page = sandbox.get(gift(locale="en").url)

    assert '<a href="http://localhost/give">Back without paying</a>' in page.text


def test_page_without_a_choice_or_an_address_asks_for_it(sandbox, gift):
    page = gift(locale="en").url

    no_choice = sandbox.post(page, {"email": "a@example.org"})
    not_offered = sandbox.post(page, {"email": "a@example.org", "outcome": "card_renewal_fails"})

    assert no_choice.status_code == 422
    assert "Please choose how the payment should end." in no_choice.text
    assert not_offered.status_code == 422


def test_page_of_a_paid_session_says_so(sandbox, gift):
    session = gift(locale="en")
    sandbox.pay(session.url)

    page = sandbox.get(session.url)

    assert "This has already been paid." in page.text
    assert f"http://localhost/thanks?sid={session.id}" in page.text


def test_page_of_an_expired_session_says_so_and_takes_nothing(sandbox, api, gift):
    session = gift(locale="en")
    api.v1.checkout.sessions.expire(session.id)

    page = sandbox.get(session.url)
    tried = sandbox.post(session.url, {"outcome": "card", "email": "a@example.org"})

    assert "This payment page has expired." in page.text
    assert "This payment page has expired." in tried.text
    assert api.v1.charges.list().data == []


def test_page_nobody_made_is_not_found(sandbox):
    assert sandbox.get("/c/pay/cs_test_nothing").status_code == 404
    assert sandbox.get("/_bank/pi_nothing").status_code == 404
    assert sandbox.get("/elsewhere").status_code == 404


def test_bank_asks_once(sandbox, api, gift):
    session = gift(locale="fr")
    answer = sandbox.post(session.url, {"outcome": "bancontact", "email": "a@example.org"})
    bank = answer.headers["Location"]

    asked = sandbox.get(bank)
    sandbox.post(bank, {"answer": "authorise"})
    sandbox.post(bank, {"answer": "refuse"})

    assert "Autorisez-vous ce paiement" in asked.text
    assert "Rien n’attend votre réponse ici." in sandbox.get(bank).text
    assert api.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_customer_ends_and_keeps_a_subscription_in_the_portal(sandbox, api, monthly):
    session = monthly()
    sandbox.pay(session.url)
    done = api.v1.checkout.sessions.retrieve(session.id)
    portal = api.v1.billing_portal.sessions.create(
        {"customer": done.customer, "return_url": "http://localhost/me", "locale": "en"}
    )

    def press(action):
        sandbox.post(portal.url, {"action": action, "subscription": done.subscription})
        return api.v1.subscriptions.retrieve(done.subscription).cancel_at_period_end

    assert "Next payment on" in sandbox.get(portal.url).text
    assert press("cancel") is True
    assert "Do not stop after all" in sandbox.get(portal.url).text
    assert press("keep") is False


def test_home_page_lists_what_there_is_with_buttons(sandbox, api, gift, monthly):
    sandbox.pay(gift().url, "sepa_debit")
    sandbox.pay(monthly().url)
    intent = api.v1.checkout.sessions.list().data[1].payment_intent

    page = sandbox.get("/")
    pressed = sandbox.post(f"/_sandbox/payment_intents/{intent}/settle", {"from": "home"})

    assert f"/_sandbox/payment_intents/{intent}/settle" in page.text
    assert "Renew now" in page.text
    assert (pressed.status_code, pressed.headers["Location"]) == (303, "/")
    assert api.v1.payment_intents.retrieve(intent).status == "succeeded"


def test_receipt_mandate_and_invoice_addresses_lead_somewhere(sandbox, api, monthly):
    sandbox.pay(monthly().url, "sepa_debit")
    charge = api.v1.charges.list().data[0]
    mandate = api.v1.mandates.retrieve(charge.payment_method_details.sepa_debit.mandate)
    invoice = api.v1.invoices.list().data[0]

    addresses = [
        charge.receipt_url,
        mandate.payment_method_details.sepa_debit.url,
        invoice.hosted_invoice_url,
        invoice.invoice_pdf,
    ]

    assert [sandbox.get(address).status_code for address in addresses] == [200] * 4
