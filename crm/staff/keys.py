"""Keys of programs that use the API: made and shown once, and revoked."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets
from unfold.decorators import action, display

from crm.api.models import ApiToken, Scope
from crm.api.operations import make_token, revoke_token
from crm.lib.periods import noon
from crm.staff.pages import ReadOnly
from crm.staff.site import site


class KeyForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("The program that will use the key, and who looks after it."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Rights"),
        choices=Scope.choices,
        widget=widgets.UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Expires on"),
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: never."),
    )

    def cleaned(self) -> dict[str, Any]:
        day = self.cleaned_data["expires_on"]
        return {
            "name": self.cleaned_data["name"],
            "scopes": self.cleaned_data["scopes"],
            "expires_at": noon(day) if day else None,
        }


@admin.register(ApiToken, site=site)
class KeyAdmin(ReadOnly):
    list_display = ("name", "may", "state", "created_by", "created_at", "last_used_at")
    list_select_related = ("created_by",)
    ordering = ("-pk",)
    sortable_by = ()
    actions_detail = ("revoke",)
    fields = (
        "name",
        "may",
        "created_by",
        "created_at",
        "expires_at",
        "revoked_at",
        "last_used_at",
    )
    readonly_fields = fields

    @display(description=gettext_lazy("rights"))
    def may(self, token: ApiToken) -> str:
        return ", ".join(str(Scope(scope).label) for scope in token.scopes)

    @display(description=gettext_lazy("state"), label={"valid": "success", "ended": "danger"})
    def state(self, token: ApiToken) -> tuple[str, str]:
        if token.revoked_at:
            return "ended", _("revoked")
        if token.expires_at and token.expires_at <= timezone.now():
            return "ended", _("expired")
        return "valid", _("valid")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("crm.add_apitoken")

    def has_revoke_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("crm.change_apitoken")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Make a key. It is in this one answer, and nowhere else."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = KeyForm(request.POST or None)
        back = reverse("admin:crm_apitoken_changelist")
        if not form.is_valid():
            return self.page(request, "form", _("Make an API key"), form=form, back_url=back)
        token, key = make_token(**form.cleaned(), by=request.user, at=timezone.now())
        return self.page(request, "key", _("The new key"), token=token, key=key, back_url=back)

    @action(description=gettext_lazy("Revoke"), url_path="revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; then end the key at once."""
        token = get_object_or_404(ApiToken, pk=object_id)
        back = reverse("admin:crm_apitoken_changelist")
        if request.method == "POST":
            revoke_token(token=token, by=request.user, at=timezone.now())
            messages.success(request, _("The key no longer works."))
            return redirect(back)
        question = _("Whatever uses the key “%(name)s” stops working at once.")
        return self.page(
            request,
            "confirm",
            _("Revoke a key"),
            question=question % {"name": token.name},
            submit=_("Revoke"),
            back_url=back,
        )
