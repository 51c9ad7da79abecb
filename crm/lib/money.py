"""Money: whole numbers of minor units, and an ISO 4217 code."""

import re
from decimal import Decimal
from functools import cache

from babel.numbers import format_currency, get_currency_precision, get_currency_symbol

LOCALES = {"fr": "fr_BE", "nl": "nl_BE", "en": "en_IE"}


class NotAnAmount(ValueError):
    """The text is not an amount of money."""


def parse_amount(text: str, currency: str = "EUR") -> int:
    """Read an amount as people in Belgium write it, and return minor units: of euros, cents.

    >>> parse_amount("25"), parse_amount("12,50 €"), parse_amount("1.250,5"), parse_amount("1,250")
    (2500, 1250, 125050, 125000)
    >>> parse_amount("2500", "JPY"), parse_amount("CHF 12.50", "CHF"), parse_amount("1,250", "KWD")
    (2500, 1250, 1250)

    Raises NotAnAmount for anything else, and for more decimals than the currency has.
    """
    precision = get_currency_precision(currency)
    match = amount_pattern(precision).fullmatch(without_sign(text, currency))
    if match is None:
        raise NotAnAmount(text)
    whole, rest = re.sub(r"\D", "", match["whole"]), match["rest"] or ""
    return int(whole + rest.ljust(precision, "0"))


@cache
def amount_pattern(precision: int) -> re.Pattern[str]:
    # Where a currency has three decimals, a point or comma before three digits is theirs.
    between = " '" if precision == 3 else " .,'"
    decimals = rf"(?:[.,](?P<rest>\d{{1,{precision}}}))?" if precision else "(?P<rest>)"
    return re.compile(rf"(?P<whole>\d{{1,3}}(?:[{between}]\d{{3}})+|\d+){decimals}")


def without_sign(text: str, currency: str) -> str:
    plain = text.replace("\u00a0", " ").replace("\u202f", " ")
    for sign in (currency, get_currency_symbol(currency, "en")):
        plain = plain.replace(sign, "")
    return plain.strip()


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
