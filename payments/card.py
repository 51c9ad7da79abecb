"""The page where the donor of a regular gift goes to enter another card. A mail leads there."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from crm.donations.models import Plan
from crm.lib import tokens
from crm.lib.money import format_money
from crm.public.donor_door import private
from payments import gateway, orders

LINK_LIVES = timedelta(days=30)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: HttpRequest, token: str) -> HttpResponse:
    """Show what it is about; a click leads to Stripe's own page."""
    plan = plan_of(token)
    if plan is None:
        return page(request, None, state="old", status=410)
    if plan.status == Plan.Status.ENDED:
        return page(request, plan, state="ended")
    if request.method == "POST":
        return to_stripe(request, plan)
    return page(request, plan, state="done" if "done" in request.GET else "start")


def plan_of(token: str) -> Plan | None:
    """Return the plan that the link is about, or None when it does not work (any more)."""
    try:
        public_id = UUID(tokens.read("plan", token, max_age=LINK_LIVES))
    except (tokens.BadToken, ValueError):
        return None
    return Plan.objects.filter(public_id=public_id, reference__startswith="stripe:").first()


def to_stripe(request: HttpRequest, plan: Plan) -> HttpResponse:
    here = request.build_absolute_uri(request.path)
    try:
        address = orders.open_portal(
            plan.reference.removeprefix("stripe:"),
            language=get_language() or "fr",
            back=here,
            done=f"{here}?done=1",
        )
    except (gateway.StripeUnavailable, gateway.Unknown):
        return page(request, plan, state="unavailable", status=503)
    return private(HttpResponse(status=303, headers={"Location": address}))


def page(request: HttpRequest, plan: Plan | None, *, state: str, status: int = 200) -> HttpResponse:
    words = {"state": state, "plan": plan}
    if plan is not None:
        words["amount"] = format_money(plan.amount, plan.currency, get_language() or "fr")
    return private(render(request, "payments/card.html", words, status=status))
