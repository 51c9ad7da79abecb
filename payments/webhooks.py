"""Where Stripe tells that something happened: verify, keep, answer. Work comes later."""

import logging

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments import gateway, jobs, operations

logger = logging.getLogger(__name__)


@csrf_exempt
@require_POST
def stripe(request: HttpRequest) -> HttpResponse:
    """Keep an event and queue what follows of it, once."""
    try:
        signal = gateway.read_signal(request.body, request.headers.get("Stripe-Signature", ""))
    except (gateway.BadSignature, gateway.BadMessage) as error:
        logger.warning("a webhook was refused (%s)", type(error).__name__)
        return HttpResponse(status=400)
    task = jobs.handle_event
    operations.keep_event(signal=signal, queue=task.queue, task=task.name, at=timezone.now())
    return HttpResponse(status=200)
