"""Possible duplicates: pairs to decide, what was said of others, the search, and the rule."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.people import runs
from crm.people.deciding import CannotDecide, ask_again, say_different, set_rule
from crm.people.duplicates import MatchRun, Suspicion
from crm.people.matching import rule
from crm.staff.duplicate_pairs import pairs, percent, with_both
from crm.staff.forms import choice
from crm.staff.pages import ReadOnly
from crm.staff.site import site

ON_A_PAGE = 20
LEVELS = {"0.5": 50, "0.8": 80, "0.95": 95, "0.99": 99}
LOWEST = "0.5"
VIEWS = {"open": gettext_lazy("To decide"), "different": gettext_lazy("Not duplicates")}
STAGES = {
    "": gettext_lazy("Waiting to begin"),
    "reading": gettext_lazy("Reading the records"),
    "comparing": gettext_lazy("Comparing"),
    "writing": gettext_lazy("Writing down what was found"),
}
NEVER = ("", gettext_lazy("Never: staff decide about each pair"))
SURE = [
    (value, gettext_lazy("From %(percent)s %%") % {"percent": words})
    for value, words in (("0.99", "99"), ("0.999", "99.9"), ("0.9999", "99.99"))
]


class RuleForm(forms.Form):
    """From which probability pairs are merged without asking."""

    merges_from = choice(gettext_lazy("Merge by itself"), [NEVER, *SURE], required=False)

    def value(self) -> float | None:
        chosen = self.cleaned_data["merges_from"]
        return float(chosen) if chosen else None


@admin.register(Suspicion, site=site)
class SuspicionAdmin(ReadOnly):
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        name = "crm_suspicion"  # and in the plural what is about none of them
        return [
            path("search/", wrap(self.search_view), name=f"{name}s_search"),
            path("progress/", wrap(self.progress_view), name=f"{name}s_progress"),
            path("rule/", wrap(self.rule_view), name=f"{name}s_rule"),
            path("<int:pk>/different/", wrap(self.different_view), name=f"{name}_different"),
            path("<int:pk>/again/", wrap(self.again_view), name=f"{name}_again"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Pairs to decide, the likeliest first; or those of whom staff said that they are two."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        view = request.GET.get("state", "open")
        view, least = view if view in VIEWS else "open", request.GET.get("from", LOWEST)
        least = least if least in LEVELS else LOWEST
        found = Paginator(with_both(seen(view, float(least))), ON_A_PAGE)
        shown = found.get_page(request.GET.get("page"))
        context: dict[str, Any] = {"pairs": pairs(shown, request.user), "pages": shown}
        context |= {"view": view, "views": VIEWS, "least": least, "levels": LEVELS, "rule": rule()}
        return self.show(request, _("Possible duplicates"), **context, **run_told())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One pair."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = Suspicion.objects.filter(pk=object_id if object_id.isdecimal() else 0)
        pair = get_object_or_404(with_both(wanted))
        return self.show(request, _("Possible duplicate"), pairs=pairs([pair], request.user))

    def show(self, request: HttpRequest, title: str, **context: Any) -> HttpResponse:
        context["may_decide"] = request.user.has_perm("crm.change_suspicion")
        context["may_merge"] = request.user.has_perm("crm.merge_supporter")
        context["may_rule"] = request.user.has_perm("crm.change_matchrule")
        return self.page(request, "duplicates", title, query=request.GET.urlencode(), **context)

    def different_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say that the two are not one person."""
        said = _("Remembered: they are not one person. Nothing proposes them again.")
        return self.decide(request, pk, say_different, said)

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back that the two are not one person."""
        return self.decide(request, pk, ask_again, _("The pair is to decide again."))

    def decide(self, request: HttpRequest, pk: int, operation: Any, said: str) -> HttpResponse:
        self.require(request, "crm.change_suspicion")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        suspicion = get_object_or_404(Suspicion, pk=pk)
        try:
            operation(suspicion=suspicion, at=timezone.now(), by=request.user)
        except CannotDecide:
            messages.warning(request, _("Somebody decided about this pair already."))
        else:
            messages.success(request, said)
        return back_to_list(request)

    def search_view(self, request: HttpRequest) -> HttpResponse:
        """Have everybody compared with everybody."""
        self.require(request, "crm.change_suspicion")
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        runs.start(at=timezone.now(), by=request.user)
        return back_to_list(request)

    def progress_view(self, request: HttpRequest) -> HttpResponse:
        """How far the search is: a part of the page, asked for until it has ended."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return TemplateResponse(request, "staff/duplicates_progress.html", run_told())

    def rule_view(self, request: HttpRequest) -> HttpResponse:
        """How much is merged without asking."""
        self.require(request, "crm.change_matchrule")
        now = rule().merges_from
        form = RuleForm(request.POST or None, initial={"merges_from": "" if now is None else now})
        if form.is_valid():
            set_rule(merges_from=form.value(), at=timezone.now(), by=request.user)
            messages.success(request, _("The rule was saved."))
            return redirect("admin:crm_suspicion_changelist")
        back = reverse("admin:crm_suspicion_changelist")
        intro = _(
            "Pairs with at least this probability are merged by themselves. Never merged so are "
            "two who both have an e-mail address in use, two with different dates of birth, two of "
            "whom staff said that they are not one person, two who were merged and taken apart, "
            "and organisations. Each merge can be undone."
        )
        title = _("Rule for duplicates")
        return self.page(request, "form", title, form=form, intro=intro, back_url=back)

    def require(self, request: HttpRequest, right: str) -> None:
        if not (self.has_view_permission(request) and request.user.has_perm(right)):
            raise PermissionDenied


def seen(view: str, least: float) -> QuerySet[Suspicion]:
    if view == "different":
        different = Suspicion.objects.filter(state=Suspicion.State.DIFFERENT)
        return different.filter(score__gte=least).order_by("-decided_at", "-pk")
    return Suspicion.objects.open().filter(score__gte=least).order_by("-score", "pk")


def run_told() -> dict[str, Any]:
    """What is shown of the latest search."""
    run = runs.latest()
    if run is None:
        return {"run": None}
    is_under_way = run.state in (MatchRun.State.WAITING, MatchRun.State.RUNNING)
    done = percent(run.done / run.total) if run.total else 0
    return {
        "run": run,
        "is_under_way": is_under_way,
        "stage": STAGES.get(run.stage, run.stage),
        "percent": done,
    }


def back_to_list(request: HttpRequest) -> HttpResponse:
    """Return to the list as it was, with its filters."""
    query = request.GET.urlencode()
    return redirect(reverse("admin:crm_suspicion_changelist") + (f"?{query}" if query else ""))
