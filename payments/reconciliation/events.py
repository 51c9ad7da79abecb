"""What happened at Stripe since the last run, so that what lost webhooks left out is here too."""

from datetime import datetime, timedelta

from payments import handlers, listing
from payments.listing import Event
from payments.models import StripeEvent
from payments.reconciliation.following import Walk

KEPT = timedelta(days=29)  # Stripe lists events of the last thirty days
AT_ONCE = 500


def walk_events(walk: Walk, since: datetime) -> int:
    """Follow what an event tells of that we have not handled; return how many were read."""
    found = [
        event for event in listing.events_since(since) if event.signal.type in handlers.SUBSCRIBE
    ]
    for start in range(0, len(found), AT_ONCE):
        news = unhandled(found[start : start + AT_ONCE])
        for event in news:
            walk.follow(event.about)
        keep_as_handled(news, at=walk.at)
    return len(found)


def walk_lists(walk: Walk, since: datetime) -> None:
    """Follow everything that began or moved since then: events do not go back so far."""
    for session_id in listing.sessions_since(since):
        walk.follow(session_id)
    for payment_id in listing.payments_since(since):
        walk.follow(payment_id)


def unhandled(events: list[Event]) -> list[Event]:
    ids = [event.signal.id for event in events]
    known = StripeEvent.objects.filter(event_id__in=ids).exclude(handled_at=None)
    handled = set(known.values_list("event_id", flat=True))
    return [event for event in events if event.signal.id not in handled]


def keep_as_handled(events: list[Event], *, at: datetime) -> None:
    """Keep events, so that a webhook that comes late does nothing twice."""
    StripeEvent.objects.bulk_create(
        [
            StripeEvent(
                event_id=event.signal.id,
                type=event.signal.type,
                object_id=event.signal.object_id,
                created_at=event.signal.created_at,
                received_at=at,
                handled_at=at,
            )
            for event in events
        ],
        update_conflicts=True,
        unique_fields=["event_id"],
        update_fields=["handled_at"],
    )
