"""The words of the hosted pages in the languages the local Stripe speaks."""

from payments.sandbox import money
from payments.sandbox.store import Body

DEFAULT = "en"

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "test_mode": "Test mode",
        "test_note": "No money moves. You decide how the payment ends.",
        "pay_to": "Payment to {name}",
        "total": "Total",
        "per_period": "{amount} every {count} {unit}",
        "every_day": "{amount} a day",
        "every_week": "{amount} a week",
        "every_month": "{amount} a month",
        "every_year": "{amount} a year",
        "error_card_declined": "Your card was declined.",
        "error_at_bank": "You did not confirm the payment at your bank. Please try again.",
        "email": "E-mail",
        "name": "Name",
        "how": "How should it end?",
        "pay": "Pay",
        "back": "Back without paying",
        "failed": "The payment did not succeed",
        "expired": "This payment page has expired.",
        "complete": "This has already been paid.",
        "unknown": "There is no such page here.",
        "continue": "Continue",
        "need_email": "Please enter an e-mail address.",
        "need_choice": "Please choose how the payment should end.",
        "bank": "Your bank",
        "bank_asks": "{name} asks for {amount}. Do you authorise this payment?",
        "authorise": "Authorise",
        "refuse": "Refuse",
        "bank_done": "Nothing is waiting for your answer here.",
        "portal": "Your payments to {name}",
        "portal_none": "You have no running payment.",
        "cancel_plan": "Stop at the end of the period",
        "keep_plan": "Do not stop after all",
        "ends": "Ends on {day}.",
        "renews": "Next payment on {day}.",
        "return": "Back",
        "day": "day(s)",
        "week": "week(s)",
        "month": "month(s)",
        "year": "year(s)",
        "card": "Card: paid",
        "card_declined": "Card: declined",
        "card_3ds": "Card: the bank asks for a confirmation",
        "card_renewal_fails": "Card: paid now, declined at renewal",
        "bancontact": "Bancontact",
        "ideal": "iDEAL",
        "sepa_debit": "Direct debit (SEPA): paid later",
        "sepa_debit_fails": "Direct debit (SEPA): fails later",
    },
    "fr": {
        "test_mode": "Mode test",
        "test_note": "Aucun argent ne circule. Vous décidez de l’issue du paiement.",
        "pay_to": "Paiement à {name}",
        "total": "Total",
        "per_period": "{amount} tous les {count} {unit}",
        "every_day": "{amount} par jour",
        "every_week": "{amount} par semaine",
        "every_month": "{amount} par mois",
        "every_year": "{amount} par an",
        "error_card_declined": "Votre carte a été refusée.",
        "error_at_bank": "Vous n’avez pas confirmé le paiement auprès de votre banque. Réessayez.",
        "email": "Adresse e-mail",
        "name": "Nom",
        "how": "Comment cela doit-il finir ?",
        "pay": "Payer",
        "back": "Revenir sans payer",
        "failed": "Le paiement n’a pas abouti",
        "expired": "Cette page de paiement a expiré.",
        "complete": "Ce paiement a déjà été fait.",
        "unknown": "Il n’y a pas de page à cette adresse.",
        "continue": "Continuer",
        "need_email": "Indiquez une adresse e-mail.",
        "need_choice": "Choisissez l’issue du paiement.",
        "bank": "Votre banque",
        "bank_asks": "{name} demande {amount}. Autorisez-vous ce paiement ?",
        "authorise": "Autoriser",
        "refuse": "Refuser",
        "bank_done": "Rien n’attend votre réponse ici.",
        "portal": "Vos paiements à {name}",
        "portal_none": "Vous n’avez aucun paiement en cours.",
        "cancel_plan": "Arrêter à la fin de la période",
        "keep_plan": "Ne pas arrêter finalement",
        "ends": "Prend fin le {day}.",
        "renews": "Prochain paiement le {day}.",
        "return": "Retour",
        "day": "jour(s)",
        "week": "semaine(s)",
        "month": "mois",
        "year": "an(s)",
        "card": "Carte : payé",
        "card_declined": "Carte : refusée",
        "card_3ds": "Carte : la banque demande une confirmation",
        "card_renewal_fails": "Carte : payé maintenant, refusée au renouvellement",
        "bancontact": "Bancontact",
        "ideal": "iDEAL",
        "sepa_debit": "Domiciliation (SEPA) : payé plus tard",
        "sepa_debit_fails": "Domiciliation (SEPA) : échoue plus tard",
    },
    "nl": {
        "test_mode": "Testmodus",
        "test_note": "Er gaat geen geld over. U bepaalt hoe de betaling afloopt.",
        "pay_to": "Betaling aan {name}",
        "total": "Totaal",
        "per_period": "{amount} elke {count} {unit}",
        "every_day": "{amount} per dag",
        "every_week": "{amount} per week",
        "every_month": "{amount} per maand",
        "every_year": "{amount} per jaar",
        "error_card_declined": "Uw kaart is geweigerd.",
        "error_at_bank": "U hebt de betaling niet bevestigd bij uw bank. Probeer opnieuw.",
        "email": "E-mailadres",
        "name": "Naam",
        "how": "Hoe moet het aflopen?",
        "pay": "Betalen",
        "back": "Terug zonder te betalen",
        "failed": "De betaling is niet gelukt",
        "expired": "Deze betaalpagina is verlopen.",
        "complete": "Dit is al betaald.",
        "unknown": "Op dit adres is geen pagina.",
        "continue": "Verder",
        "need_email": "Vul een e-mailadres in.",
        "need_choice": "Kies hoe de betaling moet aflopen.",
        "bank": "Uw bank",
        "bank_asks": "{name} vraagt {amount}. Keurt u deze betaling goed?",
        "authorise": "Goedkeuren",
        "refuse": "Weigeren",
        "bank_done": "Hier wacht niets op uw antwoord.",
        "portal": "Uw betalingen aan {name}",
        "portal_none": "U hebt geen lopende betaling.",
        "cancel_plan": "Stoppen aan het einde van de periode",
        "keep_plan": "Toch niet stoppen",
        "ends": "Eindigt op {day}.",
        "renews": "Volgende betaling op {day}.",
        "return": "Terug",
        "day": "dag(en)",
        "week": "week/weken",
        "month": "maand(en)",
        "year": "jaar",
        "card": "Kaart: betaald",
        "card_declined": "Kaart: geweigerd",
        "card_3ds": "Kaart: de bank vraagt een bevestiging",
        "card_renewal_fails": "Kaart: nu betaald, geweigerd bij verlenging",
        "bancontact": "Bancontact",
        "ideal": "iDEAL",
        "sepa_debit": "Domiciliëring (SEPA): later betaald",
        "sepa_debit_fails": "Domiciliëring (SEPA): mislukt later",
    },
}


def amount_in(language: str, amount: int, currency: str) -> str:
    """An amount as the language writes it.

    >>> [amount_in(language, 2500, "eur") for language in ("en", "nl", "fr")]
    ['€25.00', '€\xa025,00', '25,00\xa0€']
    """
    written = money.written(amount, currency)
    if language == DEFAULT:
        return written
    symbol = money.SYMBOLS[currency]
    digits = written.removeprefix(symbol).translate(str.maketrans(",.", ".,"))
    space = "\xa0"
    return f"{digits}{space}{symbol}" if language == "fr" else f"{symbol}{space}{digits}"


def rhythm(language: str, amount: int, price: Body) -> str:
    """A recurring amount, e.g. “€10.00 a month”."""
    words = WORDS[language]
    unit, count = price["recurring"]["interval"], price["recurring"]["interval_count"]
    written = amount_in(language, amount, price["currency"])
    if count == 1:
        return words[f"every_{unit}"].format(amount=written)
    return words["per_period"].format(amount=written, count=count, unit=words[unit])


def language_of(session: Body | None, accepted: str = "") -> str:
    """The session's locale, else the browser's, else English."""
    asked = (session or {}).get("locale") or "auto"
    if asked == "auto":
        asked = accepted
    code = asked[:2].lower()
    return code if code in WORDS else DEFAULT
