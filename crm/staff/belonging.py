"""Who gets one letter: the pages of households."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.access import may_see
from crm.people import belonging, greetings
from crm.people.households import Household, HouseholdMember
from crm.people.models import LANGUAGES, Supporter
from crm.staff.belonging_forms import (
    HouseholdForm,
    MemberForm,
    NewHouseholdForm,
    order_of,
    stands,
)
from crm.staff.editing import Edit

PROFILE = "admin:crm_supporter_change"


class HouseholdPages:
    """The part of the supporters' pages that is about their households."""

    admin_site: Any
    page: Callable[..., HttpResponse]

    def household_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        new, change = wrap(self.new_household_view), wrap(self.household_view)
        where = "household/<int:household_id>/"
        return [
            path("<int:supporter_id>/household/", new, name="crm_supporter_household"),
            path(where, change, name="crm_household_edit"),
        ]

    def new_household_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """Form the household of a supporter; who has one is led to it."""
        supporter = current(request, supporter_id, "crm.change_household")
        place = HouseholdMember.objects.filter(supporter=supporter).first()
        if place is not None:
            return redirect("admin:crm_household_edit", place.household_id)
        # Who lives at one address is for those who see addresses.
        sees_addresses = may_see(request.user, "addresses")
        suggested = belonging.suggested_members(supporter) if sees_addresses else []
        form = NewHouseholdForm(request.POST or None, suggested=suggested)
        if form.is_valid() and (made := formed(request, supporter, form)):
            return redirect("admin:crm_household_edit", made.pk)
        intro = _("People of one household get one letter, which greets them together.")
        told = {
            "subtitle": supporter,
            "intro": intro,
            "back_url": reverse(PROFILE, args=[supporter.pk]),
        }
        return self.page(request, "form", _("Form a household"), form=form, **told)

    @transaction.atomic
    def household_view(self, request: HttpRequest, household_id: int) -> HttpResponse:
        """The members of a household, and how it is greeted."""
        check(request, "crm.change_household")
        household = get_object_or_404(Household.objects.select_for_update(), pk=household_id)
        members = belonging.members_of(household)
        form = partial(HouseholdForm, members=members)
        names = {"own_name": household.own_name, "own_greeting": household.own_greeting}
        edit = Edit(request, form, record=household, now={**names, **stands(members)})
        joining = MemberForm(request.POST if request.POST.get("action") == "join" else None)
        if request.POST and managed(request, household, members, edit, joining):
            return redirect(after(household, members))
        told = {"household": household, "members": members, "joining": joining}
        told["greetings"] = greeted_as(household, members)
        return self.page(request, "household", _("Household"), **edit.context, **told)


def check(request: HttpRequest, right: str) -> None:
    if not request.user.has_perms(["crm.view_supporter", right]):
        raise PermissionDenied


def current(request: HttpRequest, supporter_id: int, right: str) -> Supporter:
    check(request, right)
    return get_object_or_404(Supporter.objects.current(), pk=supporter_id)


def formed(request: HttpRequest, supporter: Supporter, form: NewHouseholdForm) -> Any:
    members = [supporter, *(each for each in form.chosen() if each != supporter)]
    who: dict[str, Any] = {"at": timezone.now(), "by": request.user}
    try:
        made = belonging.form_household(members=members, **who)
    except (belonging.LivesElsewhere, belonging.NotAPerson) as error:
        form.add_error("supporter", refusal(error))
        return None
    messages.success(request, _("The household was formed."))
    return made


def refusal(error: Exception) -> str:
    if isinstance(error, belonging.LivesElsewhere):
        person = Supporter.objects.get(pk=error.supporter_id)
        return _("%(name)s is in another household: leave that one first.") % {"name": person}
    return _("Organisations belong to no household.")


def managed(
    request: HttpRequest,
    household: Household,
    members: list[HouseholdMember],
    edit: Edit,
    joining: MemberForm,
) -> bool:
    """Do what the pressed button says."""
    who: dict[str, Any] = {"at": timezone.now(), "by": request.user}
    action, _colon, key = request.POST.get("action", "save").partition(":")
    if action == "dissolve":
        belonging.dissolve(household=household, **who)
    elif action == "leave":
        person = next((each.supporter for each in members if str(each.supporter_id) == key), None)
        if person is None:
            raise Http404
        belonging.leave(supporter=person, **who)
    elif action == "join":
        return joined(household, joining, who)
    elif not edit.is_ready():
        return False
    else:
        arranged(household, members, edit.values, who)
    messages.success(request, _("The change was saved."))
    return True


def joined(household: Household, form: MemberForm, who: dict[str, Any]) -> bool:
    person = form.cleaned_data["supporter"] if form.is_valid() else None
    if person is None:
        form.add_error("supporter", _("Choose with whom."))
        return False
    try:
        belonging.join(household=household, supporter=person, **who)
    except (belonging.LivesElsewhere, belonging.NotAPerson) as error:
        form.add_error("supporter", refusal(error))
    return not form.errors


def arranged(
    household: Household,
    members: list[HouseholdMember],
    values: dict[str, Any],
    who: dict[str, Any],
) -> None:
    order = order_of(members, values)
    greeted = [key for key in order if values[f"greeted-{key}"]]
    belonging.arrange(household=household, order=order, greeted=greeted, **who)
    names = {name: values[name] for name in ("own_name", "own_greeting")}
    belonging.rename(household=household, **names, **who)


def after(household: Household, members: list[HouseholdMember]) -> str:
    """Return where to go: the household, or a member where it is no more."""
    if Household.objects.filter(pk=household.pk).exists():
        return reverse("admin:crm_household_edit", args=[household.pk])
    return reverse(PROFILE, args=[members[0].supporter_id])


def greeted_as(household: Household, members: list[HouseholdMember]) -> list[dict[str, Any]]:
    """How letters and mails to a household begin in each language, and its name."""
    named, own = belonging.greeted(members), household.own_greeting
    return [
        {
            "language": label,
            "formal": greetings.formal(named, code, own=own),
            "informal": greetings.informal(named, code, own=own),
            "name": greetings.name_line(named, code, own=household.own_name),
        }
        for code, label in LANGUAGES
    ]
