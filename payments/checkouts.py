"""Checkouts that came to nothing: counted, and emptied of whose they were."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Q

from payments.models import Checkout

EMPTY = {"email": "", "given_name": "", "family_name": ""}
DECLINED = [Checkout.State.DECLINED, Checkout.State.FAILED]
LATE = timedelta(hours=1)  # who pays, pays sooner
MONTH = timedelta(days=30)


def under_way(at: datetime) -> Q:
    return Q(state=Checkout.State.OPEN, started_at__gt=at - LATE)


def abandoned(at: datetime) -> Q:
    gone = Q(state=Checkout.State.OPEN, started_at__lte=at - LATE)
    return gone | Q(state=Checkout.State.EXPIRED)


def is_abandoned(checkout: Checkout, at: datetime) -> bool:
    """Whether `abandoned` selects it."""
    gone = checkout.state == Checkout.State.OPEN and checkout.started_at <= at - LATE
    return gone or checkout.state == Checkout.State.EXPIRED


def counts(*, at: datetime) -> dict[str, int]:
    """Return how many checkouts of the last thirty days stand how."""
    each = {
        "under_way": Count("pk", filter=under_way(at)),
        "abandoned": Count("pk", filter=abandoned(at)),
        "declined": Count("pk", filter=Q(state__in=DECLINED)),
    }
    return Checkout.objects.filter(started_at__gt=at - MONTH).aggregate(**each)


def forget_donors(*, at: datetime) -> int:
    """Empty names and addresses of old checkouts that nobody paid; return how many those were.

    One that still may be paid keeps them: Stripe closes its page after a day.
    """
    old = Checkout.objects.filter(started_at__lt=at - timedelta(days=settings.ABANDONED_DAYS))
    no_page = Q(state=Checkout.State.OPEN, session_id="")
    ended = Q(state__in=[Checkout.State.EXPIRED, *DECLINED])
    return old.filter(no_page | ended, supporter=None).exclude(**EMPTY).update(**EMPTY)
