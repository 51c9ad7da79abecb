"""Keeping addresses from being used, and finding out whether they may be.

What is kept of an address is a keyed hash (HMAC-SHA256): it recognises an address that comes again
after its owner was erased, and tells it to nobody who has not the key.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from crm.lib.rows import insert_unless_there
from crm.privacy.models import Channel
from crm.privacy.suppressions import Suppression

Reason = Suppression.Reason
# Whoever they are, nothing at all arrives or is welcome there.
FOR_ALL_MAIL = (Reason.BOUNCED, Reason.COMPLAINED)


def digest_of(address: str) -> str:
    """Return the keyed hash of an address in its normal form, as 64 hexadecimal digits."""
    return hmac.digest(settings.SUPPRESSION_KEY.encode(), address.encode(), "sha256").hex()


def suppress(
    *,
    addresses: Iterable[str],
    reason: str,
    at: datetime,
    purpose: str = "",
    channel: str = Channel.EMAIL,
) -> None:
    """Keep addresses from being used for a purpose, or for any. Saying it twice changes nothing."""
    for digest in sorted(digest_of(address) for address in addresses if address):
        insert_unless_there(
            Suppression(digest=digest, channel=channel, purpose=purpose, reason=reason, at=at)
        )


def lift(*, addresses: Iterable[str], purpose: str, channel: str = Channel.EMAIL) -> None:
    """Let addresses be used again for a purpose, as only their owner can ask for."""
    digests = [digest_of(address) for address in addresses if address]
    found = Suppression.objects.filter(digest__in=digests, channel=channel)
    found.filter(Q(purpose=purpose) | Q(purpose="")).delete()


def suppressed(
    addresses: Iterable[str], *, purpose: str = "", channel: str = Channel.EMAIL
) -> dict[str, str]:
    """Return which of these addresses are not to be used for a purpose, and why."""
    known = {digest_of(address): address for address in addresses if address}
    found = Suppression.objects.filter(digest__in=known, channel=channel)
    held = found.filter(Q(purpose="") | Q(purpose=purpose)).values_list("digest", "reason")
    return {known[digest]: reason for digest, reason in held.order_by("-pk")}
