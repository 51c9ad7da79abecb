"""What donors may ask of their data: to have it, and to have it erased."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from crm.donations.farewell import StillGiving, let_go, plans_left
from crm.donations.instructions import CannotInstruct
from crm.donations.models import Gift
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.privacy.access import as_json, hand_out
from crm.privacy.retention import kept_until
from crm.public.donor_door import for_donor, private
from crm.public.donor_forms import EraseForm

FILE = "my-data-%s.json"


@for_donor("POST")
def data(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Hand out everything, as a file."""
    now = timezone.now()
    response = HttpResponse(
        as_json(hand_out(supporter=donor, at=now)), content_type="application/json"
    )
    response["Content-Disposition"] = f'attachment; filename="{FILE % local_day(now)}"'
    return response


@for_donor("GET", "HEAD", "POST")
def erase(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Explain what is deleted and what must stay, and do it once that is confirmed."""
    form = EraseForm(
        request.POST if request.method == "POST" else None, gives=bool(plans_left(donor))
    )
    is_asked = form.is_bound and form.is_valid()
    if is_asked and erased_as_asked(donor, form):
        return redirect("public:donor-erased")
    page = {"token": token, "form": form, "cannot_end": is_asked, **kept_of(donor)}
    return render(request, "public/donor_erase.html", page, status=422 if form.is_bound else 200)


def erased_as_asked(donor: Supporter, form: EraseForm) -> bool:
    """Erase a donor; return False if their regular gift cannot be ended from here."""
    try:
        let_go(
            supporter=donor,
            end_plans=form.cleaned_data.get("end_plans", False),
            language=get_language() or "fr",
            key=form.cleaned_data["key"],
            at=timezone.now(),
        )
    except (CannotInstruct, StillGiving):
        return False
    return True


def kept_of(donor: Supporter) -> dict[str, object]:
    """Return until when the accounts keep the newest gift, if there is any."""
    newest = Gift.objects.filter(supporter=donor).order_by("-given_at").first()
    return {"kept_until": kept_until(local_day(newest.given_at).year) if newest else None}


@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    return private(render(request, "public/donor_erased.html"))
