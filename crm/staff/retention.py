"""Retention: what is kept for how long, what is due now and in the months to come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.exchange.everything import KEPT as ARCHIVES_KEPT
from crm.exchange.forgetting import KEPT_FOR as FILES_KEPT
from crm.privacy import calendar, keeping, register
from crm.privacy.keeping import Rule
from crm.privacy.retention_rules import RetentionRule, RetentionRun
from crm.queue import KEEP_HOURS
from crm.staff.pages import StaffAdmin
from crm.staff.retention_forms import RuleForm
from crm.staff.site import site


@dataclass(frozen=True)
class Row:
    """A rule as the page tells it."""

    rule: Rule
    term: str
    due: int
    last: RetentionRun | None


def rows(now: datetime) -> list[Row]:
    last = keeping.last_runs()
    return [
        Row(rule, register.term_of(rule), keeping.number_due(rule, now), last.get(rule.key))
        for rule in keeping.rules()
    ]


def fixed() -> list[tuple[str | Promise, str]]:
    """Return what other jobs delete, after a time that staff do not set."""
    return [
        (gettext_lazy("files that were imported"), in_days(FILES_KEPT)),
        (gettext_lazy("archives of everything"), in_days(ARCHIVES_KEPT)),
        (
            gettext_lazy("names of those who did not finish giving"),
            in_days(timedelta(days=settings.ABANDONED_DAYS)),
        ),
        (gettext_lazy("jobs that are done"), in_days(timedelta(hours=KEEP_HOURS))),
        (
            gettext_lazy("sessions of members of staff"),
            in_days(timedelta(seconds=settings.SESSION_COOKIE_AGE)),
        ),
    ]


def in_days(term: timedelta) -> str:
    return ngettext("%(number)d day", "%(number)d days", term.days) % {"number": term.days}


def effect(rule: Rule, months: int, is_on: bool, now: datetime) -> str:
    """Return what a term would do tonight, in a sentence."""
    number = keeping.number_due(rule.with_months(months), now)
    if not is_on:
        words = ngettext(
            "%(number)s row is older than that. Nothing happens while it is switched off.",
            "%(number)s rows are older than that. Nothing happens while it is switched off.",
            number,
        )
    elif rule.empties:
        words = ngettext(
            "With this, %(number)s row would be emptied tonight. It cannot be undone.",
            "With this, %(number)s rows would be emptied tonight. It cannot be undone.",
            number,
        )
    elif rule.key == "inactive":
        words = ngettext(
            "With this, %(number)s person would be erased from tonight on. It cannot be undone.",
            "With this, %(number)s people would be erased from tonight on. It cannot be undone.",
            number,
        )
    else:
        words = ngettext(
            "With this, %(number)s row would be deleted tonight. It cannot be undone.",
            "With this, %(number)s rows would be deleted tonight. It cannot be undone.",
            number,
        )
    return words % {"number": intcomma(number)}


@admin.register(RetentionRule, site=site)
class RetentionRuleAdmin(StaffAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        pages = [
            path("calendar/", wrap(self.calendar_view), name="crm_retention_calendar"),
            path("register/", wrap(self.register_view), name="crm_register"),
            path("register.json/", wrap(self.register_json_view), name="crm_register_json"),
        ]
        return [*pages, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """All rules, how much of each is due now, and what was done last."""
        self.refuse_strangers(request)
        runs = RetentionRun.objects.filter(rows__gt=0).order_by("-at", "-pk")[:15]
        titles = {rule.key: rule.title for rule in keeping.rules()}
        told: dict[str, Any] = {
            "rows": rows(timezone.now()),
            "fixed": fixed(),
            "runs": [(run, titles.get(run.key, run.key)) for run in runs],
            "may_change": self.has_change_permission(request),
        }
        return self.page(request, "retention", _("Retention"), **told)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Set a term: what it would do is shown first, and then confirmed."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        rule, now = asked(object_id), timezone.now()
        form = RuleForm(request.POST or None, rule=rule, now=now)
        if form.is_confirmed():
            return self.decided(request, rule, form, now)
        shown = ""
        if form.is_valid():
            shown = effect(rule, form.cleaned_data["months"], form.cleaned_data["is_on"], now)
            form.show()
        told: dict[str, Any] = {"rule": rule, "form": form, "effect": shown}
        told["due"] = keeping.number_due(rule, now)
        return self.page(request, "retention_rule", rule.title, **told)

    def decided(
        self, request: HttpRequest, rule: Rule, form: RuleForm, now: datetime
    ) -> HttpResponse:
        months, is_on = form.cleaned_data["months"], form.cleaned_data["is_on"]
        keeping.decide(key=rule.key, months=months, is_on=is_on, by=request.user, at=now)
        messages.success(request, _("The rule holds from now on."))
        return redirect("admin:crm_retentionrule_changelist")

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """How much will be due in each of the months to come."""
        self.refuse_strangers(request)
        now = timezone.now()
        lines = [calendar.line(rule, now) for rule in keeping.rules()]
        back = reverse("admin:crm_retentionrule_changelist")
        told: dict[str, Any] = {"months": calendar.months_from(now), "lines": lines, "back": back}
        return self.page(request, "retention_calendar", _("Calendar of deletion"), **told)

    def register_view(self, request: HttpRequest) -> HttpResponse:
        """The register of processing, to read and to print."""
        self.refuse_strangers(request)
        told = register.register(timezone.now())
        return self.page(request, "register", _("Register of processing"), register=told)

    def register_json_view(self, request: HttpRequest) -> HttpResponse:
        self.refuse_strangers(request)
        told = register.as_json(register.register(timezone.now()))
        answer = JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 2})
        answer.headers["Content-Disposition"] = 'attachment; filename="register.json"'
        return answer

    def refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def asked(key: str) -> Rule:
    try:
        return keeping.rule(key)
    except keeping.NoSuchRule:
        raise Http404 from None
