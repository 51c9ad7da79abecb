"""Leads of Facebook: what became of each, and why some are no signature."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action, display

from crm.campaigns.lead_operations import fetch_again
from crm.campaigns.leads import Lead, LeadForm, Why
from crm.staff.pages import ReadOnly
from crm.staff.site import site

LABELS = {"waiting": "info", "done": "success", "refused": "danger"}


@admin.register(Lead, site=site)
class LeadAdmin(ReadOnly):
    """Numbers only: what somebody filled in stands on their signature."""

    list_display = ("lead_id", "its_form", "how", "why_not", "signed", "received_at", "handled_at")
    list_filter = ("state", "form_id")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("lead_id", "its_form", "state", "why_not", "signed", "received_at", "handled_at")
    readonly_fields = fields
    actions = ("again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Lead]:
        known = LeadForm.objects.filter(form_id=OuterRef("form_id"))
        leads = super().get_queryset(request).select_related("signature")
        return leads.annotate(
            form_name=Subquery(known.values("name")),
            is_read=Exists(known.filter(is_active=True)),
        )

    @display(description=gettext_lazy("form"))
    def its_form(self, lead: Any) -> str:
        if lead.form_name is not None:
            return str(lead.form_name)
        address = f"{reverse('admin:crm_leadform_add')}?form={lead.form_id}"
        words = _("%(number)s, not written down yet") % {"number": lead.form_id}
        return format_html('<a href="{}" class="st-link">{}</a>', address, words)

    @display(description=gettext_lazy("state"), label=LABELS)
    def how(self, lead: Lead) -> tuple[str, str]:
        return lead.state, lead.get_state_display()

    @display(description=gettext_lazy("why not"))
    def why_not(self, lead: Any) -> str:
        if lead.state == Lead.State.WAITING and not lead.is_read:
            return _("its form is not written down, or out of use")
        return str(Why(lead.why).label) if lead.why in Why.values else "–"

    @display(description=gettext_lazy("signature"))
    def signed(self, lead: Lead) -> str:
        if lead.signature is None:
            return "–"
        address = reverse("admin:crm_signature_change", args=[lead.signature_id])
        words = lead.signature.get_status_display()
        return format_html('<a href="{}" class="st-link">{}</a>', address, words)

    def has_fetch_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("crm.change_leadform")

    @action(description=gettext_lazy("Fetch again from Facebook"), permissions=["fetch"])
    def again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Fetch once more what was refused, or waits; what was taken over stays."""
        now = timezone.now()
        number = sum(fetch_again(lead=lead, at=now, by=request.user) for lead in queryset)
        words = ngettext(
            "%(number)s lead is fetched again.", "%(number)s leads are fetched again.", number
        )
        messages.success(request, words % {"number": number})
