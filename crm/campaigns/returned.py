"""Mail that comes back, or is called spam, takes signatures out of the count.

Whatever was collected in another way, or in a campaign that is over, stays as it was counted.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from crm.campaigns.ending import end
from crm.campaigns.models import Campaign, Signature
from crm.people.models import Supporter
from crm.people.standing import standing


@transaction.atomic
def take_out(*, supporter: Supporter, why: str, since: datetime, at: datetime) -> int:
    """Withdraw what somebody signed online in campaigns that are open; return how many that were.

    `since`: when their mailbox answered so. What was signed, or proved, later stays.
    """
    who = standing(supporter)
    if who.erased_at is not None:
        return 0
    waits = Q(status=Signature.Status.PENDING, signed_at__lte=since)
    counts = Q(status=Signature.Status.CONFIRMED, confirmed_at__lte=since)
    theirs = Signature.objects.filter(
        waits | counts,
        supporter=who,
        way=Signature.Way.ONLINE,
        campaign__in=Campaign.objects.current().open(at),
    )
    locked = list(theirs.select_for_update(of=("self",)).order_by("pk"))
    for signature in locked:
        end(signature, why=why, at=at)
    return len(locked)
