"""Asking for the mail again: whoever asks is told the same, and the mailbox has a pause."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Case, F, When

from crm.campaigns import letters
from crm.campaigns.aliases import signatures_of
from crm.campaigns.models import Campaign, Signature
from crm.people.contact_points import EmailAddress


class Asked(NamedTuple):
    """Keys of what an address has to do with a campaign; a job takes no address."""

    signature_id: int | None = None
    email_id: int | None = None


def find(*, campaign: Campaign, address: str) -> Asked:
    """Return the signature of whoever has a mailbox, and the address of theirs that was written.

    Under an alias that we do not know, it is one of those that we do. It is as much work if there
    is none.
    """
    theirs = signatures_of(address, campaign.pk).exclude(status=Signature.Status.WITHDRAWN)
    newest = theirs.order_by(F("confirmed_at").desc(nulls_last=True), "-pk")
    signature, supporter = newest.values_list("pk", "supporter").first() or (None, 0)
    emails = EmailAddress.objects.of_mailbox(address).filter(supporter=supporter)
    first = emails.order_by(Case(When(address=address, then=0), default=1), "pk")
    return Asked(signature, first.values_list("pk", flat=True).first())


@transaction.atomic
def write_again(*, signature_id: int | None, email_id: int | None, at: datetime) -> bool:
    """Write to a signer once more, if the address is theirs; return whether a mail goes."""
    if signature_id is None or email_id is None:
        return False
    # Whoever asks at the same moment waits, and then sees what was written.
    rows = Signature.objects.select_for_update(of=("self",)).select_related("campaign", "supporter")
    signature = rows.filter(pk=signature_id).first()
    email = EmailAddress.objects.filter(pk=email_id).first()
    if signature is None or email is None or email.supporter_id != signature.supporter_id:
        return False
    return letters.write_again(signature, at=at, to=email.address)
