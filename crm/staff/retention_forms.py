"""How long something is kept, as staff set it."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.privacy.keeping import LONGEST, Rule, least_of
from crm.staff.forms import switch


class RuleForm(forms.Form):
    """A term and a switch; `shown` holds those whose effect the reader was shown."""

    months = forms.IntegerField(
        label=gettext_lazy("Kept for, in months"),
        max_value=LONGEST,
        widget=widgets.UnfoldAdminIntegerFieldWidget(),
    )
    is_on = switch(gettext_lazy("Carry out every night"))
    shown = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, sent: Any, *, rule: Rule, now: datetime) -> None:
        super().__init__(sent, initial={"months": rule.months, "is_on": rule.is_on})
        least: Any = self.fields["months"]
        self.fields["months"] = forms.IntegerField(
            label=least.label,
            min_value=least_of(rule, now),
            max_value=LONGEST,
            widget=least.widget,
        )

    @property
    def said(self) -> str:
        return f"{self.cleaned_data['months']} {self.cleaned_data['is_on']}"

    def is_confirmed(self) -> bool:
        """Whether what is sent is what the reader was shown the effect of."""
        return self.is_valid() and self.cleaned_data["shown"] == self.said

    def show(self) -> None:
        """Let the next sending of the same values be the confirmation."""
        sent = {name: self.data[name] for name in self.data}
        self.data = {**sent, "shown": self.said}
