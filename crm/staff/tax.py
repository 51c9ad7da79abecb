"""Tax certificates: issued for a year, corrected, printed, and filed with the authority."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.donations import certificates
from crm.donations.certificate_pages import donor_of, pdf, place_of
from crm.donations.papers import TaxCertificate
from crm.donations.tax_year import standing, years
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.staff.pages import ReadOnly, money
from crm.staff.papers import NUMBER, pdf_answer
from crm.staff.signatures import supporter_link
from crm.staff.site import site
from crm.staff.tax_file import FilePages
from crm.staff.tax_identity import IdentityPages
from crm.staff.tax_words import obstacles, of_year, told_of, why_not

STATES = {"valid": "success", "replaced": "info", "void": "danger"}
NEWER = TaxCertificate.objects.filter(
    year=OuterRef("year"), number=OuterRef("number"), version__gt=OuterRef("version")
)


class YearFilter(SimpleListFilter):
    title = gettext_lazy("year")
    parameter_name = "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(year), str(year)) for year in years(timezone.now())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        return queryset.filter(year=value) if value.isdecimal() else queryset


class FiledFilter(SimpleListFilter):
    title = gettext_lazy("tax authority")
    parameter_name = "filed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("was told")), ("no", gettext_lazy("not told yet"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(filed_at__isnull=self.value() == "no")


@admin.register(TaxCertificate, site=site)
class CertificateAdmin(IdentityPages, FilePages, ReadOnly):
    list_display = ("full_number", "version", "who", "sum", "issued_at", "state", "filed", "file")
    list_filter = (YearFilter, FiledFilter, "language")
    list_select_related = ("supporter",)
    list_before_template = "staff/tax_links.html"
    ordering = ("-year", "-number", "-version")
    sortable_by = ()
    search_fields = ("donor_family_name",)  # see get_search_results
    search_help_text = gettext_lazy("Number, name, e-mail or postcode")
    fields = (
        "who",
        ("year", "version"),
        "sum",
        "written",
        ("issued_at", "filed"),
        "versions",
        "file",
        "again",
    )
    readonly_fields = ("who", "sum", "written", "filed", "versions", "file", "again")

    @display(description=gettext_lazy("number"))
    def full_number(self, certificate: TaxCertificate) -> str:
        return str(certificate)

    @display(description=gettext_lazy("supporter"))
    def who(self, certificate: TaxCertificate) -> str:
        return supporter_link(certificate.supporter)

    @display(description=gettext_lazy("amount"))
    def sum(self, certificate: TaxCertificate) -> str:
        return money(certificate.amount)

    @display(description=gettext_lazy("state"), label=STATES)
    def state(self, certificate: Any) -> tuple[str, str]:
        if certificate.is_replaced:
            return "replaced", _("replaced")
        return ("valid", _("valid")) if certificate.amount else ("void", _("void"))

    @display(description=gettext_lazy("sent to the authority"))
    def filed(self, certificate: TaxCertificate) -> str:
        at = certificate.filed_at
        return date_format(local_day(at), "SHORT_DATE_FORMAT") if at else "–"

    @display(description=gettext_lazy("name and address, as written"))
    def written(self, certificate: TaxCertificate) -> str:
        return ", ".join([donor_of(certificate), *place_of(certificate)])

    @display(description=gettext_lazy("PDF"))
    def file(self, certificate: TaxCertificate) -> str:
        address = reverse("admin:crm_taxcertificate_pdf", args=[certificate.pk])
        return format_html('<a href="{}" class="st-link">PDF</a>', address)

    @display(description=gettext_lazy("versions"))
    def versions(self, certificate: TaxCertificate) -> str:
        same = TaxCertificate.objects.filter(year=certificate.year, number=certificate.number)
        links = [link(each, f"{each.version}") for each in same.order_by("version")]
        return format_html(" · ".join(["{}"] * len(links)), *links)

    @display(description=gettext_lazy("corrections"))
    def again(self, certificate: TaxCertificate) -> str:
        details = reverse("admin:crm_supporter_tax", args=[certificate.supporter_id])
        renew = reverse("admin:crm_taxcertificate_renew", args=[certificate.pk])
        return format_html(
            '<a href="{}" class="st-link">{}</a> · <a href="{}" class="st-link">{}</a>',
            details,
            _("Correct the donor's details"),
            renew,
            _("Issue it again"),
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and request.user.has_perm("crm.see_money")

    def get_queryset(self, request: HttpRequest) -> QuerySet[TaxCertificate]:
        return super().get_queryset(request).annotate(is_replaced=Exists(NEWER))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if named := NUMBER.fullmatch(search_term.strip()):
            return queryset.filter(**named.groupdict()), False
        found = Supporter.objects.search(search_term, request.user)
        return (queryset.filter(supporter__in=found) if search_term else queryset), False

    def get_urls(self) -> list[Any]:
        wrap, one = self.admin_site.admin_view, "<int:certificate_id>/"
        return [
            path("issue/", wrap(self.issue_view), name="crm_taxyear_issue"),
            path("print/", wrap(self.print_view), name="crm_taxyear_print"),
            path(f"{one}pdf/", wrap(self.pdf_view), name="crm_taxcertificate_pdf"),
            path(f"{one}renew/", wrap(self.renew_view), name="crm_taxcertificate_renew"),
            *self.file_urls(),
            *self.identity_urls(),
            *super().get_urls(),
        ]

    def require(self, request: HttpRequest, right: str = "crm.view_taxcertificate") -> None:
        if not (self.has_view_permission(request) and request.user.has_perm(right)):
            raise PermissionDenied

    def issue_view(self, request: HttpRequest) -> HttpResponse:
        """Who gets a certificate of a year and what is missing; and letting them be issued."""
        self.require(request, "crm.add_taxcertificate")
        now = timezone.now()
        year = of_year(request, now)
        if request.method == "POST":
            self.issue(request, year)
            return redirect(f"{reverse('admin:crm_taxyear_issue')}?year={year}")
        context = told_of(standing(year), request.GET)
        context |= {"years": years(now), "obstacles": obstacles(year, now)}
        return self.page(request, "tax_year", _("Tax certificates of a year"), **context)

    def issue(self, request: HttpRequest, year: int) -> None:
        now = timezone.now()
        if told := why_not(year, now):
            messages.error(request, told)
            return
        certificates.ask_to_issue(year=year, at=now, by=request.user)
        messages.success(request, _("The certificates are being issued and sent."))

    def print_view(self, request: HttpRequest) -> HttpResponse:
        """All certificates that go by post, as one PDF."""
        self.require(request)
        year = of_year(request, timezone.now())
        if why_not(year, timezone.now()) or not certificates.to_print(year).exists():
            messages.info(request, _("There is nothing to print."))
            return redirect(f"{reverse('admin:crm_taxyear_issue')}?year={year}")
        return pdf_answer(certificates.printed(year), f"{_('tax-certificates')}-{year}")

    def pdf_view(self, request: HttpRequest, certificate_id: int) -> HttpResponse:
        """A certificate as its donor got it."""
        self.require(request)
        found = TaxCertificate.objects.select_related("supporter")
        certificate = get_object_or_404(found, pk=certificate_id)
        return pdf_answer(pdf(certificate), str(certificate))

    def renew_view(self, request: HttpRequest, certificate_id: int) -> HttpResponse:
        """Ask first; then issue the next version, with the donor's details of now."""
        self.require(request, "crm.add_taxcertificate")
        certificate = get_object_or_404(TaxCertificate, pk=certificate_id)
        back = reverse("admin:crm_taxcertificate_change", args=[certificate.pk])
        if request.method == "POST":
            return self.renewed(request, certificate, back)
        question = _(
            "The donor gets certificate %(number)s once more, with the amount, the name and the "
            "address that hold now. It will be in the next file for the tax authority."
        )
        return self.page(
            request,
            "confirm",
            _("Issue a certificate again"),
            question=question % {"number": certificate},
            submit=_("Issue it again"),
            back_url=back,
        )

    def renewed(self, request: HttpRequest, certificate: TaxCertificate, back: str) -> HttpResponse:
        new = certificates.renew(
            supporter=certificate.supporter,
            year=certificate.year,
            at=timezone.now(),
            by=request.user,
            with_details=True,
        )
        if new is None:
            messages.info(request, _("Nothing has changed: the last version still holds."))
            return redirect(back)
        messages.success(request, _("The next version is being sent."))
        return redirect("admin:crm_taxcertificate_change", new.pk)


def link(certificate: TaxCertificate, words: str) -> str:
    address = reverse("admin:crm_taxcertificate_change", args=[certificate.pk])
    return format_html('<a href="{}" class="st-link">{}</a>', address, words)
