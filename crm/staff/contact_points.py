"""How a supporter is reached: each address and number is added, changed, preferred, removed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.lib.periods import local_day
from crm.people import addressing
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.models import Supporter
from crm.people.operations import EmailTaken
from crm.privacy.arriving import forget_bounces
from crm.staff.editing import Edit
from crm.staff.point_forms import (
    AddressForm,
    EmailForm,
    NewAddressForm,
    NewEmailForm,
    NewPhoneForm,
    PhoneForm,
)

SOURCE = "staff"


@dataclass(frozen=True)
class Kind:
    """One of the three ways to reach somebody: its words, its forms, its operations."""

    model: Any
    field: str  # how its operations call a row
    rights: tuple[str, str]  # to add one, to change one
    new: Any
    change: Any
    prefer: Any
    add_form: type[forms.Form]
    edit_form: type[forms.Form]


KINDS = {
    "email": Kind(
        EmailAddress,
        "email",
        ("crm.change_emailaddress", "crm.change_emailaddress"),
        gettext_lazy("Add an e-mail address"),
        gettext_lazy("Change an e-mail address"),
        gettext_lazy("Write to this one"),
        NewEmailForm,
        EmailForm,
    ),
    "phone": Kind(
        Phone,
        "phone",
        ("crm.add_phone", "crm.change_phone"),
        gettext_lazy("Add a telephone"),
        gettext_lazy("Change a telephone"),
        gettext_lazy("Call this one first"),
        NewPhoneForm,
        PhoneForm,
    ),
    "address": Kind(
        PostalAddress,
        "address",
        ("crm.add_postaladdress", "crm.change_postaladdress"),
        gettext_lazy("Add a postal address"),
        gettext_lazy("Change a postal address"),
        gettext_lazy("Send letters there"),
        NewAddressForm,
        AddressForm,
    ),
}


class ContactPointPages:
    """The part of the supporters' pages that is about reaching them."""

    admin_site: Any
    page: Callable[..., HttpResponse]

    def contact_point_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        new, change = wrap(self.new_point_view), wrap(self.point_view)
        return [
            route
            for name, kind in KINDS.items()
            for route in (
                path(
                    f"<int:supporter_id>/new-{name}/",
                    new,
                    {"kind": name},
                    name=f"crm_supporter_new_{name}",
                ),
                path(
                    f"{name}/<int:point_id>/",
                    change,
                    {"kind": name},
                    name=f"crm_{kind.model._meta.model_name}_edit",
                ),
            )
        ]

    def new_point_view(self, request: HttpRequest, supporter_id: int, kind: str) -> HttpResponse:
        """Add a way to reach a supporter."""
        this = KINDS[kind]
        check(request, this.rights[0])
        supporter = get_object_or_404(Supporter.objects.current(), pk=supporter_id)
        initial = {"country": str(supporter.country)}
        form = this.add_form(request.POST or None, initial=initial)
        if form.is_valid() and added(request, kind, supporter, form):
            return redirect("admin:crm_supporter_change", supporter.pk)
        back = reverse("admin:crm_supporter_change", args=[supporter.pk])
        return self.page(
            request, "form", this.new, form=form, subtitle=supporter, back_url=back, submit=_("Add")
        )

    @transaction.atomic
    def point_view(self, request: HttpRequest, point_id: int, kind: str) -> HttpResponse:
        """Change a way to reach somebody, prefer it, or take it away."""
        this = KINDS[kind]
        check(request, this.rights[1])
        point = found(this, point_id)
        edit = Edit(request, this.edit_form, record=point, now=stands(this, point))
        if request.POST and done(request, kind, point, edit):
            return redirect("admin:crm_supporter_change", point.supporter_id)
        back = reverse("admin:crm_supporter_change", args=[point.supporter_id])
        told = {"point": point, "kind": this, "is_preferred": is_preferred(point), "back_url": back}
        return self.page(request, "supporter_point", this.change, **edit.context, **told)


def check(request: HttpRequest, right: str) -> None:
    if not request.user.has_perms(["crm.view_supporter", right]):
        raise PermissionDenied


def found(kind: Kind, point_id: int) -> Any:
    """Return an address or number of a current supporter, locked until the commit."""
    rows = kind.model.objects.select_related("supporter").select_for_update(of=("self",))
    point = get_object_or_404(rows, pk=point_id)
    if point.supporter.merged_into_id or point.supporter.erased_at:
        raise Http404
    return point


def stands(kind: Kind, point: Any) -> dict[str, Any]:
    return {name: getattr(point, name) for name in kind.edit_form.base_fields}


def is_preferred(point: Any) -> bool:
    if isinstance(point, EmailAddress):
        return point.address == point.supporter.email
    return point.is_preferred


def added(request: HttpRequest, kind: str, supporter: Supporter, form: forms.Form) -> bool:
    add = {
        "email": addressing.add_email,
        "phone": addressing.add_phone,
        "address": addressing.add_address,
    }[kind]
    told = {"supporter": supporter, "source": SOURCE, "at": timezone.now(), "by": request.user}
    try:
        add(**told, **form.cleaned_data)  # type: ignore[operator]
    except EmailTaken as taken:
        form.add_error("address", whose(taken.supporter_id))
    except ValueError:
        form.add_error("number", _("This is not a telephone number."))
    else:
        messages.success(request, _("It was added."))
    return not form.errors


def whose(supporter_id: int) -> Any:
    """Say whose an address is, with a way there."""
    other = Supporter.objects.get(pk=supporter_id)
    link = reverse("admin:crm_supporter_change", args=[other.pk])
    return format_html(
        '{} <a href="{}" class="st-link">{}</a>', _("This is the address of:"), link, other
    )


def done(request: HttpRequest, kind: str, point: Any, edit: Edit) -> bool:
    """Do what the pressed button says. Only "save" reads the form."""
    who = {KINDS[kind].field: point, "at": timezone.now(), "by": request.user}
    action = request.POST.get("action", "save")
    if action == "prefer":
        PREFER[kind](**who)
    elif action == "remove":
        return removed(request, kind, who)
    elif not edit.is_ready():
        return False
    else:
        save(kind, who, edit.values)
    messages.success(request, _("The change was saved."))
    return True


PREFER: dict[str, Callable[..., Any]] = {
    "email": addressing.make_primary,
    "phone": addressing.prefer_phone,
    "address": addressing.prefer_address,
}
REMOVE: dict[str, Callable[..., None]] = {
    "email": addressing.remove_email,
    "phone": addressing.remove_phone,
    "address": addressing.remove_address,
}


def removed(request: HttpRequest, kind: str, who: dict[str, Any]) -> bool:
    try:
        REMOVE[kind](**who)
    except addressing.StillNeeded:
        told = _("This address has a past with us: mark it as no longer theirs instead.")
        messages.error(request, told)
        return False
    messages.success(request, _("It was removed."))
    return True


def save(kind: str, who: dict[str, Any], values: dict[str, Any]) -> None:
    if kind == "email":
        addressing.change_email(**who, **values)
        if values["status"] == EmailAddress.Status.GOOD:
            forget_bounces(who["email"].address)
    elif kind == "phone":
        addressing.change_phone(**who, **values)
    else:
        save_address(who, values, who["at"])


def save_address(who: dict[str, Any], values: dict[str, Any], at: datetime) -> None:
    """Write an address; one that they left gives way to another."""
    leaves = values["status"] == PostalAddress.Status.PAST
    was_left = who["address"].status == PostalAddress.Status.PAST
    if leaves and not was_left:
        values = {**values, "status": who["address"].status}
    addressing.change_address(**who, **values)
    if leaves and not was_left:
        addressing.retire_address(**who, ends_on=values["ends_on"] or local_day(at))
