"""The donation form, open or closed, and how its defence against card testing stands."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from crm.lib.network import network_of
from crm.staff.pages import ReadOnly
from crm.staff.site import site
from payments import shield
from payments.defence import FormSwitch

ADDRESS = "admin:payments_formswitch_changelist"
SPANS = [
    (gettext_lazy("Last ten minutes"), timedelta(minutes=10)),
    (gettext_lazy("Last hour"), timedelta(hours=1)),
    (gettext_lazy("Last day"), timedelta(days=1)),
]


class SwitchForm(forms.Form):
    """Why the form is closed, or opened again."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Only staff read it. Donors are told that the form takes a break."),
    )

    def __init__(self, *args: Any, is_open: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not is_open:
            self.fields["reason"].required = False
            self.fields["reason"].help_text = _("Only staff read it.")


@admin.register(FormSwitch, site=site)
class FormSwitchAdmin(ReadOnly):
    fields = ("is_open", "reason", "at", "by")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show how the form stands, and let those who may switch it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        is_open, may_switch = shield.is_open(), request.user.has_perm("payments.add_formswitch")
        if request.method == "POST" and not may_switch:
            raise PermissionDenied
        form = SwitchForm(request.POST or None, is_open=is_open)
        if form.is_valid():
            return self.switch(
                request, to_open=request.POST.get("to") == "open", **form.cleaned_data
            )
        context = {"form": form, "may_switch": may_switch, **situation(request, timezone.now())}
        return self.page(request, "form_switch", _("Donation form"), **context)

    def switch(self, request: HttpRequest, *, to_open: bool, reason: str) -> HttpResponse:
        shield.switch_form(is_open=to_open, reason=reason, by=request.user, at=timezone.now())
        return redirect(ADDRESS)


def situation(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """Return what the page tells."""
    switches = FormSwitch.objects.select_related("by").order_by("-pk")
    return {
        "is_open": shield.is_open(),
        "switch": switches.first(),
        "switches": switches[:10],
        "guard_until": shield.on_guard_until(now),
        "spans": [(title, shield.tallies(since=now - span)) for title, span in SPANS],
        "hides_addresses": not settings.DEBUG and not network_of(request),
    }
