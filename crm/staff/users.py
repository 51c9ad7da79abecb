"""Members of staff, and the role each has."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from crm import audit
from crm.access import Role
from crm.staff.pages import ReadOnly, StaffAdmin
from crm.staff.site import site


class WithRole(forms.Form):
    """One role per person, and an address to sign in with that nobody else has."""

    instance: User
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=Role.choices, widget=UnfoldAdminSelectWidget()
    )

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        others = User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError(gettext_lazy("Another member of staff has this address."))
        return email


def email_field() -> forms.EmailField:
    return forms.EmailField(label=gettext_lazy("E-mail"), widget=UnfoldAdminEmailInputWidget())


class NewStaffForm(WithRole, UserCreationForm):
    email = email_field()


class StaffForm(WithRole, UserChangeForm):
    email = email_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.initial["role"] = role_of(self.instance)


def role_of(user: User) -> str:
    names = {group.name for group in user.groups.all()}
    return next((role.value for role in Role if role.value in names), "")


@admin.register(User, site=site)
class StaffMemberAdmin(StaffAdmin, DjangoUserAdmin):
    """Nobody gives a right here but by a role; a superuser is made on the command line only."""

    form = StaffForm
    add_form = NewStaffForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "role", "is_active", "last_login")
    list_filter = ("is_active",)
    ordering = ("username",)
    sortable_by = ()
    filter_horizontal = ()
    actions = None
    names = ("username", "email", ("first_name", "last_name"), "role")
    fieldsets = ((None, {"fields": (*names, "is_active", "password")}),)
    add_fieldsets = ((None, {"fields": (*names, "password1", "password2")}),)

    @display(description=gettext_lazy("name"))
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @display(description=gettext_lazy("role"))
    def role(self, user: User) -> str:
        role = role_of(user)
        return str(Role(role).label) if role else "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        found = super().get_queryset(request).prefetch_related("groups")
        return found if request.user.is_superuser else found.filter(is_superuser=False)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.groups.set([Group.objects.get(name=form.cleaned_data["role"])])
        audit.log("user.role", form.instance, by=request.user, role=form.cleaned_data["role"])


@admin.register(Group, site=site)
class RoleAdmin(ReadOnly):
    """Roles are written in crm/access.py; here they can be read."""

    list_display = ("label",)
    ordering = ("name",)
    sortable_by = ()
    fields = ("label", "rights")
    readonly_fields = fields

    @display(description=gettext_lazy("role"))
    def label(self, group: Group) -> str:
        return str(dict(Role.choices).get(group.name, group.name))

    @display(description=gettext_lazy("rights"))
    def rights(self, group: Group) -> str:
        rights = group.permissions.select_related("content_type")
        return ", ".join(f"{right.content_type.app_label}.{right.codename}" for right in rights)
