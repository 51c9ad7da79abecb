"""Addresses at which mail comes back, until staff have another one or hear that it works."""

from django.db.models import Exists, F, OuterRef, QuerySet

from crm.mailing.events import MailEvent
from crm.people.contact_points import EmailAddress
from crm.privacy.suppressing import Reason
from crm.privacy.suppressions import Suppression

CAME_BACK = (MailEvent.Kind.HARD_BOUNCE, MailEvent.Kind.SOFT_BOUNCE)


def to_ask_about() -> QuerySet[Suppression]:
    """Return what is known of the addresses that we wrote to, and that are still their owners'."""
    told = MailEvent.objects.filter(
        kind__in=CAME_BACK,
        mail__to=OuterRef("email__address"),
        mail__supporter=OuterRef("email__supporter"),
    )
    return Suppression.objects.filter(
        Exists(told),
        reason=Reason.BOUNCED,
        email__status=EmailAddress.Status.BOUNCING,
        email__address=F("email__supporter__email"),
    )


def newest_about_those(events: QuerySet[MailEvent]) -> QuerySet[MailEvent]:
    """Return, for each of these addresses, the last time that a mail came back from it."""
    address, owner = OuterRef("mail__to"), OuterRef("mail__supporter")
    asked = to_ask_about().filter(email__address=address, email__supporter=owner)
    later = MailEvent.objects.filter(
        kind__in=CAME_BACK, mail__to=address, mail__supporter=owner, pk__gt=OuterRef("pk")
    )
    return events.filter(Exists(asked), ~Exists(later), kind__in=CAME_BACK)
