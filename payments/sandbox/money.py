"""Amounts in minor units: how they are written, converted, and what each method costs."""

from decimal import ROUND_HALF_UP, Decimal

SETTLEMENT = "eur"

# Worth of one whole unit in the settlement currency; fixed, so that totals can be foretold.
RATES = {
    "eur": Decimal("1"),
    "usd": Decimal("0.9"),
    "gbp": Decimal("1.15"),
    "chf": Decimal("1.05"),
    "jpy": Decimal("0.006"),
    "krw": Decimal("0.0007"),
}
WITHOUT_CENTS = {"jpy", "krw"}
MINIMUMS = {"eur": 50, "usd": 50, "gbp": 30, "chf": 50, "jpy": 50, "krw": 100}
SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£", "chf": "CHF", "jpy": "¥", "krw": "₩"}

# Method → (thousandths of the amount, fixed cents).
FEES = {"card": (15, 25), "bancontact": (0, 39), "ideal": (0, 29), "sepa_debit": (0, 35)}
DISPUTE_FEES = {"card": 2000, "sepa_debit": 750}


def decimals(currency: str) -> int:
    """Digits after the point.

    >>> decimals("eur"), decimals("jpy")
    (2, 0)
    """
    return 0 if currency in WITHOUT_CENTS else 2


def written(amount: int, currency: str) -> str:
    """As Stripe's messages and pages write it.

    >>> written(2500, "eur"), written(-7, "eur"), written(500, "jpy")
    ('€25.00', '-€0.07', '¥500')
    """
    whole = Decimal(abs(amount)).scaleb(-decimals(currency))
    sign = "-" if amount < 0 else ""
    return f"{sign}{SYMBOLS.get(currency, currency.upper())}{whole:,.{decimals(currency)}f}"


def settled(amount: int, currency: str) -> tuple[int, float | None]:
    """The amount in the settlement currency, and the rate when there was one.

    >>> settled(2500, "eur"), settled(1000, "usd"), settled(1000, "jpy")
    ((2500, None), (900, 0.9), (600, 0.006))
    """
    if currency == SETTLEMENT:
        return amount, None
    rate = RATES[currency]
    shift = decimals(SETTLEMENT) - decimals(currency)
    converted = (Decimal(amount) * rate).scaleb(shift).quantize(Decimal(1), ROUND_HALF_UP)
    return int(converted), float(rate)


def fee(amount: int, method: str) -> int:
    """What a payment costs, halves rounded up.

    >>> fee(2500, "card"), fee(2500, "sepa_debit"), fee(100, "card")
    (63, 35, 27)
    """
    thousandths, fixed = FEES[method]
    return (amount * thousandths + 500) // 1000 + fixed
