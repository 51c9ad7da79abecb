"""The donor's own page: asking for its link, and what it shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from stdnum import iban

from crm.donations.communications import Communication, communication_for
from crm.donations.papers import Receipt
from crm.donations.transfers import epc_qr
from crm.lib.periods import local_day
from crm.mailing.headers import preferences_path
from crm.people.models import Supporter
from crm.privacy.models import Channel, ConsentState, Purpose, Wording
from crm.privacy.operations import record_consent, wording_for
from crm.public import donor_link
from crm.public.donor_door import back_to, for_donor, private
from crm.public.donor_forms import LinkForm
from crm.public.donor_gifts import Year, years_of
from crm.public.donor_jobs import send_donor_link
from crm.public.donor_plans import plans_of
from crm.public.donor_tax import tax_of
from crm.public.evidence import evidence_of

SOURCE = "donor page"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Ask for the link. The answer is the same, and takes as long, whether we know the address."""
    form = LinkForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        return render(
            request, "public/donor_link.html", {"form": form}, status=422 if form.is_bound else 200
        )
    known = donor_link.find(form.cleaned_data["email"])
    send_donor_link.defer(supporter_id=known, language=get_language() or "fr")
    return redirect("public:donor-asked")


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    return private(render(request, "public/donor_asked.html"))


@for_donor("GET", "HEAD")
def donor(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Show everything at once; looking changes nothing, as mail scanners look too."""
    years = years_of(donor)
    page = {
        "token": token,
        "donor": donor,
        "said": request.GET.get("said", ""),
        "plans": plans_of(donor),
        "years": years,
        **receipts_of(donor, years),
        **tax_of(donor),
        **newsletter_of(donor),
        **transfer_of(donor),
    }
    return render(request, "public/donor.html", page)


def receipts_of(donor: Supporter, years: list[Year]) -> dict[str, Any]:
    """Return the receipts for whole years, and the years that are over and have none."""
    found = Receipt.objects.valid().filter(supporter=donor, gift=None).order_by("-of_year")
    known = {(receipt.of_year, receipt.currency) for receipt in found}
    over = [year for year in years if year.year < local_day(timezone.now()).year]
    offered = [
        (year.year, currency)
        for year in over
        for currency, amount in sorted(year.sums.items())
        if amount > 0 and (year.year, currency) not in known
    ]
    return {"yearly_receipts": found, "offered_receipts": offered}


def newsletter_of(donor: Supporter) -> dict[str, Any]:
    state = ConsentState.objects.filter(
        supporter=donor, purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL
    ).first()
    language = get_language() or "fr"
    return {
        "newsletter": state,
        "wording": wording_for(purpose=Purpose.NEWSLETTER, language=language),
        "preferences_path": preferences_path(donor, language),
    }


def transfer_of(donor: Supporter) -> dict[str, Any]:
    """Return what a bank transfer needs, if the organisation takes any."""
    if not settings.ORGANISATION_IBAN:
        return {}
    known = Communication.objects.filter(supporter=donor, campaign=None, appeal="").first()
    return {
        "iban": iban.format(settings.ORGANISATION_IBAN),
        "holder": settings.ORGANISATION_BANK_NAME,
        "communication": known,
        "qr": epc_qr(communication=known) if known else "",
    }


@for_donor("POST")
def newsletter(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Say yes, to the words that were shown, or no."""
    shown = request.POST.get("wording", "")
    wording = (
        Wording.objects.filter(purpose=Purpose.NEWSLETTER, pk=shown).first()
        if shown.isdecimal() and len(shown) < 19
        else None
    )
    if not (wording or "no" in request.POST):
        return back_to(token, said="unclear")
    given = "no" not in request.POST
    held = record_consent(
        supporter=donor,
        given=given,
        wording=wording if given else None,
        source=SOURCE,
        evidence=evidence_of(request, SOURCE, by="signed link"),
        at=timezone.now(),
    )
    said = "unsubscribed" if not given else "subscribed" if held else "too-young"
    return back_to(token, said=said)


@for_donor("POST")
def communication(request: HttpRequest, token: str, donor: Supporter) -> HttpResponse:
    """Give the donor a communication of their own, the same each time."""
    communication_for(supporter=donor, campaign=None, at=timezone.now())
    return back_to(token, anchor="transfer")
