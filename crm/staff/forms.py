"""Forms of staff pages, dressed as unfold's own."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest
from unfold import widgets

from crm.donations.models import Gift
from crm.people.models import Supporter
from crm.staff.site import site


def text(label: Any, *, widget: Any = widgets.UnfoldAdminTextInputWidget, **options: Any) -> Any:
    return forms.CharField(label=label, widget=widget(), required=False, **options)


def choice(label: Any, choices: Any, **options: Any) -> Any:
    return forms.ChoiceField(
        label=label, choices=choices, widget=widgets.UnfoldAdminSelectWidget(), **options
    )


def address(label: Any) -> Any:
    widget = widgets.UnfoldAdminEmailInputWidget()
    return forms.EmailField(label=label, widget=widget, required=False)


def day(label: Any, **options: Any) -> Any:
    widget = widgets.UnfoldAdminTextInputWidget(attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **options)


def switch(label: Any, **options: Any) -> Any:
    widget = widgets.UnfoldBooleanSwitchWidget()
    return forms.BooleanField(label=label, widget=widget, required=False, **options)


def somebody(label: Any, **options: Any) -> Any:
    """A supporter, found by typing a few letters."""
    return forms.ModelChoiceField(
        label=label,
        queryset=Supporter.objects.current(),
        widget=AutocompleteSelect(Gift._meta.get_field("supporter"), site),
        **options,
    )


def told_supporter(request: HttpRequest) -> str:
    """Return the supporter whom the address of a form names, or "" when it names none."""
    told = request.GET.get("supporter", "")
    return told if told.isdecimal() else ""
