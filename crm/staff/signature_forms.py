"""Which signatures: what staff say of them."""

from hashlib import sha256
from ipaddress import ip_network
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.campaigns.models import Campaign, Signature
from crm.campaigns.withdrawing import STANDING, Pattern

PARTS = ("address", "network", "since")


class PatternForm(forms.Form):
    """A pattern; `shown` tells on how many signatures the reader was shown the effect."""

    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.all(),
        required=False,
        empty_label=gettext_lazy("All campaigns"),
        widget=widgets.UnfoldAdminSelectWidget(),
    )
    address = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        required=False,
        help_text=gettext_lazy("An asterisk stands for anything: *@example.org, test*@*."),
        widget=widgets.UnfoldAdminTextInputWidget(),
    )
    network = forms.CharField(
        label=gettext_lazy("Network"),
        max_length=50,
        required=False,
        help_text=gettext_lazy(
            "An address or a block: 192.0.2.17, 192.0.2.0/24. Kept for a month after signing."
        ),
        widget=widgets.UnfoldAdminTextInputWidget(),
    )
    since = forms.DateTimeField(
        label=gettext_lazy("Signed from"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Signed until"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    states = forms.MultipleChoiceField(
        label=gettext_lazy("State"),
        choices=[(each.value, each.label) for each in map(Signature.Status, STANDING)],
        initial=list(STANDING),
        error_messages={"required": gettext_lazy("Choose at least one state.")},
        widget=forms.CheckboxSelectMultiple(),
    )
    shown = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, sent: Any = None, **options: Any) -> None:
        super().__init__(sent, **options)
        campaigns: Any = self.fields["campaign"]
        campaigns.queryset = Campaign.objects.with_texts().order_by("-opens_at")

    def clean_network(self) -> str:
        told = self.cleaned_data["network"].strip()
        if not told:
            return ""
        try:
            return str(ip_network(told, strict=False))
        except ValueError as error:
            words = _("This is neither an address nor a block such as 192.0.2.0/24.")
            raise forms.ValidationError(words) from error

    def clean_address(self) -> str:
        told = self.cleaned_data["address"].strip().lower()
        if told and "@" not in told:
            raise forms.ValidationError(_("Write it with its @: *@example.org."))
        return told

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        since, until = fields.get("since"), fields.get("until")
        if since and until and until <= since:
            self.add_error("until", _("This is before the beginning."))
        is_held_only = fields.get("states") == [Signature.Status.HELD]
        if not self.errors and not is_held_only and not any(fields[name] for name in PARTS):
            words = _("Say an address, a network or from when: all signatures are never meant.")
            raise forms.ValidationError(words)
        return fields

    def pattern(self) -> Pattern:
        told = self.cleaned_data
        return Pattern(
            statuses=tuple(told["states"]),
            **{name: told[name] for name in ("campaign", "address", "network", "since", "until")},
        )

    def told(self, number: int) -> str:
        """Name a pattern and how many it found, as the confirmation repeats it."""
        sent: Any = self.data
        values = {name: sent.getlist(name) for name in self.fields if name != "shown"}
        return f"{number}:{sha256(repr(values).encode()).hexdigest()}"

    def show(self, number: int) -> None:
        """Let the next sending of the same values be the confirmation for so many."""
        sent: Any = self.data
        self.data = sent = sent.copy()
        sent["shown"] = self.told(number)

    @property
    def confirmed(self) -> int | None:
        """How many the reader saw, where this very pattern was shown to them."""
        shown = self.cleaned_data["shown"]
        number = shown.partition(":")[0]
        is_same = number.isdecimal() and shown == self.told(int(number))
        return int(number) if is_same else None
