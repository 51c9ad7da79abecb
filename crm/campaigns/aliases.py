"""One mailbox under several addresses: who signs with an alias is the same person."""

from django.db import connection

from crm.campaigns.models import Signature, SignatureQuerySet
from crm.lib.contact import mailbox_of
from crm.people.contact_points import EmailAddress
from crm.people.models import Supporter

MAILBOX_LOCK = 2825


def holder(address: str, *, campaign_id: int) -> Supporter | None:
    """Return whose mailbox this address, in its normal form, leads to; nobody merges them before
    the transaction ends.

    Of several it is who has the address itself, else who signed this campaign, else the oldest.
    """
    addresses = EmailAddress.objects.of_mailbox(address)
    found = Supporter.objects.current().filter(pk__in=addresses.values("supporter"))
    people = list(found.order_by("pk").select_for_update(of=("self",), no_key=True))
    if len(people) < 2:
        return people[0] if people else None
    own = EmailAddress.objects.filter(address=address).values_list("supporter_id", flat=True)
    signed = signatures_of(address, campaign_id).values_list("supporter_id", flat=True)
    first = [*own, *signed.order_by("-confirmed_at")]
    by_key = {person.pk: person for person in people}
    return next((by_key[key] for key in first if key in by_key), people[0])


def signatures_of(address: str, campaign_id: int) -> SignatureQuerySet:
    """Return the signatures of one campaign by all who share a mailbox."""
    addresses = EmailAddress.objects.of_mailbox(address)
    return Signature.objects.filter(
        campaign_id=campaign_id, supporter__in=addresses.values("supporter")
    )


def lock_mailbox(signature: Signature) -> None:
    """Let no other signature of the same mailbox be confirmed before the transaction ends."""
    mailbox = mailbox_of(signature.supporter.email)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [MAILBOX_LOCK, mailbox])


def counted_twin(signature: Signature) -> Signature | None:
    """Return the confirmed signature of the same campaign by the same mailbox, if there is one."""
    address = signature.supporter.email
    if not address:
        return None
    others = signatures_of(address, signature.campaign_id).exclude(pk=signature.pk)
    return others.confirmed().order_by("confirmed_at", "pk").first()
