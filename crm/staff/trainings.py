"""Trainings, and the certificates of those who came."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from crm.access import may_see
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.programmes import certificate_pages, certifying
from crm.programmes.trainings import Certificate, Training
from crm.staff.pages import HOW_TO_SEARCH, ReadOnly, StaffAdmin
from crm.staff.papers import pdf_answer
from crm.staff.returning import go_back
from crm.staff.signatures import supporter_link
from crm.staff.site import site


@admin.register(Training, site=site)
class TrainingAdmin(StaffAdmin):
    list_display = ("title", "programme", "language", "hours", "refresher_months", "is_active")
    list_filter = ("is_active", "language")
    ordering = ("-is_active", "title", "pk")
    sortable_by = ()
    search_fields = ("title", "programme")
    fields = (
        "title",
        "programme",
        "description",
        "language",
        "hours",
        "refresher_months",
        "is_active",
    )


class RefreshFilter(SimpleListFilter):
    title = gettext_lazy("refresher")
    parameter_name = "refresh"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("due", gettext_lazy("due soon, or overdue"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "due":
            return queryset
        due = certifying.to_refresh(today=local_day(timezone.now()))
        return queryset.filter(pk__in=due.values("pk")).order_by("refresh_on", "pk")


@admin.register(Certificate, site=site)
class CertificateAdmin(ReadOnly):
    list_display = ("number_of_year", "who", "training", "issued_at", "refresh_on", "paper")
    list_display_links = None
    list_filter = (RefreshFilter, "year")
    list_select_related = ("enrolment__supporter", "enrolment__session__training")
    ordering = ("-year", "-number")
    sortable_by = ()
    search_fields = ("name",)  # asked for by Django; get_search_results does the work
    search_help_text = HOW_TO_SEARCH
    fields = ("number_of_year", "who", "training", "issued_at", "refresh_on", "paper")
    readonly_fields = ("number_of_year", "who", "training", "paper")

    @display(description=gettext_lazy("number"))
    def number_of_year(self, certificate: Certificate) -> str:
        return str(certificate)

    @display(description=gettext_lazy("participant"))
    def who(self, certificate: Certificate) -> str:
        return supporter_link(certificate.enrolment.supporter)

    @display(description=gettext_lazy("training"))
    def training(self, certificate: Certificate) -> str:
        return str(certificate.enrolment.session.training)

    @display(description=gettext_lazy("certificate"))
    def paper(self, certificate: Certificate) -> str:
        if not certificate.name:
            return "–"
        address = reverse("admin:crm_certificate_pdf", args=[certificate.pk])
        return format_html('<a class="st-link" href="{}">PDF</a>', address)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term:
            return queryset, False
        found = Supporter.objects.search(search_term, request.user)
        return queryset.filter(enrolment__supporter__in=found), False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        seen = super().has_view_permission(request, obj)
        return seen and may_see(request.user, "trainings")

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        again = wrap(self.again_view)
        return [
            path("<int:certificate_id>/pdf/", wrap(self.pdf_view), name="crm_certificate_pdf"),
            path("<int:certificate_id>/again/", again, name="crm_certificate_again"),
            *super().get_urls(),
        ]

    def pdf_view(self, request: HttpRequest, certificate_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        certificate = self.certificate(certificate_id)
        if not certificate.name:
            raise Http404  # its holder was erased
        return pdf_answer(certificate_pages.pdf(certificate), str(certificate))

    def again_view(self, request: HttpRequest, certificate_id: int) -> HttpResponse:
        """Make it out anew, to the name as it stands now, and send it once more."""
        if not request.user.has_perms(["crm.view_supporter", "crm.change_certificate"]):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        certificate = self.certificate(certificate_id)
        try:
            certifying.reissue(certificate=certificate, at=timezone.now(), by=request.user)
        except certifying.Nameless:
            messages.error(request, _("There is no name to make it out to."))
        else:
            told = _("Certificate %(number)s was made out anew and is sent.")
            messages.success(request, told % {"number": certificate})
        return go_back(request, reverse("admin:crm_certificate_changelist"))

    def certificate(self, pk: int) -> Certificate:
        related = ("enrolment__supporter", "enrolment__session__training")
        return get_object_or_404(Certificate.objects.select_related(*related), pk=pk)
