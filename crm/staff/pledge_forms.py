"""The forms of pledges: what is promised and in which parts, and how a part was paid."""

import uuid
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.campaigns.models import Campaign
from crm.donations.models import Fund, Gift
from crm.donations.promises import MOST_PARTS, Part, schedule
from crm.staff.amounts import AmountField, cents_of
from crm.staff.forms import choice, day, somebody, switch, text
from crm.staff.gift_fields import BY_HAND, chosen
from crm.staff.matching_gifts import told
from crm.staff.pages import money

RHYTHMS = {
    "1": gettext_lazy("every month"),
    "3": gettext_lazy("every three months"),
    "12": gettext_lazy("every year"),
}
DAYS = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d")
MOST_GIFTS = 100  # of the donor, the newest


class PledgeForm(forms.Form):
    """A sum, and the parts in which it is to come."""

    key = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)
    supporter = somebody(gettext_lazy("Supporter"))
    promised_on = day(gettext_lazy("Promised on"))
    amount = AmountField(label=gettext_lazy("Total in euros"))
    number = forms.IntegerField(
        label=gettext_lazy("Number of instalments"),
        initial=1,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PARTS)],
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )
    months = choice(gettext_lazy("How often"), list(RHYTHMS.items()))
    first_on = day(gettext_lazy("First instalment on"))
    own_parts = text(
        gettext_lazy("Or other instalments"),
        widget=lambda: widgets.UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "One on each line, day and amount: 15/05/2026 100. They replace the three fields above."
        ),
    )
    campaign = chosen(gettext_lazy("Campaign"), Campaign.objects.with_texts())
    fund = chosen(gettext_lazy("Fund"), Fund.objects.filter(is_open=True).order_by("name"))
    note = text(gettext_lazy("Note"), max_length=200)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if self.data.get("own_parts", "").strip():
            for name in ("number", "first_on"):
                self.fields[name].required = False

    def clean_promised_on(self) -> date:
        if self.cleaned_data["promised_on"] > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return self.cleaned_data["promised_on"]

    def clean_own_parts(self) -> list[Part]:
        lines = self.cleaned_data["own_parts"].splitlines()
        parts = [part_of(number, line) for number, line in enumerate(lines, 1) if line.strip()]
        if len(parts) > MOST_PARTS:
            raise forms.ValidationError(_("At most %(most)s instalments.") % {"most": MOST_PARTS})
        if len({part.due_on for part in parts}) < len(parts):
            raise forms.ValidationError(_("Two instalments are due on the same day."))
        return sorted(parts)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        total, own = data.get("amount"), sum(part.amount for part in data.get("own_parts") or [])
        if total and own and total != own:
            line = _("The instalments add up to %(own)s, and the total is %(total)s.")
            self.add_error("own_parts", line % {"own": money(own), "total": money(total)})
        if total and not own and total < (data.get("number") or 1):
            self.add_error("number", _("These are more instalments than cents."))
        return data

    def parts(self) -> list[Part]:
        """The schedule that the answers make."""
        data = self.cleaned_data
        return data["own_parts"] or schedule(
            amount=data["amount"],
            number=data["number"],
            months=int(data["months"]),
            first_on=data["first_on"],
        )

    def promised(self) -> dict[str, Any]:
        """What `promise` needs."""
        names = ("key", "supporter", "promised_on", "campaign", "fund", "note")
        return {**{name: self.cleaned_data[name] for name in names}, "parts": self.parts()}


class PaymentForm(forms.Form):
    """A part that came by hand."""

    key = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid.uuid4)
    amount = AmountField(label=gettext_lazy("Amount in euros"))
    received_on = day(gettext_lazy("Received on"))
    method = choice(gettext_lazy("Method"), [(each.value, each.label) for each in BY_HAND])
    thank = switch(gettext_lazy("Send the thank-you mail with a receipt"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_received_on(self) -> date:
        if self.cleaned_data["received_on"] > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return self.cleaned_data["received_on"]


class KnownGiftForm(forms.Form):
    """A part that is one of the donor's gifts already."""

    gift = chosen(gettext_lazy("Gift of the donor"), Gift.objects.none())

    def __init__(self, *args: Any, gifts: QuerySet[Gift], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = gifts.order_by("-received_on", "-pk").values_list("pk", flat=True)[:MOST_GIFTS]
        field: Any = self.fields["gift"]
        field.queryset = Gift.objects.filter(pk__in=list(newest)).order_by("-received_on", "-pk")
        field.required, field.label_from_instance = True, told


def part_of(number: int, line: str) -> Part:
    """Read a line with a day and an amount. Raises ValidationError, which names the line."""
    first, _blank, rest = line.strip().partition(" ")
    try:
        return Part(day_of(first), cents_of(rest.strip()))
    except ValueError:
        told = _("Line %(number)s: write a day and an amount, such as 15/05/2026 100.")
        raise forms.ValidationError(told % {"number": number}) from None
    except forms.ValidationError as error:
        told = _("Line %(number)s: %(error)s")
        raise forms.ValidationError(told % {"number": number, "error": error.messages[0]}) from None


def day_of(word: str) -> date:
    for form in DAYS:
        try:
            return datetime.strptime(word, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    raise ValueError(word)
