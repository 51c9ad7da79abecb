"""What donors may ask of their data: to have it, and to have it erased."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from crm.donations.farewell import StillGiving, ask_to_go, plans_left
from crm.donations.instructions import CannotInstruct
from crm.people.models import Supporter
from crm.privacy import requesting
from crm.privacy.planning import plan_erasure
from crm.privacy.requests import PrivacyRequest
from crm.public.donor_door import back_to, for_donor, private
from crm.public.donor_forms import EraseForm

Kind = PrivacyRequest.Kind


@for_donor("POST")
def data(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Have everything put together; a mail brings the link to it."""
    now = timezone.now()
    if requesting.just_answered(supporter=donor, at=now) is None:
        asked = requesting.ask(
            supporter=donor,
            kind=Kind.ACCESS,
            source=requesting.OWN_PAGE,
            language=get_language() or "fr",
            at=now,
        )
        requesting.begin(request=asked, at=now)
    return back_to(token, said="data" if donor.email else "data-staff", anchor="data")


@for_donor("GET", "HEAD", "POST")
def erase(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Explain what is deleted and what must stay, and have it done once that is confirmed."""
    form = EraseForm(
        request.POST if request.method == "POST" else None, gives=bool(plans_left(donor))
    )
    is_asked = form.is_bound and form.is_valid()
    if is_asked and asked_to_go(donor, form):
        return redirect("public:donor-erased")
    page = {"token": token, "form": form, "cannot_end": is_asked, **told_of(donor)}
    return render(request, "public/donor_erase.html", page, status=422 if form.is_bound else 200)


def asked_to_go(donor: Supporter, form: EraseForm) -> bool:
    """Have a donor erased; return False if their regular gift cannot be ended from here."""
    try:
        ask_to_go(
            supporter=donor,
            end_plans=form.cleaned_data.get("end_plans", False),
            language=get_language() or "fr",
            key=form.cleaned_data["key"],
            at=timezone.now(),
        )
    except (CannotInstruct, StillGiving):
        return False
    return True


def told_of(donor: Supporter) -> dict[str, Any]:
    """Return what must stay of somebody, kind by kind, and whether they have asked already."""
    plan = plan_erasure(supporter=donor)
    asked = PrivacyRequest.objects.filter(supporter=donor, kind=Kind.ERASURE, state="working")
    return {
        "kept_until": plan.kept_until,
        "kept": [fate for fate in plan.kept if fate.until],
        "is_leaving": asked.exists(),
    }


@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    return private(render(request, "public/donor_erased.html"))
