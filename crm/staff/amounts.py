"""Amounts of money in forms: people write euros, the database keeps cents."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.lib.money import NotAnAmount, from_minor, parse_amount

DEAREST = 100_000_000  # cents; above it, somebody's finger slipped


def cents_of(text: str, currency: str = "EUR") -> int:
    """Return minor units. Raises ValidationError, in the reader's language."""
    try:
        cents = parse_amount(text, currency)
    except NotAnAmount:
        raise forms.ValidationError(_("Write an amount, such as 25 or 12,50.")) from None
    if not 0 < cents <= DEAREST:
        raise forms.ValidationError(_("This amount is too small or too large."))
    return cents


def written(units: int, currency: str = "EUR") -> str:
    """Return an amount as it can be typed.

    >>> written(2500), written(1250), written(2500, "JPY")
    ('25', '12,50', '2500')
    """
    return str(from_minor(units, currency)).replace(".", ",").removesuffix(",00")


class AmountField(forms.CharField):
    """Minor units of `currency`, or None where the field may be left empty and is."""

    widget = widgets.UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
    currency = "EUR"

    def prepare_value(self, value: Any) -> Any:
        return written(value, self.currency) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return cents_of(text, self.currency) if text else None


class AmountsField(forms.CharField):
    """Several amounts with blanks between them; the value is a list of cents."""

    widget = widgets.UnfoldAdminTextInputWidget

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", gettext_lazy("In euros, with blanks between: 10 25 50."))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return " ".join(map(written, value))

    def clean(self, value: Any) -> list[int]:
        return [cents_of(word) for word in super().clean(value).replace(";", " ").split()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial or []) != " ".join((data or "").split())
