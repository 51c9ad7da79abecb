"""Following objects at Stripe, each once in a run, so that no fault about one stops the run."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from crm.donations.models import Gift
from crm.donations.operations import MoneyDiffers
from payments import gateway, handlers
from payments.books import Difference
from payments.models import Checkout
from payments.reconciliation.differences import Finding, Kind, settle, written

CUSTOMER = "cus"
# Who follows an object, by what its id begins with.
FOLLOWERS: dict[str, Callable[[str, datetime], None]] = {
    "ch": handlers.follow_charge,
    "cs": handlers.follow_session,
    CUSTOMER: handlers.follow_customer,
    "dp": handlers.follow_dispute,
    "du": handlers.follow_dispute,
    "in": handlers.follow_invoice,
    "pi": handlers.follow_payment,
    "py": handlers.follow_charge,
    "pyr": handlers.follow_refund,
    "re": handlers.follow_refund,
    "sub": handlers.follow_plan,
}
# What following an object may find.
KINDS = (Kind.AMOUNT, Kind.MISSING_HERE, Kind.MISSING_THERE, Kind.STATE)
logger = logging.getLogger(__name__)


@dataclass
class Walk:
    """One run: the moment it is written under, what it looked at, and what differs."""

    at: datetime
    is_dry: bool = False
    looked_at: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def follow(self, object_id: str) -> None:
        """Bring our books up to date with an object. Raises gateway.StripeUnavailable."""
        kind = object_id.partition("_")[0]
        follower = FOLLOWERS.get(kind)
        if follower is None or object_id in self.looked_at:
            return
        if self.is_dry and kind == CUSTOMER:
            return  # would let Stripe take another card for a plan
        found = attempt(follower, object_id, self.at)
        self.looked_at.add(object_id)
        self.findings += [found] if found else []

    def settle(self) -> None:
        """Write down what differs, and that what was looked at otherwise agrees."""
        references = {name for each in self.looked_at for name in (each, f"stripe:{each}")}
        settle(self.findings, references, kinds=KINDS, at=self.at)


def attempt(
    follower: Callable[[str, datetime], None], object_id: str, at: datetime
) -> Finding | None:
    """Follow an object; return what is in the way of that."""
    try:
        follower(object_id, at)
    except gateway.StripeUnavailable:
        raise
    except gateway.Unknown:
        gift = Gift.objects.filter(reference=f"stripe:{object_id}").first()
        return Finding(Kind.MISSING_THERE, object_id, gift)
    except MoneyDiffers as difference:
        return other_money(difference)
    except Exception as error:  # noqa: BLE001 (a fault about one must not hide the others)
        # Where, and not what it says: that may name a person.
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__}, {place.filename}:{place.lineno}"
        logger.error("%s could not be followed (%s)", object_id, where)  # noqa: TRY400
        return Finding(Kind.STATE, object_id, theirs=type(error).__name__)
    return None


def other_money(difference: MoneyDiffers) -> Finding:
    gift = difference.gift
    ours = written(gift.amount, gift.currency)
    return Finding(Kind.AMOUNT, gift.reference, gift, ours=ours, theirs=difference.told)


def began_here(checkout_id: str) -> bool:
    """Say whether a payment or plan with this in its metadata began on our form."""
    try:
        return Checkout.objects.filter(public_id=UUID(checkout_id)).exists()
    except ValueError:
        return False


def follow_again(walk: Walk) -> None:
    """Look again at what differed before."""
    before = Difference.objects.open().filter(kind__in=KINDS)
    for reference in before.values_list("reference", flat=True):
        walk.follow(reference.removeprefix("stripe:").partition(":")[0])
