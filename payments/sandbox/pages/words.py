"""How the hosted pages write amounts and dates, and in which language."""

from datetime import UTC, datetime

from payments.sandbox import money
from payments.sandbox.pages.dictionary import WORDS
from payments.sandbox.store import Body

DEFAULT = "en"


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


def date_in(language: str, moment: int) -> str:
    """A day as the language writes it.

    >>> [date_in(language, 1_798_070_400) for language in ("en", "nl", "fr")]
    ['24 December 2026', '24/12/2026', '24/12/2026']
    """
    day = datetime.fromtimestamp(moment, UTC)
    return f"{day.day} {day:%B %Y}" if language == DEFAULT else f"{day:%d/%m/%Y}"


def language_of(session: Body | None, accepted: str = "") -> str:
    """The session's locale, else the browser's, else English."""
    asked = (session or {}).get("locale") or "auto"
    if asked == "auto":
        asked = accepted
    code = asked[:2].lower()
    return code if code in WORDS else DEFAULT
