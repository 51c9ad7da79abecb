"""A pack as whoever got it checks it: its facts, its hash, the key. Nobody is named here."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from crm.campaigns import delivery_pages, proving
from crm.campaigns.deliveries import Delivery


@require_safe
def page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    delivery = find(public_id)
    return render(request, "public/delivery.html", told(delivery))


@require_safe
def facts(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The facts and their signature, as `manage.py verify_delivery` reads them."""
    delivery = find(public_id)
    text = proving.as_file(delivery.facts, delivery.signed)
    headers = {"Content-Disposition": 'attachment; filename="facts.json"'}
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)


def find(public_id: UUID) -> Delivery:
    """Return a pack that is made. Raises Http404."""
    made = Delivery.objects.filter(state=Delivery.State.READY).defer("certificate")
    return get_object_or_404(made, public_id=public_id)


def told(delivery: Delivery) -> dict[str, Any]:
    found, language = delivery.facts, (get_language() or "fr")[:2]
    public = found["public_key"]
    return {
        "delivery": delivery,
        "facts": found,
        "total": delivery_pages.written(found["counted"]["total"], language),
        "moment": delivery_pages.written_moment(delivery.as_of, language),
        "target": found["recipient"] or found["campaign"]["target"],
        "tables": delivery_pages.tables_of(found["counted"], language),
        "listed": delivery_pages.lines_of(found["list"], language),
        "how": delivery_pages.how_it_is_counted(),
        "fingerprint": proving.fingerprint_of(public) if public else "",
        "is_right": bool(public) and proving.is_signed(found, delivery.signed, public),
        "is_own_key": bool(public) and public == proving.own_public_key(),
    }
