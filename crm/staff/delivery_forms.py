"""The form that asks for a pack."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.campaigns.models import Campaign
from crm.exchange.handing_over import NAMES_RIGHTS
from crm.people.models import LANGUAGES
from crm.staff.forms import choice, switch, text


class DeliveryForm(forms.Form):
    """Of which campaign, counted when, for whom, and whether it names the signers."""

    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.none(),
        widget=widgets.UnfoldAdminSelectWidget(),
    )
    as_of = forms.DateTimeField(
        label=gettext_lazy("Counted at"),
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"type": "datetime-local", "step": "1"}),
        help_text=gettext_lazy("Empty: now. The same moment can be counted again later."),
    )
    recipient = text(
        gettext_lazy("Handed to"),
        max_length=200,
        help_text=gettext_lazy("Empty: to whom the campaign is addressed. It stands in public."),
    )
    language = choice(gettext_lazy("Language of the certificate"), LANGUAGES)
    has_names = switch(
        gettext_lazy("With the names of the signers"),
        help_text=gettext_lazy(
            "Only where the authority asks for them. Else the list tells day, place and way, and "
            "nobody is named."
        ),
    )

    def __init__(self, *args: Any, reader: Any, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = now
        chosen: Any = self.fields["campaign"]
        signed = Campaign.objects.exclude(kind=Campaign.Kind.APPEAL)
        chosen.queryset = signed.with_texts().order_by("-opens_at", "-pk")
        if not reader.has_perms(NAMES_RIGHTS):
            del self.fields["has_names"]

    def clean_as_of(self) -> datetime:
        moment = self.cleaned_data["as_of"] or self.now
        if moment > self.now:
            told = _("This moment is still to come: it is %(now)s.")
            raise forms.ValidationError(told % {"now": f"{timezone.localtime(self.now):%H:%M}"})
        return moment

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        told.setdefault("has_names", False)
        return told
