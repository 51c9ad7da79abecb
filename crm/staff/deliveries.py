"""Packs for the authority: asked for, followed, fetched, and checked."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from unfold.decorators import display

from crm.campaigns import delivering, delivery_pages, proving
from crm.campaigns.deliveries import Delivery
from crm.exchange import handing_over
from crm.lib.downloads import download
from crm.people.storing import contents
from crm.staff.delivery_forms import DeliveryForm
from crm.staff.export_everything import ReasonForm
from crm.staff.orders import is_confirmed
from crm.staff.pages import ReadOnly
from crm.staff.papers import pdf_answer
from crm.staff.signatures import CampaignFilter
from crm.staff.site import site

STATES = {"ready": "success", "waiting": "warning", "failed": "danger"}
CHANGE = "crm.change_delivery"
JSON = "application/json; charset=utf-8"


@admin.register(Delivery, site=site)
class DeliveryAdmin(ReadOnly):
    list_display = ("counted_at", "campaign", "number", "recipient", "names", "stands", "made_at")
    list_before_template = "staff/delivery_list.html"
    list_filter = (CampaignFilter,)
    list_select_related = ("campaign",)
    ordering = ("-made_at", "-pk")
    sortable_by = ()

    @display(description=gettext_lazy("counted at"), ordering="as_of")
    def counted_at(self, delivery: Delivery) -> Any:
        return delivery.as_of

    @display(description=gettext_lazy("signatures"))
    def number(self, delivery: Delivery) -> str:
        return intcomma(delivery.total) if delivery.state == Delivery.State.READY else "–"

    @display(description=gettext_lazy("names"))
    def names(self, delivery: Delivery) -> str:
        return _("with names") if delivery.has_names else _("without names")

    @display(description=gettext_lazy("state"), label=STATES)
    def stands(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.state, delivery.get_state_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        narrow = super().get_queryset(request).defer("facts", "certificate")
        return narrow.prefetch_related("campaign__texts")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("crm.add_delivery")

    def get_urls(self) -> list[Any]:
        wrap, where = self.admin_site.admin_view, "<int:delivery_id>"
        views = {
            "progress": self.progress_view,
            "certificate": self.certificate_view,
            "facts": self.facts_view,
            "list": self.list_view,
            "forget": self.forget_view,
        }
        return [
            *(
                path(f"{where}/{name}/", wrap(view), name=f"crm_delivery_{name}")
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask for a pack: of which campaign, when, for whom."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = timezone.now()
        form = DeliveryForm(
            request.POST or None, reader=request.user, now=now, initial=begin(request)
        )
        if form.is_valid():
            made = delivering.ask_for_delivery(**form.cleaned_data, at=now, by=request.user)
            return redirect("admin:crm_delivery_change", made.pk)
        intro = _(
            "A pack is a list (CSV) and a certificate (PDF) of the signatures that counted at a "
            "moment, signed so that anybody can check them."
        )
        back = reverse("admin:crm_delivery_changelist")
        told: dict[str, Any] = {"intro": intro, "submit": _("Make the pack"), "back_url": back}
        return self.page(request, "form", _("New pack for the authority"), form=form, **told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A pack: how far it is, what it says, and what is fetched of it."""
        if request.method == "POST":
            raise PermissionDenied
        delivery = self.pack(request, int(object_id) if object_id.isdecimal() else 0)
        title = _("Pack for the authority")
        return self.page(request, "delivery", title, **told_of(delivery, request.user))

    def progress_view(self, request: HttpRequest, delivery_id: int) -> HttpResponse:
        """The part of the page that says how far it is."""
        delivery = self.pack(request, delivery_id)
        answer = render(request, "staff/progress.html", progress_of(delivery))
        is_done = delivery.state != Delivery.State.WAITING
        answer["X-Finished"] = "yes" if is_done else "no"
        return answer

    def certificate_view(self, request: HttpRequest, delivery_id: int) -> HttpResponse:
        delivery = self.pack(request, delivery_id, is_ready=True)
        return pdf_answer(bytes(delivery.certificate or b""), name_of(delivery))

    def facts_view(self, request: HttpRequest, delivery_id: int) -> HttpResponse:
        delivery = self.pack(request, delivery_id, is_ready=True)
        headers = {"Content-Disposition": f'attachment; filename="{name_of(delivery)}.json"'}
        text = proving.as_file(delivery.facts, delivery.signed)
        return HttpResponse(text, content_type=JSON, headers=headers)

    def list_view(self, request: HttpRequest, delivery_id: int) -> HttpResponseBase:
        """Ask why, and send the list."""
        delivery = self.pack(request, delivery_id)
        if not handing_over.may_fetch(delivery, request.user):
            raise PermissionDenied
        if delivery.list_file is None:
            raise Http404
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            return sent(delivery, reason=form.cleaned_data["reason"], by=request.user)
        intro = _("Who takes the list along, and why, is kept in the list of exports.")
        back = reverse("admin:crm_delivery_change", args=[delivery.pk])
        told: dict[str, Any] = {"intro": intro, "submit": _("Download the list"), "back_url": back}
        return self.page(request, "form", _("List of signatures"), form=form, **told)

    def forget_view(self, request: HttpRequest, delivery_id: int) -> HttpResponse:
        """Delete the list now; ask first."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        delivery = self.pack(request, delivery_id)
        back = reverse("admin:crm_delivery_change", args=[delivery.pk])
        if is_confirmed(request):
            delivering.delete_list(delivery=delivery, at=timezone.now(), by=request.user)
            messages.success(request, _("The list is deleted. Facts and certificate stay."))
            return redirect(back)
        question = _("Delete the list of this pack? Facts and certificate stay.")
        title, submit = _("Delete the list"), _("Delete it now")
        return self.page(request, "confirm", title, question=question, submit=submit, back_url=back)

    def pack(self, request: HttpRequest, pk: int, *, is_ready: bool = False) -> Delivery:
        if not self.has_view_permission(request):
            raise PermissionDenied
        packs = Delivery.objects.select_related("campaign", "made_by", "list_file")
        if is_ready:
            packs = packs.filter(state=Delivery.State.READY)
        return get_object_or_404(packs, pk=pk)


def begin(request: HttpRequest) -> dict[str, Any]:
    return {
        "campaign": request.GET.get("campaign", ""),
        "language": (get_language() or "fr")[:2],
    }


def told_of(delivery: Delivery, reader: Any) -> dict[str, Any]:
    """What the page of a pack tells."""
    is_ready = delivery.state == Delivery.State.READY
    facts = delivery.facts or {}
    language = (get_language() or "fr")[:2]
    public = facts.get("public_key", "")
    return {
        "delivery": delivery,
        "is_ready": is_ready,
        "is_waiting": delivery.state == Delivery.State.WAITING,
        "progress": progress_of(delivery),
        "tables": delivery_pages.tables_of(facts["counted"], language) if is_ready else [],
        "address": delivery_pages.address_of(delivery) if is_ready else "",
        "fingerprint": proving.fingerprint_of(public) if public else "",
        "may_fetch": handing_over.may_fetch(delivery, reader),
        "may_forget": reader.has_perm(CHANGE),
        "gone_on": gone_at(delivery),
    }


def gone_at(delivery: Delivery) -> datetime | None:
    """When the list is deleted by itself."""
    kept = delivery.list_file
    return kept.added_at + delivering.KEPT if kept is not None else None


def progress_of(delivery: Delivery) -> dict[str, Any]:
    told = {"done": intcomma(delivery.done), "total": intcomma(delivery.total)}
    says = _("%(done)s of about %(total)s signatures …") % told
    waits = _("Waiting for its turn …")
    return {
        "says": says if delivery.total else waits,
        "done": delivery.done,
        "total": delivery.total,
    }


def name_of(delivery: Delivery) -> str:
    return f"{delivery.campaign.slug}-{timezone.localtime(delivery.as_of):%Y-%m-%d}"


def sent(delivery: Delivery, *, reason: str, by: Any) -> HttpResponseBase:
    try:
        kept = handing_over.fetch_list(delivery=delivery, reason=reason, at=timezone.now(), by=by)
    except handing_over.NotThere as error:
        raise Http404 from error
    return download(contents(kept), name=kept.name, content_type=kept.content_type, size=kept.size)
