"""Mail that arrives again where it came back before."""

from datetime import datetime

from django.db.models import Q, QuerySet

from crm.people.addressing import change_email
from crm.people.contact_points import EmailAddress
from crm.privacy.models import Channel
from crm.privacy.suppressing import Reason, digest_of
from crm.privacy.suppressions import Suppression


def arrives_again(*, address: str, at: datetime) -> None:
    """Use an address again whose owner came by a link that was sent there.

    That they called a mail spam stays: only what they agree to anew ends that.
    """
    came_back = Q(status=EmailAddress.Status.BOUNCING) | Q(suppressions__reason=Reason.BOUNCED)
    found = EmailAddress.objects.filter(came_back, address=address).select_related("supporter")
    email = found.first()
    if email is None:
        return
    forget_bounces(address)
    if email.status == EmailAddress.Status.BOUNCING:
        change_email(email=email, status=state_without_bounces(address), at=at)


def forget_bounces(address: str) -> None:
    """Let nothing keep an address from being used because mail came back from it."""
    held(address).filter(reason=Reason.BOUNCED).delete()


def state_without_bounces(address: str) -> str:
    complaints = held(address).filter(reason=Reason.COMPLAINED, purpose="")
    status = EmailAddress.Status
    return status.COMPLAINED if complaints.exists() else status.GOOD


def held(address: str) -> QuerySet[Suppression]:
    digest = digest_of(address)
    return Suppression.objects.filter(digest=digest, channel=Channel.EMAIL)
