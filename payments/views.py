"""The pages around Stripe's own: giving before it, the truth about the payment after it."""

import re
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from crm.lib.money import format_money, from_minor
from crm.public.trail import trail_from
from payments import gateway, jobs, operations
from payments.forms import DonationForm
from payments.models import Checkout

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
    if request.method == "POST":
        return start(request)
    form = DonationForm(query=request.GET)
    return page(request, form, status=200, came_back="back" in request.GET)


def start(request: HttpRequest) -> HttpResponse:
    """Write the checkout down and lead the donor to Stripe's page."""
    form = DonationForm(request.POST)
    if not form.is_valid():
        return page(request, form, status=422)
    checkout = operations.start_checkout(
        **form.cleaned_data,
        language=get_language() or "fr",
        trail=trail_from(request),
        at=timezone.now(),
    )
    if checkout.state in ENDED:
        return see_other(thanks_path(checkout.session_id))
    try:
        return see_other(open_payment_page(request, checkout))
    except (gateway.StripeUnavailable, gateway.Unknown):
        operations.give_up(checkout=checkout)
        return page(request, form, status=503, is_unavailable=True)


def open_payment_page(request: HttpRequest, checkout: Checkout) -> str:
    """Return the address of Stripe's page for this checkout."""
    session = gateway.open_session(
        checkout_id=str(checkout.public_id),
        amount=checkout.amount,
        currency=checkout.currency,
        monthly=checkout.frequency == Checkout.Frequency.MONTHLY,
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
        "is_monthly": checkout.frequency == Checkout.Frequency.MONTHLY,
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
    request: HttpRequest, form: DonationForm, *, status: int, **situation: bool
) -> HttpResponse:
    words = {"form": form, "campaign": form.chosen_campaign, **situation}
    return render(request, "payments/donate.html", words, status=status)


def see_other(address: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": address})


def thanks_path(session_id: str) -> str:
    return f"{reverse('payments:thanks')}?session={session_id}"


def form_path(checkout: Checkout, **more: str) -> str:
    """Return the address of the form with this gift filled in; who gives stays out of it."""
    amount = format(from_minor(checkout.amount, checkout.currency), "f")
    query = {"amount": amount, "frequency": checkout.frequency, **more}
    if checkout.campaign is not None:
        query["campaign"] = checkout.campaign.slug
    return f"{reverse('payments:donate')}?{urlencode(query)}"


def title_of(checkout: Checkout) -> str:
    """Return what Stripe's page says the money is for."""
    words = {"organisation": settings.ORGANISATION_NAME}
    if checkout.frequency == Checkout.Frequency.MONTHLY:
        return _("Monthly gift to %(organisation)s") % words
    return _("Gift to %(organisation)s") % words
