"""Partners of The Code: the board, and the page of each."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.access import may_see
from crm.exchange import exports
from crm.lib.periods import local_day
from crm.people.operations import EmailTaken
from crm.programmes import partnering
from crm.programmes.partners import Partner
from crm.staff.editing import Edit
from crm.staff.exports import export_page, filters_of
from crm.staff.files import NOT_KEPT, why_not
from crm.staff.forms import told_supporter
from crm.staff.pages import StaffAdmin
from crm.staff.partner_board import Board
from crm.staff.partner_criteria import CriterionEdit, sent_criterion, stated
from crm.staff.partner_files import hand_out
from crm.staff.partner_forms import DayForm, NewPartnerForm, PartnerForm, ReportForm
from crm.staff.partner_page import tell
from crm.staff.partner_words import cells
from crm.staff.site import site

BOARD, PAGE = "admin:crm_partner_changelist", "admin:crm_partner_change"


@admin.register(Partner, site=site)
class PartnerAdmin(StaffAdmin):
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see(request.user, "partnership")

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        pages: dict[str, Callable[..., Any]] = {
            "criterion": self.criterion_view,
            "report": self.report_view,
            "file": self.file_view,
            "edit": self.edit_view,
            "sign": self.sign_view,
            "leave": self.leave_view,
        }
        return [
            path("export/", wrap(self.export_view), name="crm_partner_export"),
            *(
                path(f"<int:partner_id>/{name}/", wrap(view), name=f"crm_partner_{name}")
                for name, view in pages.items()
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The board."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        board = Board(request, local_day(timezone.now()))
        told: dict[str, Any] = {"may_add": self.has_add_permission(request)}
        if exports.may_export(request.user, "partners"):
            told["export_url"] = f"{reverse('admin:crm_partner_export')}?{board.query}"
        return self.page(request, "partners", _("Partners of The Code"), **told, **board.context())

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The board as it is filtered, as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        board = Board(request, local_day(timezone.now()))
        back = f"{reverse(BOARD)}?{board.query}"
        told: dict[str, Any] = {"found": board.found(), "filters": filters_of(request)}
        return export_page(self, request, what="partners", back_url=back, **told)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Take on an organisation that we know, or one that is written down with it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        first = {"organisation": told_supporter(request), "responsible": request.user.pk}
        today = local_day(timezone.now())
        form = NewPartnerForm(request.POST or None, initial=first, today=today)
        if form.is_valid() and (partner := taken_on(request, form)):
            return redirect(PAGE, partner.pk)
        told: dict[str, Any] = {"form": form, "back_url": reverse(BOARD)}
        return self.page(request, "organisation_form", _("New partner of The Code"), **told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One partner: its criteria, reports, contacts, and what was done."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        partner = found(object_id if object_id.isdecimal() else 0)
        return self.partner_page(request, partner)

    def partner_page(self, request: HttpRequest, partner: Partner, **bound: Any) -> HttpResponse:
        today = local_day(timezone.now())
        may_change = self.has_change_permission(request)
        asked = {"request": request, "today": today, "may_change": may_change, **bound}
        told = tell(partner, request.user, **asked)
        return self.page(request, "partner", partner.organisation, **told)

    @transaction.atomic
    def criterion_view(self, request: HttpRequest, partner_id: int) -> HttpResponse:
        """Say how far a partner is with a criterion, upon what others said of it meanwhile."""
        if answer := self.refused(request):
            return answer
        partner = found(partner_id, Partner.objects.select_for_update(of=("self",)))
        number, today = sent_criterion(request), local_day(timezone.now())
        if number is None:
            return self.partner_page(request, partner)
        cell = cells(partner)[number - 1]
        edit = CriterionEdit(request, partner, cell, today=today, is_sent=True)
        if edit.is_ready() and stated(edit, request):
            messages.success(request, _("The state of the criterion was saved."))
            return redirect(f"{address(partner)}#criterion-{number}")
        return self.partner_page(request, partner, criterion=edit)

    def report_view(self, request: HttpRequest, partner_id: int) -> HttpResponse:
        """The yearly report came."""
        if answer := self.refused(request):
            return answer
        partner, now = found(partner_id), timezone.now()
        asked = {"user": request.user, "today": local_day(now)}
        form = ReportForm(request.POST, request.FILES, **asked)
        if form.is_valid() and written(form, partnering.receive_report, request, partner):
            messages.success(request, _("The report was recorded. The next is due a year later."))
            return redirect(f"{address(partner)}#reports")
        return self.partner_page(request, partner, report=form)

    def file_view(self, request: HttpRequest, partner_id: int) -> HttpResponseBase:
        """A file of one of its criteria or reports."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return hand_out(request, found(partner_id))

    @transaction.atomic
    def edit_view(self, request: HttpRequest, partner_id: int) -> HttpResponse:
        """Change a partner, upon what others changed meanwhile."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        partner = found(partner_id, Partner.objects.select_for_update(of=("self",)))
        form = partial(PartnerForm, reports=partner.next_report_on is not None)
        edit = Edit(request, form, record=partner, now=standing(partner))
        if edit.is_ready():
            told = {"at": timezone.now(), "by": request.user, **edit.values}
            partnering.change_partner(partner=partner, **told)
            messages.success(request, _("The change was saved."))
            return redirect(PAGE, partner.pk)
        context = {**edit.context, "subtitle": partner.organisation, "back_url": address(partner)}
        return self.page(request, "form", _("Change the partner"), **context)

    def sign_view(self, request: HttpRequest, partner_id: int) -> HttpResponse:
        """It signed The Code: its first report is due a year later."""
        intro = _("Its first report is due a year after this day.")
        told: dict[str, Any] = {"title": _("It signed The Code"), "intro": intro}
        return self.day_page(request, partner_id, partnering.sign_code, "signed_on", **told)

    def leave_view(self, request: HttpRequest, partner_id: int) -> HttpResponse:
        """It is no partner any more."""
        intro = _("No report is expected any more. What it did as a partner stays known.")
        told: dict[str, Any] = {"title": _("It leaves The Code"), "intro": intro}
        return self.day_page(request, partner_id, partnering.leave, "left_on", **told)

    def day_page(
        self,
        request: HttpRequest,
        partner_id: int,
        operation: Callable[..., Any],
        name: str,
        *,
        title: str,
        intro: str,
    ) -> HttpResponse:
        """Ask on which day something was, and write it down."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        partner, today = found(partner_id), local_day(timezone.now())
        form = DayForm(request.POST or None, initial={"on": today}, today=today)
        if form.is_valid() and written(form, operation, request, partner, on=name):
            messages.success(request, _("The change was saved."))
            return redirect(PAGE, partner.pk)
        told: dict[str, Any] = {"subtitle": partner.organisation, "back_url": address(partner)}
        return self.page(request, "form", title, form=form, intro=intro, **told)

    def refused(self, request: HttpRequest) -> HttpResponse | None:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])


def found(key: Any, partners: Any = Partner.objects) -> Partner:
    related = partners.select_related("organisation", "responsible")
    return get_object_or_404(related, pk=key)


def standing(partner: Partner) -> dict[str, Any]:
    """What stands in a partner, by the names of its form."""
    names = {"sector": "sector", "responsible": "responsible", "report_on": "next_report_on"}
    return {name: getattr(partner, column) for name, column in names.items()}


def address(partner: Partner) -> str:
    return reverse(PAGE, args=[partner.pk])


def taken_on(request: HttpRequest, form: NewPartnerForm) -> Partner | None:
    """Take the partner on; else the form says what stands against it."""
    data = form.cleaned_data
    told = {name: data[name] for name in ("sector", "signed_on", "responsible")}
    try:
        partner = partnering.take_on(**form.sides(), **told, at=timezone.now(), by=request.user)
    except partnering.AlreadyPartner:
        form.add_error("organisation", _("It is a partner already, or prepares to be one."))
    except EmailTaken:
        form.add_error("email", _("This is the address of a supporter we know."))
    else:
        messages.success(request, _("The partner was added."))
        return partner
    return None


def written(
    form: Any, operation: Callable[..., Any], request: HttpRequest, partner: Partner, on: str = ""
) -> bool:
    """Do what the form says; return whether nothing stood against it. `on`: the day's own name."""
    data = {on: form.cleaned_data["on"]} if on else form.cleaned_data
    day = next((name for name in ("received_on", "on") if name in form.fields), None)
    try:
        operation(partner=partner, **data, at=timezone.now(), by=request.user)
    except partnering.WrongDay:
        form.add_error(day, _("This day comes before the one when it signed, or left."))
    except partnering.NotActive:
        form.add_error(day, _("It has not signed, or has left: nothing is due."))
    except partnering.AlreadyReceived:
        form.add_error(day, _("This report was recorded meanwhile: look at the list above."))
    except NOT_KEPT as error:
        form.add_error("upload", why_not(error))
    return not form.errors
