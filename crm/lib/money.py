"""Money: whole numbers of minor units, and an ISO 4217 code."""

import re
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision

LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_IE"}
AMOUNT = re.compile(r"(\d{1,3}(?:[ .,']\d{3})+|\d+)(?:[.,](\d{1,2}))?")


class NotAnAmount(ValueError):
    """The text is not an amount of money."""


def parse_amount(text: str) -> int:
    """Read an amount as people in Belgium write it, and return cents.

    >>> parse_amount("25"), parse_amount("12,50 €"), parse_amount("1.250,5"), parse_amount("1,250")
    (2500, 1250, 125050, 125000)

    Raises NotAnAmount for anything else.
    """
    plain = text.replace("\u00a0", " ").replace("\u202f", " ").replace("€", "").strip()
    match = AMOUNT.fullmatch(plain)
    if match is None:
        raise NotAnAmount(text)
    whole, cents = re.sub(r"\D", "", match[1]), (match[2] or "").ljust(2, "0")
    return int(whole) * 100 + int(cents)


def from_minor(units: int, currency: str) -> Decimal:
    """Turn minor units into an amount, without floats.

    >>> from_minor(1050, "EUR"), from_minor(1050, "JPY")
    (Decimal('10.50'), Decimal('1050'))
    """
    return Decimal(units).scaleb(-get_currency_precision(currency.upper()))


def format_money(units: int, currency: str, language: str) -> str:
    """Write an amount in a reader's notation; whole euros without cents.

    >>> format_money(2500, "EUR", "en"), format_money(1250, "EUR", "en")
    ('€25', '€12.50')
    """
    amount = from_minor(units, currency)
    locale = LOCALES.get(language, language)
    if amount != amount.to_integral_value():
        return format_currency(amount, currency, locale=locale)
    text = format_currency(amount, currency, locale=locale, currency_digits=False)
    return re.sub(r"[.,]00(?!\d)", "", text)
