"""Files of the bank, the statements in them and their lines: uploaded, and looked through."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from crm.staff.pages import ReadOnly, money
from crm.staff.site import site
from payments.staff.uploads import UploadForm, take
from payments.statements import BankFile, BankLine, BankStatement

State = BankLine.State


def over(lines: QuerySet[BankLine], by: str, what: Any) -> Coalesce:
    """Return a column that adds lines up; as a join, all lines there are would be read."""
    found = lines.order_by().values(by).annotate(found=what).values("found")
    return Coalesce(Subquery(found), 0)


class Bank(ReadOnly):
    """Only to be read, by who sees money."""

    sortable_by = ()
    list_before_template = "staff/bank_links.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and request.user.has_perm("crm.see_money")


@admin.register(BankFile, site=site)
class BankFileAdmin(Bank):
    list_display = ("uploaded_at", "name", "format", "uploaded_by", "lines", "still_waiting")
    list_select_related = ("uploaded_by",)
    ordering = ("-uploaded_at", "-id")
    fields = ("name", "format", "uploaded_at", "uploaded_by", "lines", "still_waiting")
    readonly_fields = ("lines", "still_waiting")

    @display(description=gettext_lazy("lines"))
    def lines(self, file: Any) -> str:
        return lines_link(file.of_lines, statement__file=file.pk)

    @display(description=gettext_lazy("to be matched"))
    def still_waiting(self, file: Any) -> str:
        return lines_link(file.of_waiting, statement__file=file.pk, state__exact=State.WAITING)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankFile]:
        lines = BankLine.objects.filter(statement__file=OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                of_lines=over(lines, "statement__file", Count("pk")),
                of_waiting=over(lines.undecided(), "statement__file", Count("pk")),
            )
        )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perms(["payments.add_bankfile", "crm.see_money"])

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Take in files. Sending the same ones again adds nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_sent, now = request.method == "POST", timezone.now()
        form = UploadForm(request.POST, request.FILES) if is_sent else UploadForm()
        sent = form.cleaned_data if form.is_valid() else {"statements": []}
        reports = [
            take(file, at=now, by=request.user, despite_flaws=sent["despite_flaws"])
            for file in sent["statements"]
        ]
        form.offer(reports)
        title = _("Upload bank statements")
        return self.page(request, "bank_upload", title, form=form, reports=reports)


def lines_link(count: int, **filters: Any) -> str:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    address = f"{reverse('admin:payments_bankline_changelist')}?{query}"
    told = ngettext("%(count)d line", "%(count)d lines", count) % {"count": count}
    return format_html('<a href="{}" class="st-link">{}</a>', address, told) if count else "–"


@admin.register(BankStatement, site=site)
class BankStatementAdmin(Bank):
    list_display = (
        "closed_on",
        "account",
        "number",
        "opening",
        "came",
        "went",
        "closing",
        "lines",
        "doubts",
    )
    list_filter = ("account",)
    ordering = ("-closed_on", "-id")
    fields = (
        ("account", "number"),
        ("opened_on", "closed_on"),
        ("opening", "closing"),
        ("came", "went"),
        ("doubts", "flaw"),
        "lines",
        "file",
    )
    readonly_fields = ("opening", "came", "went", "closing", "lines", "doubts")

    @display(description=gettext_lazy("opening balance"))
    def opening(self, statement: BankStatement) -> str:
        return money(statement.opening_balance, statement.currency)

    @display(description=gettext_lazy("closing balance"))
    def closing(self, statement: BankStatement) -> str:
        return money(statement.closing_balance, statement.currency)

    @display(description=gettext_lazy("came in"))
    def came(self, statement: Any) -> str:
        return money(statement.of_credits, statement.currency)

    @display(description=gettext_lazy("went out"))
    def went(self, statement: Any) -> str:
        return money(statement.of_debits, statement.currency)

    @display(description=gettext_lazy("lines"))
    def lines(self, statement: Any) -> str:
        return lines_link(statement.of_lines, statement=statement.pk)

    @display(description=gettext_lazy("to look into"))
    def doubts(self, statement: Any) -> str:
        found = []
        if statement.difference:
            amount = money(statement.difference, statement.currency)
            found.append(_("does not add up: %(amount)s") % {"amount": amount})
        elif statement.flaw:
            found.append(_("contradicts itself"))
        if statement.closed_before not in (None, statement.opening_balance):
            found.append(_("a statement is missing before it"))
        tags = [(doubt,) for doubt in found]
        return format_html_join(" ", '<span class="st-tag st-bad">{}</span>', tags) or "–"

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankStatement]:
        lines = BankLine.objects.filter(statement=OuterRef("pk"))
        came, went = lines.filter(amount__gt=0), lines.filter(amount__lt=0)
        before = (
            BankStatement.objects.filter(
                account=OuterRef("account"),
                currency=OuterRef("currency"),
                closed_on__lte=OuterRef("opened_on"),
            )
            .exclude(pk=OuterRef("pk"))
            .order_by("-closed_on", "-pk")
        )
        return (
            super()
            .get_queryset(request)
            .annotate(
                closed_before=Subquery(before.values("closing_balance")[:1]),
                of_lines=over(lines, "statement", Count("pk")),
                of_credits=over(came, "statement", Sum("amount")),
                of_debits=over(went, "statement", Sum("amount")),
            )
        )
