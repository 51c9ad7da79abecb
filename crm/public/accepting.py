"""Taking what came by the form, whichever page it stands on."""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from crm.campaigns import signing
from crm.campaigns.models import Campaign
from crm.campaigns.sources import Trail
from crm.lib import proofs
from crm.lib.network import network_of
from crm.public.signature_form import SignatureForm
from crm.public.trail import trail_from


def accept(request: HttpRequest, *, form: SignatureForm, campaign: Campaign, at: datetime) -> Trail:
    """Sign with a valid form; return where its sender came from. A robot is told the same."""
    trail = trail_from(request)
    if not form.is_robot:
        proof = request.POST.get("proof", "")
        signing.sign(
            campaign=campaign,
            language=get_language() or "fr",
            trail=trail,
            network=network_of(request),
            proof=proofs.solved(proof, work=settings.PROOF_WORK, at=at),
            at=at,
            **form.cleaned_data,
        )
    return trail


@never_cache
@require_GET
def challenge(_request: HttpRequest) -> HttpResponse:
    """What a browser computes before it sends a form."""
    return JsonResponse(proofs.challenge(work=settings.PROOF_WORK, at=timezone.now()))
