"""Corrections that public forms propose: what we have beside what was said, to decide on."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_countries import countries

from crm.access import may_see
from crm.people.corrections import Decision, Outcome, changed_since, decide, value_now
from crm.people.models import Supporter
from crm.people.offers import ADDRESS
from crm.people.proposals import Proposal
from crm.privacy.correcting import settle_corrections
from crm.staff.pages import StaffAdmin
from crm.staff.returning import go_back
from crm.staff.site import site
from crm.staff.sources import in_words

ON_A_PAGE = 50
VIEWS = {"open": gettext_lazy("To decide"), "decided": gettext_lazy("Decided")}


class Row(NamedTuple):
    proposal: Proposal
    label: str
    seen: str  # as it is compared
    now: str  # as it is read
    proposed: str
    was: str  # what stood there when it was proposed, if something else stands there now
    is_changed: bool
    source: str


def rows(proposals: Iterable[Proposal], *, sees_gifts: bool) -> list[Row]:
    """Return proposals with everything that is needed to decide, in three queries at most."""
    found = list(proposals)
    waiting = [each for each in found if each.state == Proposal.State.OPEN]
    since = changed_since(waiting) if waiting else {}
    sources = in_words((each.source for each in found), sees_gifts=sees_gifts)
    return [
        Row(
            proposal=each,
            label=label_of(each.field),
            seen=(seen := value_now(each.supporter, each.field)),
            now=shown(each.field, seen),
            proposed=shown(each.field, each.value),
            was=shown(each.field, since.get(each.pk, "")),
            is_changed=each.pk in since,
            source=sources.get(each.source, ""),
        )
        for each in found
    ]


def label_of(field: str) -> str:
    if field == ADDRESS:
        return _("Address")
    known = {each.name: each for each in Supporter._meta.concrete_fields}
    return capfirst(str(known[field].verbose_name)) if field in known else field


def shown(field: str, value: str) -> str:
    """Return a value as readers know it."""
    if field == ADDRESS:
        return ", ".join(filter(None, value.split("\n")))
    return (countries.name(value) or value) if field == "country" else value


@admin.register(Proposal, site=site)
class ProposalAdmin(StaffAdmin):
    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name="crm_proposal_changelist"),
            path("decide/", wrap(self.decide_view), name="crm_proposal_decide"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """What waits, the oldest first; and what was decided, and by whom."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        view = "decided" if request.GET.get("show") == "decided" else "open"
        pages = Paginator(found(view), ON_A_PAGE).get_page(request.GET.get("page"))
        shown = rows(pages, sees_gifts=may_see(request.user, "gifts"))
        told: dict[str, Any] = {"rows": shown, "pages": pages, "view": view, "views": VIEWS}
        may = self.has_change_permission(request)
        return self.page(request, "proposals", _("Proposed corrections"), may_decide=may, **told)

    def decide_view(self, request: HttpRequest) -> HttpResponse:
        """Accept or decline what was marked, or one of them by its own button."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        now = timezone.now()
        outcome = decide(decisions=decisions(request), at=now, by=request.user)
        settle_corrections(at=now)
        tell(request, outcome)
        return go_back(request, reverse("admin:crm_proposal_changelist"))


def found(view: str) -> Any:
    related = ("supporter", "decided_by")
    current = Proposal.objects.filter(supporter__merged_into=None).select_related(*related)
    if view == "decided":
        return current.exclude(state=Proposal.State.OPEN).order_by("-decided_at", "-pk")
    return current.open().order_by("at", "pk")


def decisions(request: HttpRequest) -> list[Decision]:
    """Read what was pressed ("accept-12") or else what was marked, with what was seen beside it."""
    pressed, marked = request.POST.get("decide", ""), request.POST.getlist("marked")
    verb, _dash, one = pressed.partition("-")
    if verb not in ("accept", "decline"):
        return []
    return [
        Decision(int(key), verb == "accept", request.POST.get(f"seen-{key}", ""))
        for key in ([one] if one else marked)
        if key.isdecimal()
    ]


def tell(request: HttpRequest, outcome: Outcome) -> None:
    for level, count, line in (
        (
            messages.SUCCESS,
            outcome.accepted,
            ngettext(
                "%(count)s correction was accepted.",
                "%(count)s corrections were accepted.",
                outcome.accepted,
            ),
        ),
        (
            messages.SUCCESS,
            outcome.declined,
            ngettext(
                "%(count)s correction was declined.",
                "%(count)s corrections were declined.",
                outcome.declined,
            ),
        ),
        (
            messages.WARNING,
            outcome.changed,
            ngettext(
                "%(count)s record was changed meanwhile: look at it again. It was not written.",
                "%(count)s records were changed meanwhile: look at them again. They were not "
                "written.",
                outcome.changed,
            ),
        ),
        (
            messages.INFO,
            outcome.late,
            ngettext(
                "%(count)s had been decided by somebody else.",
                "%(count)s had been decided by somebody else.",
                outcome.late,
            ),
        ),
    ):
        if count:
            messages.add_message(request, level, line % {"count": count})
    if not any(outcome):
        messages.info(request, _("Mark at least one correction."))
