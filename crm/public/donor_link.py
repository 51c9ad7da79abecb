"""The link by which donors reach their own page: asked for with an address, sent to it by mail."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from crm.lib import tokens
from crm.mailing import outbox
from crm.mailing.models import Mail
from crm.people.models import Supporter

DONOR = "donor"
WORKS_FOR = timedelta(hours=24)
PAUSE = timedelta(minutes=5)  # one mail in it
DAILY = 5  # mails at most
TEMPLATE = "donor_link"


def donor_of(token: str) -> Supporter:
    """Return whose page a link opens; who was merged finds the record that stands.

    Raises tokens.BadToken, also when the person was erased.
    """
    public_id = tokens.read(DONOR, token, max_age=WORKS_FOR)
    donor = Supporter.objects.filter(public_id=public_id).first()
    while donor is not None and donor.merged_into_id is not None:
        donor = donor.merged_into
    if donor is None or donor.erased_at is not None:
        raise tokens.BadToken(DONOR)
    return donor


def find(email: str) -> int | None:
    """Return the key of the supporter with this address."""
    return Supporter.objects.with_email(email).values_list("pk", flat=True).first()


def send(*, supporter_id: int | None, language: str, at: datetime) -> bool:
    """Queue the mail with the link, unless enough were; return whether it was queued."""
    supporter = Supporter.objects.current().filter(pk=supporter_id).first()
    if supporter is None or not supporter.email or had_enough(supporter, at=at):
        return False
    # Two who ask at once share the key; who asks on both sides of its end is counted above.
    moment = int(at.timestamp() // PAUSE.total_seconds())
    outbox.queue(
        TEMPLATE,
        key=f"{TEMPLATE}:{supporter.public_id}:{moment}",
        to=supporter,
        language=language,
        at=at,
        context={
            "token": tokens.make(DONOR, str(supporter.public_id)),
        },
    )
    return True


def had_enough(supporter: Supporter, *, at: datetime) -> bool:
    mails = sent_since(supporter, at - timedelta(days=1))
    return mails.filter(queued_at__gt=at - PAUSE).exists() or mails.count() >= DAILY


def sent_since(supporter: Supporter, moment: datetime) -> QuerySet[Mail]:
    return Mail.objects.filter(supporter=supporter, template=TEMPLATE, queued_at__gt=moment)
