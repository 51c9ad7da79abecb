"""Where the provider that carries our mails tells what became of them.

django-anymail verifies and reads; without a secret that it can verify, nothing is let through.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from anymail.exceptions import AnymailError, AnymailWebhookValidationFailure
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

# What reading a message raises that no provider sends.
UNREADABLE = (AnymailError, ValueError, LookupError, TypeError, AttributeError, AssertionError)
logger = logging.getLogger(__name__)


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view of anymail keep all of a message's events or none, and say little when it fails.

    What is wrong with a message is not logged: it would tell whose it was.
    """

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.ANYMAIL.get("WEBHOOK_SECRET"):
            return HttpResponse(status=403)
        try:
            with transaction.atomic():
                return view(request, *args, **kwargs)
        except (AnymailWebhookValidationFailure, *UNREADABLE) as error:
            logger.warning("a word about a mail was refused (%s)", type(error).__name__)
            return HttpResponse(status=400)

    return answer
