"""A donor's details for the tax certificate. The national number is written, never shown."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries
from unfold import widgets

from crm.donations import identities
from crm.donations.papers import TaxIdentity
from crm.people.models import Supporter
from crm.staff.forms import choice, switch, text
from crm.staff.pages import StaffAdmin

FIELDS = ("given_name", "family_name", "street", "postcode", "town", "country")


class IdentityForm(forms.Form):
    given_name = text(gettext_lazy("Given name"), max_length=100)
    family_name = text(gettext_lazy("Family name or organisation"), max_length=100)
    street = text(gettext_lazy("Street and number"), max_length=120)
    postcode = text(gettext_lazy("Postcode"), max_length=12)
    town = text(gettext_lazy("Town"), max_length=80)
    country = choice(gettext_lazy("Country"), lambda: list(countries), initial="BE")
    number = text(
        gettext_lazy("National number"),
        max_length=20,
        widget=lambda: widgets.UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    forget = switch(gettext_lazy("Forget the number that we have"))

    def __init__(self, *args: Any, supporter: Supporter, has_number: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("family_name", "street", "postcode", "town"):
            self.fields[name].required = True
        is_person = supporter.kind == Supporter.Kind.PERSON
        self.fields["given_name"].required = is_person
        if not is_person:
            self.fields["number"].label = _("Enterprise number")
        self.fields["number"].help_text = told_of_number(has_number)
        if not has_number:
            del self.fields["forget"]


def told_of_number(has_number: bool) -> str:
    if has_number:
        return _("We have it, encrypted; it is never shown. Write it only to replace it.")
    return _("For the tax certificate only. It is kept encrypted and never shown.")


class IdentityPages(StaffAdmin):
    """A part of the pages of tax certificates."""

    def identity_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.identity_view)
        return [path("donor/<int:supporter_id>/", view, name="crm_supporter_tax")]

    def identity_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """Write down who a donor is for the tax authority, and where they live."""
        if not request.user.has_perms(["crm.change_taxidentity", "crm.view_supporter"]):
            raise PermissionDenied
        supporter = get_object_or_404(Supporter.objects.current(), pk=supporter_id)
        known = TaxIdentity.objects.filter(supporter=supporter).first()
        has_number = known is not None and bool(known.number)
        form = IdentityForm(
            request.POST or None,
            initial=first_values(supporter, known),
            supporter=supporter,
            has_number=has_number,
        )
        back = reverse("admin:crm_supporter_change", args=[supporter.pk])
        if form.is_valid() and self.kept(request, supporter, form):
            return redirect(back)
        title = _("Details for the tax certificate")
        return self.page(request, "form", title, subtitle=supporter, form=form, back_url=back)

    def kept(self, request: HttpRequest, supporter: Supporter, form: IdentityForm) -> bool:
        forget = form.cleaned_data.pop("forget", False)
        now = timezone.now()
        try:
            identity = identities.keep_identity(
                supporter=supporter, at=now, by=request.user, **form.cleaned_data
            )
        except identities.BadNumber as refusal:
            form.add_error("number", str(refusal.reason))
            return False
        if forget:
            identities.forget_number(identity=identity, at=now, by=request.user)
        messages.success(request, _("The details were saved."))
        return True


def first_values(supporter: Supporter, known: TaxIdentity | None) -> dict[str, Any]:
    """Begin with what is known: of the certificate, or else of the supporter."""
    if known is not None:
        return {name: getattr(known, name) for name in FIELDS}
    return {
        "given_name": supporter.given_name,
        "family_name": supporter.family_name,
        "postcode": supporter.postcode,
        "country": str(supporter.country or "BE"),
    }
