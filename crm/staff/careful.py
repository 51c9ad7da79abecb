"""Forms for free text ask before they keep what looks like a report of child abuse."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.lib.abuse_reports import looks_like_report


class CarefulForm(forms.Form):
    """`free_text` names its fields that are read; their text is kept once somebody says so."""

    free_text: tuple[str, ...] = ()
    is_no_report = forms.BooleanField(
        label=gettext_lazy("This is no report of abuse, or it was reported. Keep the text."),
        required=False,
        widget=forms.HiddenInput(),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        told = any(looks_like_report(data.get(name) or "") for name in self.free_text)
        if told and not data.get("is_no_report"):
            self.ask()
        data.pop("is_no_report", None)
        return data

    def ask(self) -> None:
        """Show where abuse is reported, and a box to tick where this is something else."""
        self.fields["is_no_report"].widget = widgets.UnfoldBooleanWidget()
        self.add_error("is_no_report", warning())


def warning() -> str:
    """Return the address of the reporting site, said so that nobody misses it."""
    return format_html(
        "{} <a href='{}' rel='noreferrer'>{}</a>. {}",
        _("This looks like a report that a child is abused. Please report it here:"),
        settings.REPORT_ABUSE_URL,
        settings.REPORT_ABUSE_URL,
        _("Nothing was saved: such a report does not belong in this program."),
    )
