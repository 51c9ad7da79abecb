"""Lines of bank statements: the list of all, and one undecided line after the other."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.donations.communications import Communication
from crm.staff.pages import money
from crm.staff.site import site
from payments.staff import matching
from payments.staff.bank import Bank
from payments.staff.matching import DECISIONS, REFUSALS, NewcomerForm, address_of
from payments.statements import BankLine

TONES = {"gift": "success", "payout": "info", "returned": "warning", "waiting": "danger"}


@admin.register(BankLine, site=site)
class BankLineAdmin(Bank):
    list_display = ("booked_on", "payer_name", "sum", "written", "how_it_stands", "giver")
    list_filter = ("state", "statement__account")
    list_select_related = ("gift__supporter",)
    ordering = ("-booked_on", "-id")
    search_fields = ("payer_name", "communication", "structured", "payer_iban")
    search_help_text = gettext_lazy("Name, account or communication")
    fields = (
        ("booked_on", "sum"),
        ("payer_name", "payer_iban"),
        "written",
        "bank_reference",
        ("how_it_stands", "matched_by"),
        ("decided_at", "decided_by"),
        "giver",
        ("statement", "position"),
    )
    readonly_fields = ("sum", "written", "how_it_stands", "giver")

    @display(description=gettext_lazy("amount"))
    def sum(self, line: BankLine) -> str:
        return money(line.amount, line.currency)

    @display(description=gettext_lazy("communication"))
    def written(self, line: BankLine) -> str:
        structured = str(Communication(digits=line.structured)) if line.structured else ""
        return " ".join(filter(None, [structured, line.communication]))

    @display(description=gettext_lazy("state"), label=TONES)
    def how_it_stands(self, line: BankLine) -> tuple[str, str]:
        return line.state, line.get_state_display()

    @display(description=gettext_lazy("gift"))
    def giver(self, line: BankLine) -> str:
        if line.gift is not None:
            target = reverse("admin:crm_gift_change", args=[line.gift_id])
            return format_html('<a href="{}" class="st-link">{}</a>', target, line.gift.supporter)
        if line.state == BankLine.State.PAYOUT:
            return "–"
        return format_html('<a href="{}" class="st-link">{}</a>', address_of(line), _("Look at it"))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in {"statement__file", "statement"} or super().lookup_allowed(
            lookup, value, request
        )

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("match/", wrap(self.matching_view), name="payments_matching"),
            path("undo/", wrap(self.undo_view), name="payments_matching_undo"),
            path("<int:line_id>/decide/", wrap(self.decide_view), name="payments_bankline_decide"),
            *super().get_urls(),
        ]

    def may_decide(self, request: HttpRequest) -> bool:
        return request.user.has_perms(["payments.change_bankline", "crm.see_money"])

    def matching_view(self, request: HttpRequest) -> HttpResponse:
        """One undecided line after the other."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = matching.number(request.GET, "line")
        line = BankLine.objects.select_related("statement").filter(pk=number).first()
        return self.show(request, line or matching.next_undecided(None))

    def show(
        self, request: HttpRequest, line: BankLine | None, form: NewcomerForm | None = None
    ) -> HttpResponse:
        query = request.GET.get("q", "").strip()
        about = matching.about(line, query=query, form=form) if line else {}
        return self.page(
            request,
            "bank_match",
            _("Bank lines to match"),
            may_decide=self.may_decide(request),
            **matching.overview(request.user),
            **about,
        )

    def decide_view(self, request: HttpRequest, line_id: int) -> HttpResponse:
        """Decide about a line, and go on to the next."""
        self.check_decider(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        line = get_object_or_404(BankLine.objects.select_related("statement"), pk=line_id)
        action, form = request.POST.get("action"), NewcomerForm(request.POST)
        if action not in DECISIONS:
            return HttpResponseBadRequest()
        if action == "new" and not form.is_valid():
            return self.show(request, line, form)
        sent = form.cleaned_data if action == "new" else request.POST
        self.carry_out(request, DECISIONS[action], line, sent)
        return redirect(address_of(matching.next_undecided(line)))

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        """Undo what was decided about a line, and go back to it."""
        self.check_decider(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        line = get_object_or_404(BankLine, pk=matching.number(request.POST, "line"))
        self.carry_out(request, matching.undo, line, request.POST)
        return redirect(address_of(line))

    def check_decider(self, request: HttpRequest) -> None:
        if not self.may_decide(request):
            raise PermissionDenied

    def carry_out(self, request: HttpRequest, act: Any, line: BankLine, sent: Any) -> None:
        """Do it, and say what was done or why not."""
        try:
            told = act(line, sent, at=timezone.now(), by=request.user)
        except matching.REFUSED as refusal:
            messages.error(request, REFUSALS[type(refusal)])
        else:
            messages.success(request, told)
