"""A regular gift on the donor's own page: what it is, and what its donor may ask."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.donations.instructions import CannotInstruct, Instruction, instruct_plan
from crm.donations.models import Plan
from crm.lib import tokens
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.public.donor_door import back_to, for_donor
from crm.public.donor_forms import AmountForm, EndForm, KeyForm, PauseForm
from crm.public.donor_gifts import money

CARD = "plan"  # the purpose of the link by which a card is mended


@dataclass(frozen=True)
class PlanView:
    """A plan, in words."""

    plan: Plan
    amount: str
    state: str
    asked: list[str]
    refused: bool
    card_token: str

    @property
    def is_ended(self) -> bool:
        return self.plan.status == Plan.Status.ENDED

    @property
    def is_changeable(self) -> bool:
        """Whether a provider holds it, so that it can be told."""
        return not self.is_ended and self.plan.reference.startswith("stripe:")

    @property
    def is_paused(self) -> bool:
        return self.plan.status == Plan.Status.PAUSED

    @property
    def may_pause(self) -> bool:
        """A yearly gift pauses by itself."""
        running = self.plan.status in {Plan.Status.ACTIVE, Plan.Status.PAST_DUE}
        return running and self.plan.interval == Plan.Interval.MONTH


def plans_of(donor: Supporter) -> list[PlanView]:
    """Return a donor's regular gifts: those that go on first, then the newest."""
    asked = Instruction.objects.order_by("-pk")
    plans = Plan.objects.filter(supporter=donor).prefetch_related(
        Prefetch("instructions", asked, to_attr="newest_instructions")
    )
    views = [view_of(plan) for plan in plans.order_by("-started_at", "-pk")]
    return sorted(views, key=lambda view: view.is_ended)


def plan_of(donor: Supporter, public_id: UUID) -> PlanView:
    """Return one regular gift of a donor. Raises Http404 for somebody else's."""
    for view in plans_of(donor):
        if view.plan.public_id == public_id:
            return view
    raise Http404


def view_of(plan: Plan) -> PlanView:
    instructions: list[Instruction] = plan.newest_instructions  # type: ignore[attr-defined]
    waiting = [one for one in instructions if one.state == Instruction.State.WAITING]
    return PlanView(
        plan=plan,
        amount=money(plan.amount, plan.currency),
        state=state_of(plan),
        asked=[words_for(one, plan) for one in reversed(waiting)],
        refused=bool(instructions) and instructions[0].state == Instruction.State.REFUSED,
        card_token=tokens.make(CARD, str(plan.public_id)),
    )


def state_of(plan: Plan) -> str:
    """Say in a sentence how a regular gift stands."""
    if plan.status == Plan.Status.ENDED:
        return (
            _("Ended on %(day)s.") % {"day": day(plan.ended_at)} if plan.ended_at else _("Ended.")
        )
    if plan.status == Plan.Status.PAUSED:
        if plan.resumes_at is None:
            return _("Paused until you let it go on.")
        return _("Paused: it goes on on %(day)s.") % {"day": day(plan.resumes_at)}
    if plan.cancels_at is not None:
        return _("It ends on %(day)s.") % {"day": day(plan.cancels_at)}
    if plan.status == Plan.Status.PAST_DUE:
        return _("The last payment did not go through.")
    if plan.next_at is not None:
        return _("Next payment on %(day)s.") % {"day": day(plan.next_at)}
    return _("It begins.") if plan.status == Plan.Status.STARTING else _("It goes on.")


def day(moment: datetime) -> str:
    return date_format(local_day(moment), "DATE_FORMAT")


def words_for(instruction: Instruction, plan: Plan) -> str:
    """Say what a donor, or staff for them, asked and the payment provider has not done yet."""
    match instruction.kind:
        case Instruction.Kind.CHANGE_AMOUNT:
            amount = money(instruction.amount or 0, plan.currency)
            return _("You asked to give %(amount)s from now on.") % {"amount": amount}
        case Instruction.Kind.PAUSE:
            return _("You asked for a pause.")
        case Instruction.Kind.RESUME:
            return _("You asked to let it go on.")
        case _kind:
            return _("You asked to end it.")


@for_donor("GET", "HEAD")
def plan(request: HttpRequest, token: str, donor: Supporter, public_id: UUID) -> HttpResponse:
    return page(request, token, plan_of(donor, public_id))


def page(request: HttpRequest, token: str, view: PlanView, **bound: AmountForm) -> HttpResponse:
    """Show what may be asked; `bound` holds a form that came back."""
    forms = {
        "amount_form": AmountForm(plan=view.plan),
        "pause_form": PauseForm(),
        "key_form": KeyForm(),
        **bound,
    }
    words = {"token": token, "view": view, "said": request.GET.get("said", ""), **forms}
    return render(request, "public/donor_plan.html", words, status=422 if bound else 200)


@for_donor("POST")
def change(request: HttpRequest, token: str, donor: Supporter, public_id: UUID) -> HttpResponse:
    view = plan_of(donor, public_id)
    form = AmountForm(request.POST, plan=view.plan)
    if not form.is_valid():
        return page(request, token, view, amount_form=form)
    return ask(token, view, Instruction.Kind.CHANGE_AMOUNT, **form.cleaned_data)


@for_donor("POST")
def pause(request: HttpRequest, token: str, donor: Supporter, public_id: UUID) -> HttpResponse:
    view, form = plan_of(donor, public_id), PauseForm(request.POST)
    if not (form.is_valid() and view.may_pause):
        return back_to(token, "donor-plan", said="unclear", public_id=public_id)
    until = form.until(timezone.now())
    return ask(token, view, Instruction.Kind.PAUSE, key=form.cleaned_data["key"], until=until)


@for_donor("POST")
def resume(request: HttpRequest, token: str, donor: Supporter, public_id: UUID) -> HttpResponse:
    view, form = plan_of(donor, public_id), KeyForm(request.POST)
    if not form.is_valid():
        return back_to(token, "donor-plan", said="unclear", public_id=public_id)
    return ask(token, view, Instruction.Kind.RESUME, **form.cleaned_data)


@for_donor("GET", "HEAD", "POST")
def end(request: HttpRequest, token: str, donor: Supporter, public_id: UUID) -> HttpResponse:
    """Ask once more before a regular gift ends, and offer less or a pause instead."""
    view = plan_of(donor, public_id)
    form = EndForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return ask(token, view, Instruction.Kind.CANCEL, **form.cleaned_data)
    forms = {"form": form, "amount_form": AmountForm(plan=view.plan), "pause_form": PauseForm()}
    words = {"token": token, "view": view, **forms}
    return render(request, "public/donor_end.html", words, status=422 if form.is_bound else 200)


def ask(
    token: str,
    view: PlanView,
    kind: str,
    *,
    key: UUID,
    amount: int | None = None,
    until: datetime | None = None,
    reason: str = "",
) -> HttpResponse:
    """Ask the provider, in the donor's name, and show the regular gift again."""
    try:
        instruct_plan(
            plan=view.plan,
            kind=kind,
            key=key,
            at=timezone.now(),
            amount=amount,
            until=until,
            reason=reason,
        )
    except CannotInstruct:
        return back_to(token, "donor-plan", said="cannot", public_id=view.plan.public_id)
    return back_to(token, "donor-plan", said="asked", public_id=view.plan.public_id)
