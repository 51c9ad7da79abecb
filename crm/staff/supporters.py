"""Supporters: a list that finds them, and a page that tells all of one."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_countries import countries
from unfold.decorators import display

from crm.donations.models import Gift
from crm.people.models import Supporter
from crm.people.operations import EmailTaken, correct
from crm.privacy.models import ConsentState
from crm.staff import profile
from crm.staff.forms import ContactForm
from crm.staff.pages import HOW_TO_SEARCH, LongList
from crm.staff.site import site

COUNTRIES = ["BE", "FR", "NL", "LU", "DE", "GB"]
GAVE = Exists(Gift.objects.paid().filter(supporter=OuterRef("pk")))
SUBSCRIBED = Exists(ConsentState.objects.may_be_mailed().filter(supporter=OuterRef("pk")))


class CountryFilter(SimpleListFilter):
    """The neighbours, without asking the table which countries there are."""

    title = gettext_lazy("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(code, countries.name(code)) for code in COUNTRIES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(country=self.value()) if self.value() else queryset


class HasGivenFilter(SimpleListFilter):
    title = gettext_lazy("has given")
    parameter_name = "given"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {"yes": GAVE, "no": ~GAVE}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(wanted)


class NewsletterFilter(SimpleListFilter):
    title = gettext_lazy("newsletter")
    parameter_name = "newsletter"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Subscribed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(SUBSCRIBED) if self.value() == "yes" else queryset


@admin.register(Supporter, site=site)
class SupporterAdmin(LongList):
    list_display = ("name", "email", "postcode", "language", "subscribed", "known_since")
    list_filter = ("language", CountryFilter, HasGivenFilter, NewsletterFilter)
    ordering = ("-created_at", "-id")
    sortable_by = ()
    search_fields = ("search_text",)  # asked for by Django; get_search_results does the work
    search_help_text = HOW_TO_SEARCH

    @display(description=gettext_lazy("name"))
    def name(self, supporter: Supporter) -> str:
        return str(supporter)

    @display(description=gettext_lazy("newsletter"), label={"yes": "success"})
    def subscribed(self, supporter: Any) -> tuple[str, str]:
        return ("yes", _("yes")) if supporter.yes else ("", "")

    @display(description=gettext_lazy("known since"))
    def known_since(self, supporter: Supporter) -> Any:
        return timezone.localtime(supporter.created_at).date()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people come by what they do: they sign, or give

    def get_queryset(self, request: HttpRequest) -> QuerySet[Supporter]:
        # As a column, PostgreSQL would read all consents for a page of fifty.
        yes = Prefetch("consent_states", ConsentState.objects.may_be_mailed(), to_attr="yes")
        return super().get_queryset(request).current().prefetch_related(yes)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return (queryset.search(search_term) if search_term else queryset), False

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.correct_view)
        return [
            path("<int:supporter_id>/correct/", view, name="crm_supporter_correct"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Everything that is known of one supporter, as far as the reader may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        supporter = get_object_or_404(Supporter, pk=object_id if object_id.isdecimal() else 0)
        if supporter.merged_into_id:
            return redirect("admin:crm_supporter_change", supporter.merged_into_id)
        told = profile.tell(supporter, request.user)
        return self.page(request, "profile", str(supporter), supporter=supporter, **told)

    def correct_view(self, request: HttpRequest, supporter_id: int) -> HttpResponse:
        """Correct how a supporter is called and reached."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        supporter = get_object_or_404(Supporter.objects.current(), pk=supporter_id)
        initial = {name: getattr(supporter, name) for name in ContactForm.base_fields}
        form = ContactForm(request.POST or None, initial=initial)
        if form.is_valid() and self.corrected(request, supporter, form):
            return redirect("admin:crm_supporter_change", supporter.pk)
        back = reverse("admin:crm_supporter_change", args=[supporter.pk])
        title = _("Correct contact data")
        return self.page(request, "form", title, subtitle=supporter, form=form, back_url=back)

    def corrected(self, request: HttpRequest, supporter: Supporter, form: ContactForm) -> bool:
        try:
            correct(supporter=supporter, at=timezone.now(), by=request.user, **form.cleaned_data)
        except EmailTaken:
            form.add_error("email", _("Another supporter has this address."))
        except ValueError:
            form.add_error("email", _("This is not an e-mail address."))
        else:
            messages.success(request, _("The contact data was corrected."))
        return not form.errors
