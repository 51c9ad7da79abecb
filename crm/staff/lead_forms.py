"""Facebook's lead forms: which campaign those who fill them in sign, and what their boxes mean."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.campaigns import graph
from crm.campaigns.lead_operations import FormKnown, write_form
from crm.campaigns.leads import Lead, LeadForm
from crm.staff.editing import Edit
from crm.staff.lead_form_form import LeadFormForm, standing, written
from crm.staff.pages import StaffAdmin
from crm.staff.site import site

FORMS = "admin:crm_leadform_changelist"


@admin.register(LeadForm, site=site)
class LeadFormAdmin(StaffAdmin):
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The forms, with what came in by each; and those that wait to be written down."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        told: dict[str, Any] = {
            "forms": forms_with_leads(),
            "unknown": unknown_forms(),
            "is_set_up": graph.is_set_up(),
            "webhook_url": settings.SITE_URL + reverse("lead-webhook"),
            "may_add": self.has_add_permission(request),
            "may_change": self.has_change_permission(request),
        }
        return self.page(request, "lead_forms", _("Lead forms of Facebook"), **told)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = LeadFormForm(request.POST or None, initial={"form_id": request.GET.get("form", "")})
        if form.is_valid() and saved(request, None, form, form.cleaned_data):
            return redirect(FORMS)
        return self.page(request, "form", _("New lead form"), form=form, back_url=reverse(FORMS))

    @transaction.atomic
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Change what becomes of a form's leads, upon what others changed meanwhile."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        key = object_id if object_id.isdecimal() else 0
        known = get_object_or_404(LeadForm.objects.select_for_update(), pk=key)
        edit = Edit(request, LeadFormForm, record=known, now=standing(known))
        if edit.is_ready() and saved(request, known, edit.form, edit.values):
            return redirect(FORMS)
        title = _("Change the lead form")
        return self.page(request, "form", title, **edit.context, back_url=reverse(FORMS))


def saved(request: HttpRequest, known: LeadForm | None, form: Any, told: dict[str, Any]) -> bool:
    try:
        write_form(form=known, **written(told), at=timezone.now(), by=request.user)
    except FormKnown:
        form.add_error("form_id", _("This form is written down already."))
        return False
    messages.success(request, _("The change was saved."))
    return True


def counts(leads: QuerySet[Lead]) -> dict[str, dict[str, int]]:
    """Return how many leads of each form are in which state."""
    found: dict[str, dict[str, int]] = {}
    for form_id, state, number in leads.values_list("form_id", "state").annotate(Count("pk")):
        found.setdefault(form_id, {})[state] = number
    return found


def forms_with_leads() -> list[dict[str, Any]]:
    forms = LeadForm.objects.select_related("campaign").prefetch_related("campaign__texts")
    of = counts(Lead.objects.filter(form_id__in=LeadForm.objects.values("form_id")))
    ordered = forms.order_by("-is_active", "-created_at", "-pk")
    return [{"form": form, "leads": of.get(form.form_id, {})} for form in ordered]


def unknown_forms() -> list[dict[str, Any]]:
    """Return forms of which leads came in, and of which nobody said what becomes of them."""
    waiting = Lead.objects.exclude(form_id__in=LeadForm.objects.values("form_id"))
    of = counts(waiting.order_by())
    return [{"form_id": form_id, "number": sum(states.values())} for form_id, states in of.items()]
