"""Networks and their members, and institutional partners."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.access import may_see
from crm.lib.periods import local_day
from crm.people.operations import EmailTaken
from crm.programmes import affiliating
from crm.programmes.networks import Affiliation, Network
from crm.staff.forms import told_supporter
from crm.staff.network_forms import AffiliationForm, EndForm, NetworkForm
from crm.staff.network_lists import Members, by_country, by_kind, institutional, summaries
from crm.staff.pages import StaffAdmin
from crm.staff.returning import came_from, go_back
from crm.staff.site import site

NETWORKS, NETWORK = "admin:crm_network_changelist", "admin:crm_network_change"
PARTNERS = "admin:crm_affiliation_changelist"


@admin.register(Network, site=site)
class NetworkAdmin(StaffAdmin):
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and may_see(request.user, "affiliations")

    def get_urls(self) -> list[Any]:
        edit = self.admin_site.admin_view(self.edit_view)
        return [
            path("<int:network_id>/edit/", edit, name="crm_network_edit"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The networks, with how many members each has."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        told: dict[str, Any] = {"networks": summaries(local_day(timezone.now()))}
        told["may_add"] = self.has_add_permission(request)
        return self.page(request, "networks", _("Networks"), **told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The members of a network, by country."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        network = get_object_or_404(Network, pk=object_id if object_id.isdecimal() else 0)
        members = Members(request, Affiliation.objects.filter(network=network), today())
        told = listed(request, members, by_country, f"what=member:{network.pk}")
        told["may_change"] = self.has_change_permission(request)
        return self.page(request, "network", network, network=network, **told)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.form_page(request, None)

    def edit_view(self, request: HttpRequest, network_id: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return self.form_page(request, get_object_or_404(Network, pk=network_id))

    def form_page(self, request: HttpRequest, network: Network | None) -> HttpResponse:
        """Write a network down, or what is known better of one."""
        now = {name: getattr(network, name, None) for name in NetworkForm.base_fields}
        form = NetworkForm(request.POST or None, initial=now)
        if form.is_valid() and (saved := written(request, network, form)):
            return redirect(NETWORK, saved.pk)
        back = reverse(NETWORK, args=[network.pk]) if network else reverse(NETWORKS)
        title = _("Change the network") if network else _("New network")
        return self.page(request, "form", title, form=form, back_url=back)


@admin.register(Affiliation, site=site)
class AffiliationAdmin(StaffAdmin):
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see(request.user, "affiliations")

    def get_urls(self) -> list[Any]:
        end = self.admin_site.admin_view(self.end_view)
        return [
            path("<int:affiliation_id>/end/", end, name="crm_affiliation_end"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Our institutional partners, by kind."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        members = Members(request, institutional(), today())
        told = listed(request, members, by_kind, "what=public")
        return self.page(request, "network", _("Institutional partners"), **told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """An affiliation stands on the page of its organisation."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        key = object_id if object_id.isdecimal() else 0
        affiliation = get_object_or_404(Affiliation, pk=key)
        return redirect("admin:crm_supporter_change", affiliation.organisation_id)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Write that an organisation belongs to a network, or is a partner."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        first = {"organisation": told_supporter(request), "what": request.GET.get("what", "")}
        form = AffiliationForm(request.POST or None, initial=first)
        back = came_from(request, reverse(PARTNERS))
        if form.is_valid() and affiliated(request, form):
            return go_back(request, back)
        told: dict[str, Any] = {"form": form, "back_url": back}
        return self.page(request, "organisation_form", _("New member or partner"), **told)

    def end_view(self, request: HttpRequest, affiliation_id: int) -> HttpResponse:
        """It is over from a day on."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        rows = Affiliation.objects.select_related("organisation", "network")
        affiliation = get_object_or_404(rows, pk=affiliation_id)
        form = EndForm(request.POST or None, today=today())
        back = came_from(request, home_of(affiliation))
        if form.is_valid() and ended(request, affiliation, form):
            return go_back(request, back)
        intro = _("%(name)s stays known, with the days from when until when.")
        told: dict[str, Any] = {"intro": intro % {"name": affiliation.organisation}}
        told |= {"subtitle": affiliation.network or affiliation.get_kind_display()}
        return self.page(request, "form", _("It is over"), form=form, back_url=back, **told)


def today() -> Any:
    return local_day(timezone.now())


def listed(request: HttpRequest, members: Members, group: Any, what: str) -> dict[str, Any]:
    """What `staff/network.html` shows."""
    lines = members.lines()
    return {
        "members": members,
        "form": members.form,
        "groups": group(lines),
        "number": len(lines),
        "may_add": request.user.has_perm("crm.add_affiliation"),
        "may_end": request.user.has_perm("crm.change_affiliation"),
        "add_query": what,
        "back_url": request.get_full_path(),
    }


def home_of(affiliation: Affiliation) -> str:
    if affiliation.network_id:
        return reverse(NETWORK, args=[affiliation.network_id])
    return reverse(PARTNERS)


def written(request: HttpRequest, network: Network | None, form: NetworkForm) -> Network | None:
    who: dict[str, Any] = {"at": timezone.now(), "by": request.user}
    try:
        saved = affiliating.write_network(network=network, **form.cleaned_data, **who)
    except affiliating.NameTaken:
        form.add_error("name", _("Another network has this name."))
        return None
    messages.success(request, _("The change was saved."))
    return saved


def affiliated(request: HttpRequest, form: AffiliationForm) -> bool:
    who: dict[str, Any] = {"at": timezone.now(), "by": request.user}
    try:
        affiliating.affiliate(**form.sides(), **form.told(), **who)
    except affiliating.AlreadyAffiliated:
        form.add_error("organisation", _("It is that already."))
    except EmailTaken:
        form.add_error("email", _("This is the address of a supporter we know."))
    else:
        messages.success(request, _("It was added."))
    return not form.errors


def ended(request: HttpRequest, affiliation: Affiliation, form: EndForm) -> bool:
    who: dict[str, Any] = {"at": timezone.now(), "by": request.user}
    try:
        affiliating.end_affiliation(affiliation=affiliation, **form.cleaned_data, **who)
    except affiliating.EndsBeforeItBegins:
        form.add_error("ends_on", _("This day comes before the first one."))
        return False
    messages.success(request, _("The change was saved."))
    return True
