"""Privacy requests: what people ask of their data, until when, and what became of it."""

from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.donations.farewell import StillGiving, ask_to_go, plans_left
from crm.donations.instructions import CannotInstruct
from crm.lib.downloads import download
from crm.lib.periods import local_day, noon
from crm.people.attaching import take_out
from crm.people.models import Supporter
from crm.privacy import requesting
from crm.privacy.belongings import person_behind
from crm.privacy.planning import plan_erasure
from crm.privacy.proving import mentions
from crm.privacy.requests import PrivacyRequest
from crm.privacy.traces import traces_of
from crm.staff import privacy_words
from crm.staff.forms import told_supporter
from crm.staff.pages import StaffAdmin
from crm.staff.privacy_forms import AskForm, CarryOutForm, RefuseForm
from crm.staff.site import site

RIGHT = "crm.handle_privacy"
ON_A_PAGE = 50
VIEWS = {"open": gettext_lazy("To answer"), "answered": gettext_lazy("Answered")}
Kind, State = PrivacyRequest.Kind, PrivacyRequest.State


class Row(NamedTuple):
    asked: PrivacyRequest
    came_by: str
    is_late: bool


def row_of(asked: PrivacyRequest) -> Row:
    late = privacy_words.is_late(asked, timezone.now())
    return Row(asked, privacy_words.source_says(asked.source), late)


@admin.register(PrivacyRequest, site=site)
class PrivacyRequestAdmin(StaffAdmin):
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(RIGHT)

    has_add_permission = has_change_permission = has_view_permission
    has_module_permission = has_view_permission

    def get_urls(self) -> list[Any]:
        wrap, at = self.admin_site.admin_view, "<int:request_id>"
        return [
            path(f"{at}/begin/", wrap(self.begin_view), name="crm_privacyrequest_begin"),
            path(f"{at}/refuse/", wrap(self.refuse_view), name="crm_privacyrequest_refuse"),
            path(f"{at}/finish/", wrap(self.finish_view), name="crm_privacyrequest_finish"),
            path(f"{at}/fetch/", wrap(self.fetch_view), name="crm_privacyrequest_fetch"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """What waits for an answer, the most urgent first; and what was answered."""
        self.refuse_strangers(request)
        view = "answered" if request.GET.get("show") == "answered" else "open"
        pages = Paginator(found(view), ON_A_PAGE).get_page(request.GET.get("page"))
        rows = [row_of(each) for each in pages]
        told: dict[str, Any] = {"rows": rows, "pages": pages, "view": view, "views": VIEWS}
        return self.page(request, "privacy_list", _("Privacy requests"), **told)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Write down what came by mail, letter or telephone."""
        self.refuse_strangers(request)
        form = AskForm(request.POST or None, initial=first_of(told_supporter(request)))
        if form.is_valid():
            asked = written_down(form.cleaned_data, by=request.user)
            return redirect("admin:crm_privacyrequest_change", asked.pk)
        back = reverse("admin:crm_privacyrequest_changelist")
        return self.page(request, "form", _("New privacy request"), form=form, back_url=back)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Everything about one request: what would be done, or what was."""
        self.refuse_strangers(request)
        asked = self.asked(int(object_id) if object_id.isdecimal() else 0)
        return self.shown(request, asked, form_for(asked))

    def begin_view(self, request: HttpRequest, request_id: int) -> HttpResponse:
        """Have a request carried out."""
        if answer := self.refused(request):
            return answer
        asked = self.asked(request_id)
        form = form_for(asked, request.POST)
        if not form.is_valid():
            return self.shown(request, asked, form, status=422)
        try:
            carry_out(asked, form, by=request.user)
        except (CannotInstruct, StillGiving):
            words = _("Their regular gift cannot be ended from here: end it first.")
            messages.error(request, words)
        except requesting.AlreadyDecided:
            messages.info(request, _("Somebody else has answered it meanwhile."))
        else:
            messages.success(request, _("It is being carried out."))
        return redirect("admin:crm_privacyrequest_change", asked.pk)

    def refuse_view(self, request: HttpRequest, request_id: int) -> HttpResponse:
        self.refuse_strangers(request)
        asked, form = self.asked(request_id), RefuseForm(request.POST or None)
        back = reverse("admin:crm_privacyrequest_change", args=[asked.pk])
        if form.is_valid():
            try:
                requesting.refuse(
                    request=asked, **form.cleaned_data, at=timezone.now(), by=request.user
                )
            except requesting.AlreadyDecided:
                messages.info(request, _("Somebody else has answered it meanwhile."))
            return redirect(back)
        told: dict[str, Any] = {"form": form, "back_url": back, "submit": _("Refuse")}
        return self.page(request, "form", _("Refuse the request"), **told)

    def finish_view(self, request: HttpRequest, request_id: int) -> HttpResponse:
        """Somebody's data was put right by hand."""
        if answer := self.refused(request):
            return answer
        asked = self.asked(request_id)
        requesting.settle(request=asked, at=timezone.now(), by=request.user)
        messages.success(request, _("The request is answered."))
        return redirect("admin:crm_privacyrequest_change", asked.pk)

    def fetch_view(self, request: HttpRequest, request_id: int) -> HttpResponseBase:
        """Take a package along, for somebody who has no e-mail; who did is noted."""
        if answer := self.refused(request):
            return answer
        asked = self.asked(request_id)
        files = {"archive": asked.data_file, "pages": asked.readable_file}
        stored = files.get(request.POST.get("file", ""))
        if stored is None:
            raise Http404
        taken = take_out(stored=stored, at=timezone.now(), by=request.user)
        return download(taken, name=stored.name, content_type=stored.content_type, size=stored.size)

    def shown(
        self, request: HttpRequest, asked: PrivacyRequest, form: CarryOutForm, status: int = 200
    ) -> HttpResponse:
        told = {"row": row_of(asked), "asked": asked, "form": form, **outlook(asked)}
        title = _("Privacy request: %(kind)s") % {"kind": asked.get_kind_display()}
        return self.page(request, "privacy_request", title, status=status, **told)

    def asked(self, key: int) -> PrivacyRequest:
        related = ("supporter", "handled_by", "data_file", "readable_file")
        return get_object_or_404(PrivacyRequest.objects.select_related(*related), pk=key)

    def refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def refused(self, request: HttpRequest) -> HttpResponse | None:
        self.refuse_strangers(request)
        return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])


def found(view: str) -> Any:
    if view == "open":
        return requesting.waiting().select_related("supporter", "handled_by")
    answered = PrivacyRequest.objects.filter(state__in=[State.DONE, State.REFUSED])
    return answered.select_related("supporter", "handled_by").order_by("-done_at", "-pk")


def first_of(told: str) -> dict[str, Any]:
    """Return what the form for a new request begins with."""
    first: dict[str, Any] = {"asked_on": local_day(timezone.now()).isoformat(), "supporter": told}
    known = Supporter.objects.filter(pk=told).first() if told else None
    return {**first, "language": known.language} if known else first


def written_down(told: dict[str, Any], *, by: Any) -> PrivacyRequest:
    came, now = noon(told.pop("asked_on")), timezone.now()
    return requesting.ask(**told, asked_at=min(came, now), at=now, by=by)


def form_for(asked: PrivacyRequest, sent: Any = None) -> CarryOutForm:
    gives = asked.kind == Kind.ERASURE and bool(plans_left(asked.supporter))
    return CarryOutForm(sent, request=asked, gives=gives)


def carry_out(asked: PrivacyRequest, form: CarryOutForm, *, by: Any) -> None:
    """Have a request carried out. Raises what `ask_to_go` and `begin` do."""
    now = timezone.now()
    noted = {"identity": "checked by staff"} if "is_checked" in form.fields else {}
    if asked.kind != Kind.ERASURE:
        requesting.begin(request=asked, at=now, by=by, **noted)
        return
    if asked.state not in (State.RECEIVED, State.WORKING):
        raise requesting.AlreadyDecided
    ask_to_go(
        supporter=asked.supporter,
        end_plans=form.cleaned_data.get("end_plans", False),
        language=asked.language,
        key=form.cleaned_data["key"],
        source=asked.source,
        at=now,
        by=by,
        **noted,
    )


def outlook(asked: PrivacyRequest) -> dict[str, Any]:
    """Return what an erasure would do, or what was done, as far as it is one."""
    if asked.kind != Kind.ERASURE:
        return {}
    if asked.state in (State.DONE, State.REFUSED):
        numbers = asked.outcome
        proof = privacy_words.found(numbers["proof"]) if "proof" in numbers else None
        return {"done": privacy_words.done(numbers.get("plan", {})), "proof": proof}
    plan, person = plan_erasure(supporter=asked.supporter), person_behind(asked.supporter)
    places = mentions(person=person, traces=traces_of(person))
    return {
        "planned": privacy_words.planned(plan.fates),
        "to_look_at": privacy_words.to_look_at(places),
        "plans": plans_left(asked.supporter),
    }
