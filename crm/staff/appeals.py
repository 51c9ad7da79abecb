"""Appeals by letter: a communication for each donor, and what the printer needs."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold import widgets
from unfold.decorators import display

from crm import audit
from crm.campaigns.models import Campaign
from crm.donations import appeals
from crm.donations.communications import Communication
from crm.lib.tables import csv_lines
from crm.people.models import LANGUAGES, Supporter
from crm.staff.forms import choice
from crm.staff.pages import ReadOnly
from crm.staff.signatures import supporter_link
from crm.staff.site import site

RIGHTS = ["crm.add_communication", "crm.view_supporter", "crm.see_money"]
MONTHS = [6, 12, 24, 36, 60]


def campaign_choice(label: Any, **options: Any) -> Any:
    return forms.ModelChoiceField(
        label=label,
        queryset=Campaign.objects.with_texts(),
        required=False,
        widget=widgets.UnfoldAdminSelectWidget(),
        **options,
    )


class AppealForm(forms.Form):
    """Who is asked, and for what."""

    name = forms.CharField(
        label=gettext_lazy("Name of the appeal"),
        max_length=60,
        widget=widgets.UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Such as “Letter, December 2026”."),
    )
    campaign = campaign_choice(
        gettext_lazy("Gifts are for"), empty_label=gettext_lazy("where they are needed")
    )
    months = forms.TypedChoiceField(
        label=gettext_lazy("Donors who gave in the last"),
        coerce=int,
        choices=lambda: [
            (count, ngettext("%(count)d month", "%(count)d months", count) % {"count": count})
            for count in MONTHS
        ],
        initial=24,
        widget=widgets.UnfoldAdminSelectWidget(),
    )
    gave_for = campaign_choice(
        gettext_lazy("Who gave for"), empty_label=gettext_lazy("any campaign or none")
    )
    language = choice(
        gettext_lazy("Who read"), [("", gettext_lazy("any language")), *LANGUAGES], required=False
    )


@admin.register(Communication, site=site)
class CommunicationAdmin(ReadOnly):
    """Whose communication is this? And the appeals they were made for."""

    list_display = ("written", "who", "appeal", "campaign", "created_at")
    list_display_links = None
    list_select_related = ("supporter", "campaign")
    ordering = ("-pk",)
    sortable_by = ()
    search_fields = ("digits",)  # see get_search_results
    search_help_text = gettext_lazy("Communication, name, e-mail or postcode")
    fields = ("written", "who", "appeal", "campaign", "created_at")
    readonly_fields = ("written", "who")

    @display(description=gettext_lazy("structured communication"))
    def written(self, communication: Communication) -> str:
        return str(communication)

    @display(description=gettext_lazy("supporter"))
    def who(self, communication: Communication) -> str:
        supporter = communication.supporter
        return supporter_link(supporter) if supporter else _("everybody")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Communication]:
        return super().get_queryset(request).prefetch_related("campaign__texts")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term:
            return queryset, False
        exact = queryset.written(search_term)
        people = Supporter.objects.search(search_term, request.user).values("pk")
        return (exact if exact.exists() else queryset.filter(supporter__in=people)), False

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("appeals/", wrap(self.appeals_view), name="crm_appeals"),
            path("appeals/download/", wrap(self.download_view), name="crm_appeals_download"),
            *super().get_urls(),
        ]

    def check_asker(self, request: HttpRequest) -> None:
        if not request.user.has_perms(RIGHTS):
            raise PermissionDenied

    def appeals_view(self, request: HttpRequest) -> HttpResponse:
        """Prepare an appeal, and find those that were prepared."""
        self.check_asker(request)
        form = AppealForm(request.POST or None)
        if form.is_valid() and self.prepared(request, form):
            return redirect("admin:crm_appeals")
        known = [(each, files_of(each)) for each in appeals.appeals()]
        return self.page(request, "appeals", _("Appeals by letter"), form=form, appeals=known)

    def prepared(self, request: HttpRequest, form: AppealForm) -> bool:
        asked, now = form.cleaned_data, timezone.now()
        donors = appeals.donors_to_ask(
            months=asked["months"],
            language=asked["language"],
            gave_for=asked["gave_for"],
            at=now,
        )
        what = {"name": asked["name"], "campaign": asked["campaign"]}
        try:
            made = appeals.prepare(**what, donors=donors, at=now, by=request.user)
        except appeals.NobodyToAsk:
            form.add_error("months", _("No donor is like that. Ask for more months, or for all."))
            return False
        told = ngettext(
            "%(count)d communication was made.", "%(count)d communications were made.", made
        )
        messages.success(request, told % {"count": made})
        return True

    def download_view(self, request: HttpRequest) -> HttpResponseBase:
        """The communications of an appeal as a table, or its slips to print."""
        self.check_asker(request)
        found, name = asked_for(request)
        part = request.GET.get("part", "")
        details = {"part": int(part)} if part.isdecimal() else {}
        audit.log("appeal.downloaded", found[0], by=request.user, at=timezone.now(), **details)
        if details:
            return sent(HttpResponse(appeals.slips(found, **details)), "pdf", f"{name}-{part}")
        return sent(StreamingHttpResponse(csv_lines(heads(), appeals.rows(found))), "csv", name)


def asked_for(request: HttpRequest) -> tuple[QuerySet[Communication], str]:
    """Return the communications of the appeal in the address, and a name for a file."""
    name, campaign = request.GET.get("appeal", ""), request.GET.get("campaign", "")
    if "\x00" in name or (campaign and not campaign.isdecimal()):
        raise Http404
    known = Campaign.objects.filter(pk=campaign).first() if campaign else None
    found = appeals.communications_of(name=name, campaign=known)
    if not name or not found.exists():
        raise Http404
    return found, slugify(name) or "appeal"


def sent(answer: HttpResponseBase, kind: str, name: str) -> HttpResponseBase:
    types = {"pdf": "application/pdf", "csv": "text/csv; charset=utf-8"}
    answer["Content-Type"] = types[kind]
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def heads() -> list[Any]:
    return [
        _("given name"),
        _("family name"),
        _("greeting"),
        _("name on the envelope"),
        _("street and number"),
        _("postcode"),
        _("town"),
        _("country"),
        _("language"),
        _("structured communication"),
    ]


def files_of(appeal: appeals.Appeal) -> dict[str, Any]:
    """Return the addresses of an appeal's files: the table, and the slips in parts."""
    campaign = str(appeal.campaign.pk) if appeal.campaign else ""
    query = urlencode({"appeal": appeal.name, "campaign": campaign})
    table = f"{reverse('admin:crm_appeals_download')}?{query}"
    slips = [(part, f"{table}&part={part}") for part in appeals.parts(appeal.donors)]
    return {"table": table, "slips": slips}
