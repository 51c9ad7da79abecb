"""What a page of figures is asked for: which campaign, which days, and who asks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import may_see
from crm.campaigns.models import Campaign
from crm.lib.periods import Period, local_day
from crm.reports import campaigns
from crm.reports.counting import WINDOWS
from crm.reports.scope import Scope
from crm.reports.sources import EVERY
from crm.staff.forms import choice, day

EARLIEST = date(1990, 1, 1)
LATEST = date(2200, 1, 1)
USUAL = "12m"
PRESETS = {
    "30d": gettext_lazy("Last 30 days"),
    USUAL: gettext_lazy("Last 12 months"),
    "all": gettext_lazy("From the beginning"),
}
PAGES = {
    "crm_campaign_sources": gettext_lazy("Sources"),
    "crm_campaign_funnel": gettext_lazy("From view to gift"),
    "crm_campaign_sharing": gettext_lazy("Sharing"),
}


class ScopeForm(forms.Form):
    """The campaign and the days, from the address; none of it need be there."""

    campaign = choice(gettext_lazy("Campaign"), [], required=False)
    since = day(gettext_lazy("From"), required=False)
    until = day(gettext_lazy("Up to and including"), required=False)

    def __init__(self, *args: Any, known: list[campaigns.Choice], **options: Any) -> None:
        super().__init__(*args, **options)
        offered = [("", _("All campaigns")), *((str(each.pk), each.title) for each in known)]
        self.fields["campaign"].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if (told.get("since") or date.min) > (told.get("until") or date.max):
            self.add_error("until", _("This day comes before the first one."))
        return told

    def period(self, today: date) -> Period | None:
        """The days that were asked for; None where none were, or where they make no sense."""
        told = self.cleaned_data if self.is_valid() else {}
        if not told.get("since") and not told.get("until"):
            return None
        since = max(EARLIEST, told["since"] or EARLIEST)
        until = min(told["until"] or today, LATEST)
        return Period(min(since, until), max(since, until) + timedelta(days=1))


@dataclass(frozen=True)
class Asked:
    """What somebody looks at, and what of it they may be told."""

    request: HttpRequest
    page: str  # the name of the page's address
    campaign: Campaign | None
    form: ScopeForm
    scope: Scope
    preset: str  # which of the usual periods; "" for days of one's own
    today: date

    @property
    def sees_people(self) -> bool:
        return may_see(self.request.user)

    @property
    def sees_names(self) -> bool:
        return may_see(self.request.user, "signatures")

    @property
    def sees_money(self) -> bool:
        return bool(self.request.user.has_perm("crm.see_money"))

    @property
    def sees_gifts(self) -> bool:
        return may_see(self.request.user, "gifts", "money")

    @property
    def file(self) -> str:
        """The table that is wanted as a file."""
        return self.request.GET.get("file", "")

    @property
    def opened(self) -> str:
        """The channel whose sources are wanted one by one; in a file, those of all."""
        return EVERY if self.file else self.request.GET.get("channel", "").replace(EVERY, "")

    @property
    def address(self) -> str:
        return f"admin:{self.page}"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form keeps of the address besides its own fields."""
        names = ("window", "channel")
        return [(name, self.request.GET[name]) for name in names if self.request.GET.get(name)]

    def query(self, **changes: str) -> str:
        """Return the address of the same page with something changed, "" taking it away."""
        left = self.request.GET.copy()
        left.pop("file", None)
        for name, value in changes.items():
            left.pop(name, None)
            if value:
                left[name] = value
        return f"?{left.urlencode()}"

    def periods(self) -> list[tuple[str, Any, str]]:
        return [
            (name, words, self.query(period=name, since="", until=""))
            for name, words in PRESETS.items()
        ]

    def windows(self) -> list[tuple[int, str]]:
        """Within how many days those who were brought may be counted."""
        return [(days, self.query(window=str(days))) for days in WINDOWS]

    def tabs(self) -> list[tuple[Any, str, bool]]:
        """The pages about a campaign: their names and addresses, and which is this one."""
        only = [self.campaign.pk] if self.campaign else []
        kept = self.query(campaign="", channel="", window="").removesuffix("?")
        return [
            (words, reverse(f"admin:{name}", args=only) + kept, name == self.page)
            for name, words in PAGES.items()
        ]


def asked(request: HttpRequest, page: str, campaign: Campaign | None, *, now: datetime) -> Asked:
    """Read the address; days that make no sense are told beside their field."""
    today, preset = local_day(now), request.GET.get("period", "")
    told = {name: request.GET.get(name, "") for name in ("since", "until")}
    chosen = str(campaign.pk) if campaign else ""
    known = campaigns.choices()
    form = ScopeForm({**told, "campaign": chosen}, known=known)
    period = None if preset in PRESETS else form.period(today)
    if period is None:
        preset = preset if preset in PRESETS else USUAL
        period = Period(starts(today)[preset], today + timedelta(days=1))
        if form.is_valid():
            days = {"since": period.start, "until": today} if preset != "all" else {}
            form = ScopeForm(initial={**days, "campaign": chosen}, known=known)
    scope = Scope(period, campaign.pk if campaign else None)
    return Asked(request, page, campaign, form, scope, preset if preset in PRESETS else "", today)


def starts(today: date) -> dict[str, date]:
    """Where the usual periods begin; a year begins with a month, so that months compare."""
    month = today.replace(day=1)
    return {
        "30d": today - timedelta(days=29),
        USUAL: month.replace(year=month.year - 1),
        "all": EARLIEST,
    }
