"""Three pages about a campaign, or about all: sources, from view to gift, sharing."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from crm.campaigns.models import Campaign
from crm.lib.tables import csv_lines
from crm.reports import funnel, sharing, sources
from crm.staff import funnel_tables, sharing_tables, source_tables
from crm.staff.report_scope import PAGES, Asked, asked
from crm.staff.report_tables import Table


class ReportPages:
    """The part of the campaigns' pages that is about how they go."""

    admin_site: Any
    page: Callable[..., HttpResponse]
    has_view_permission: Callable[..., bool]

    def report_urls(self) -> list[Any]:
        views = {
            "sources": self.sources_view,
            "funnel": self.funnel_view,
            "sharing": self.sharing_view,
        }
        return [
            path(f"{one}{name}/", self.admin_site.admin_view(view), name=f"crm_campaign_{name}")
            for name, view in views.items()
            for one in ("", "<int:campaign_id>/")
        ]

    def sources_view(
        self, request: HttpRequest, campaign_id: int | None = None
    ) -> HttpResponseBase:
        """Where signers and gifts came from."""
        ask = self.report_asked(request, "crm_campaign_sources", campaign_id)
        found = sources.steps_and_money(ask.scope, opened=ask.opened)
        told = found if ask.sees_people else sources.masked(found)
        tables = [source_tables.people(ask, told)]
        if ask.sees_money:
            tables.append(source_tables.money(ask, told))
        return self.report_page(ask, tables, summary=source_tables.summary(told))

    def funnel_view(self, request: HttpRequest, campaign_id: int | None = None) -> HttpResponseBase:
        """How many of those who see a page sign, share and give."""
        ask = self.report_asked(request, "crm_campaign_funnel", campaign_id)
        found = sources.steps(ask.scope, opened=ask.opened)
        told = found if ask.sees_people else sources.masked(found)
        converted = funnel.conversions(ask.scope, today=ask.today)
        tables = [
            funnel_tables.steps(told.total),
            funnel_tables.conversions(ask, converted),
            funnel_tables.channels(ask, told),
        ]
        return self.report_page(ask, tables, summary=funnel_tables.summary(told.total))

    def sharing_view(
        self, request: HttpRequest, campaign_id: int | None = None
    ) -> HttpResponseBase:
        """How many others each signer brings."""
        ask = self.report_asked(request, "crm_campaign_sharing", campaign_id)
        window = sharing_tables.window(request.GET.get("window", ""))
        found = sharing.sharing(ask.scope, today=ask.today, window=window)
        tables = [sharing_tables.channels(ask, found), sharing_tables.generations(ask, found)]
        if ask.sees_names:
            tables.append(sharing_tables.sharers(ask))
        cards = sharing_tables.cards(ask, found)
        told = {"found": found, "windows": ask.windows(), "cards": cards}
        return self.report_page(ask, tables, summary=sharing_tables.summary(ask, found), **told)

    def report_asked(self, request: HttpRequest, page: str, campaign_id: int | None) -> Asked:
        """Which campaign and which days the address means, for who may see campaigns."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = request.GET.get("campaign", "")
        chosen = campaign_id or (int(wanted) if wanted.isdecimal() else None)
        known = Campaign.objects.with_texts()
        campaign = get_object_or_404(known, pk=chosen) if chosen else None
        return asked(request, page, campaign, now=timezone.now())

    def report_page(self, ask: Asked, tables: Iterable[Table], **told: Any) -> HttpResponseBase:
        """The page with its tables, or one of them as a file."""
        known = {each.name: each._replace(link=ask.query(file=each.name)) for each in tables}
        if ask.file:
            return sent(ask, known)
        title = PAGES[ask.page]
        return self.page(
            ask.request,
            ask.page.removeprefix("crm_"),
            f"{ask.campaign or _('All campaigns')}: {title}",
            ask=ask,
            form=ask.form,
            tables=known,
            **told,
        )


def sent(ask: Asked, tables: dict[str, Table]) -> StreamingHttpResponse:
    if ask.file not in tables:
        raise Http404
    table, period = tables[ask.file], ask.scope.period
    slug = ask.campaign.slug if ask.campaign else _("all")
    name = f"{slug}-{table.name}-{period.start}-{period.last_day}.csv"
    return StreamingHttpResponse(
        csv_lines(table.file_heads(), table.file_rows()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(True, name) or ""},
    )
