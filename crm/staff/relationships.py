"""What supporters are to each other: the pages of relationships."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.people import belonging, relating
from crm.people.households import Relationship
from crm.people.models import Supporter
from crm.staff.belonging import PROFILE, check, current
from crm.staff.belonging_forms import THEIRS, RelateForm, RelationshipForm
from crm.staff.editing import Edit


class RelationshipPages:
    """The part of the supporters' pages that is about their relationships."""

    admin_site: Any
    page: Callable[..., HttpResponse]

    def relationship_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        relate, change = wrap(self.relate_view), wrap(self.relationship_view)
        where = "relationship/<int:relationship_id>/"
        return [
            path("<int:supporter_id>/relate/", relate, name="crm_supporter_relate"),
            path(where, change, name="crm_relationship_edit"),
        ]

    def relate_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """Say what a supporter is to somebody, or somebody to them."""
        supporter = current(request, supporter_id, "crm.change_relationship")
        form = RelateForm(request.POST or None, supporter=supporter)
        if form.is_valid() and related(request, supporter, form):
            return redirect(PROFILE, supporter.pk)
        told = {"subtitle": supporter, "back_url": reverse(PROFILE, args=[supporter.pk])}
        return self.page(request, "form", _("Add a relationship"), form=form, **told)

    @transaction.atomic
    def relationship_view(self, request: HttpRequest, relationship_id: int) -> HttpResponse:
        """Change a relationship, end it, or take it away."""
        check(request, "crm.change_relationship")
        rows = Relationship.objects.select_related("supporter", "other")
        this = get_object_or_404(rows.select_for_update(of=("self",)), pk=relationship_id)
        now = {name: getattr(this, name) for name in RelationshipForm.base_fields}
        edit = Edit(request, RelationshipForm, record=this, now=now)
        if request.POST and settled(request, this, edit):
            return redirect(PROFILE, this.supporter_id)
        may_lead = this.kind in (relating.Kind.CONTACT, relating.Kind.STAFF)
        told = {"relationship": this, "may_lead": may_lead and not this.is_main_contact}
        told["words"] = relating.seen_from(this.supporter, this)
        return self.page(request, "relationship", _("Relationship"), **edit.context, **told)


def related(request: HttpRequest, supporter: Supporter, form: forms.Form) -> bool:
    told = dict(form.cleaned_data)
    kind, other = told.pop("kind"), told.pop("other")
    sides = {"supporter": supporter, "other": other}
    if kind.startswith(THEIRS):
        kind, sides = kind.removeprefix(THEIRS), {"supporter": other, "other": supporter}
    try:
        relating.relate(kind=kind, **sides, **told, at=timezone.now(), by=request.user)
    except relating.NotAnOrganisation:
        form.add_error("other", _("This can only be said of an organisation."))
    except belonging.NotAPerson:
        form.add_error("other", _("This can only be said of two persons."))
    except ValueError:
        form.add_error("other", _("Choose somebody else than themselves."))
    else:
        messages.success(request, _("It was added."))
    return not form.errors


def settled(request: HttpRequest, relationship: Relationship, edit: Edit) -> bool:
    """Do what the pressed button says."""
    who: dict[str, Any] = {"relationship": relationship, "at": timezone.now(), "by": request.user}
    action = request.POST.get("action", "save")
    if action == "lead":
        try:
            relating.make_main_contact(**who)
        except relating.NotAnOrganisation:
            raise Http404 from None
    elif action == "remove":
        relating.remove_relationship(**who)
    elif not edit.is_ready():
        return False
    else:
        relating.change_relationship(**who, **edit.values)
        if edit.values["ends_on"]:
            relating.end_relationship(**who, ends_on=edit.values["ends_on"])
    messages.success(request, _("The change was saved."))
    return True
