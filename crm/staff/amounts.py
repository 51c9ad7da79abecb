"""Amounts of money in forms: people write euros, the database keeps cents."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.lib.money import NotAnAmount, parse_amount

DEAREST = 100_000_000  # cents; above it, somebody's finger slipped


def cents_of(text: str) -> int:
    """Return cents. Raises ValidationError, in the reader's language."""
    try:
        cents = parse_amount(text)
    except NotAnAmount:
        raise forms.ValidationError(_("Write an amount, such as 25 or 12,50.")) from None
    if not 0 < cents <= DEAREST:
        raise forms.ValidationError(_("This amount is too small or too large."))
    return cents


class AmountField(forms.CharField):
    widget = widgets.UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})

    def clean(self, value: Any) -> int:
        return cents_of(super().clean(value))


class AmountsField(forms.CharField):
    """Several amounts with blanks between them; the value is a list of cents."""

    widget = widgets.UnfoldAdminTextInputWidget

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", gettext_lazy("In euros, with blanks between: 10 25 50."))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return " ".join(f"{cents // 100},{cents % 100:02}".removesuffix(",00") for cents in value)

    def clean(self, value: Any) -> list[int]:
        return [cents_of(word) for word in super().clean(value).replace(";", " ").split()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial or []) != " ".join((data or "").split())
