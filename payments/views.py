"""The pages around Stripe's own: giving before it, the truth about the payment after it."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from stdnum import iban

from crm.campaigns.models import Campaign
from crm.donations.communications import Communication, communication_of_all
from crm.donations.transfers import epc_qr
from crm.lib.money import format_money, from_minor
from crm.public.trail import trail_from
from payments import gateway, jobs, operations, shield
from payments.amounts import usual_currency
from payments.forms import DonationForm
from payments.models import Checkout
from payments.visitors import visitor_of

SESSION = re.compile(r"cs_\w{1,110}", re.ASCII)
ENDED = {
    Checkout.State.PAID: "paid",
    Checkout.State.PROCESSING: "processing",
    Checkout.State.FAILED: "unpaid",
    Checkout.State.EXPIRED: "unpaid",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def donate(request: HttpRequest) -> HttpResponse:
    if not shield.is_open():
        return closed(request)
    if request.method == "POST":
        return start(request)
    form = DonationForm(query=request.GET)
    on_guard = shield.is_on_guard(timezone.now())
    return page(request, form, status=200, came_back="back" in request.GET, on_guard=on_guard)


@never_cache
@require_safe
def challenge(request: HttpRequest) -> HttpResponse:
    """What the browser solves while the donor fills the form in."""
    return JsonResponse(shield.challenge(at=timezone.now()))


def start(request: HttpRequest) -> HttpResponse:
    """Lead the donor to Stripe's page, if nothing speaks against it."""
    form = DonationForm(request.POST)
    if not form.is_valid():
        return page(request, form, status=422)
    try:
        checkout = begin(request, form, at=timezone.now())
    except shield.ProofIsMissing:
        return page(request, form, status=422, needs_proof=True)
    except shield.TooMany as refusal:
        return too_many(request, form, refusal)
    if checkout.state in ENDED:
        return see_other(thanks_path(checkout.session_id))
    try:
        return see_other(open_payment_page(request, checkout))
    except (gateway.StripeUnavailable, gateway.Unknown):
        operations.give_up(checkout=checkout)
        return page(request, form, status=503, is_unavailable=True)


def begin(request: HttpRequest, form: DonationForm, *, at: datetime) -> Checkout:
    """Write the checkout down. Raises shield.Refusal."""
    attempt = shield.admit(
        visitor=visitor_of(request, at=at), form=form.answers_key, proof=form.solution, at=at
    )
    checkout = operations.start_checkout(
        **form.cleaned_data,
        language=get_language() or "fr",
        trail=trail_from(request),
        at=at,
    )
    shield.note_checkout(attempt=attempt, checkout=checkout)
    return checkout


def open_payment_page(request: HttpRequest, checkout: Checkout) -> str:
    """Return the address of Stripe's page for this checkout."""
    session = gateway.open_session(
        checkout_id=str(checkout.public_id),
        amount=checkout.amount,
        currency=checkout.currency,
        interval=checkout.interval,
        email=checkout.email,
        language=checkout.language,
        title=title_of(checkout),
        # Stripe puts the session's id in the place of its own words, so these stay as they are.
        success_url=request.build_absolute_uri(thanks_path("")) + "{CHECKOUT_SESSION_ID}",
        cancel_url=request.build_absolute_uri(form_path(checkout, back="1")),
    )
    operations.attach_session(checkout=checkout, session_id=session.id)
    return session.url


@never_cache
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """Tell the truth about a payment, whether or not its webhook has come."""
    checkout = checkout_of(request.GET.get("session", ""))
    outcome, payment_page = outcome_of(checkout)
    words = {
        "outcome": outcome,
        "payment_page": payment_page,
        "given_name": checkout.given_name,
        "amount": format_money(checkout.amount, checkout.currency, get_language() or "fr"),
        "interval": checkout.interval,
        "campaign": checkout.campaign,
        "text": checkout.campaign and checkout.campaign.text(),
        "again": form_path(checkout),
    }
    return render(request, "payments/thanks.html", words)


def checkout_of(session_id: str) -> Checkout:
    if not SESSION.fullmatch(session_id):
        raise Http404
    found = Checkout.objects.select_related("campaign").filter(session_id=session_id).first()
    if found is None:
        raise Http404
    return found


def outcome_of(checkout: Checkout) -> tuple[str, str]:
    """Return what became of a payment, and the page where it can still be paid."""
    if checkout.state in ENDED:
        return ENDED[Checkout.State(checkout.state)], ""
    try:
        session = gateway.fetch_session(checkout.session_id)
    except (gateway.StripeUnavailable, gateway.Unknown):
        return "unknown", ""
    if session.status == "open":
        return "open", session.url
    jobs.follow_session_soon(session.id)
    if session.status == "expired":
        return "unpaid", ""
    return "paid" if session.is_paid else "processing", ""


def page(
    request: HttpRequest, form: DonationForm, *, status: int, **situation: Any
) -> HttpResponse:
    campaign = form.chosen_campaign
    words = {"form": form, "campaign": campaign, "transfer": transfer_for(campaign), **situation}
    return render(request, "payments/donate.html", words, status=status)


def too_many(request: HttpRequest, form: DonationForm, refusal: shield.TooMany) -> HttpResponse:
    """Ask the donor to wait, with all that was typed still there."""
    answer = page(request, form, status=429, refusal=refusal)
    seconds = (refusal.until - timezone.now()).total_seconds()
    answer["Retry-After"] = str(max(1, round(seconds)))
    return answer


def closed(request: HttpRequest) -> HttpResponse:
    """The form takes nothing at the moment; a bank transfer always arrives."""
    form = DonationForm(request.POST or None, query=request.GET)
    words = {"transfer": transfer_for(form.chosen_campaign)}
    return render(request, "payments/closed.html", words, status=503)


def transfer_for(campaign: Campaign | None) -> dict[str, str | None] | None:
    """Return what a bank transfer for this campaign needs; None when there is no account."""
    communication = communication_of_all(campaign) if settings.ORGANISATION_IBAN else None
    if communication is None:
        return None
    return {
        "name": settings.ORGANISATION_BANK_NAME,
        "iban": iban.format(settings.ORGANISATION_IBAN),
        "bic": settings.ORGANISATION_BIC,
        "communication": str(communication),
        "qr": qr_code_of(communication),
    }


def qr_code_of(communication: Communication) -> str | None:
    """Return the code, drawn once an hour: that takes longer than all the rest of the page."""
    key = f"qr:{get_language()}:{settings.ORGANISATION_IBAN}:{communication.digits}"
    return cache.get_or_set(key, lambda: epc_qr(communication=communication), timeout=3600)


def see_other(address: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": address})


def thanks_path(session_id: str) -> str:
    return f"{reverse('payments:thanks')}?session={session_id}"


def form_path(checkout: Checkout, **more: str) -> str:
    """Return the address of the form with this gift filled in; who gives stays out of it."""
    amount = format(from_minor(checkout.amount, checkout.currency), "f")
    query = {"amount": amount, "frequency": checkout.frequency, **more}
    if checkout.currency != usual_currency():
        query["currency"] = checkout.currency
    if checkout.campaign is not None:
        query["campaign"] = checkout.campaign.slug
    return f"{reverse('payments:donate')}?{urlencode(query)}"


def title_of(checkout: Checkout) -> str:
    """Return what Stripe's page says the money is for."""
    words = {"organisation": settings.ORGANISATION_NAME}
    if checkout.interval == "month":
        return _("Monthly gift to %(organisation)s") % words
    if checkout.interval == "year":
        return _("Yearly gift to %(organisation)s") % words
    return _("Gift to %(organisation)s") % words
