"""From signer to donor: the last steps of the way that begins with a signature."""

from datetime import datetime

from crm.campaigns.counting import Step
from crm.campaigns.models import Signature
from crm.campaigns.tallies import note_step
from crm.donations.models import Gift


def note(*, gift: Gift, at: datetime) -> None:
    """Note a donor's first gift of money, and the first that a plan of theirs brings.

    Each is a step of every campaign that they had confirmed online by then, once ever: it stays
    where the money goes back, and earlier gifts that become known later change nothing.
    """
    earlier = gift.supporter.gifts.of_money().exclude(pk=gift.pk)
    taken = [] if earlier.exists() else [Step.GIVE]
    if gift.plan_id is not None and not earlier.filter(plan__isnull=False).exists():
        taken.append(Step.MONTHLY)
    if taken:
        for signature in signed_before(gift, at):
            for step in taken:
                note_step(signature=signature, step=step, at=at)


def signed_before(gift: Gift, at: datetime) -> list[Signature]:
    """Return what a donor had confirmed when they gave."""
    confirmed = gift.supporter.signatures.confirmed()
    return list(confirmed.filter(way=Signature.Way.ONLINE, confirmed_at__lte=at))
