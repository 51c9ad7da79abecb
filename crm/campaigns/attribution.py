"""Through whom somebody came, and from where they came first."""

from datetime import datetime

from django.db import connection

from crm.campaigns.duplicates import standing_for
from crm.campaigns.models import Signature
from crm.campaigns.sharing import signature_of
from crm.lib.contact import mailbox_of
from crm.people.models import Supporter

FARTHEST = 2**15 - 1  # generations that a signature can tell
BRINGS = {Signature.Status.PENDING, Signature.Status.CONFIRMED}
# Gifts belong to a slice above: they are named, not imported. What was never confirmed, or was not
# theirs, is nothing that they did.
FIRST = """
SELECT origin FROM (
    (SELECT coalesce(first_source_id, source_id) AS origin, signed_at AS at FROM crm_signature
     WHERE supporter_id = %(supporter)s AND confirmed_at IS NOT NULL AND ended <> 'not-me'
       AND signed_at < %(at)s
     ORDER BY signed_at, id LIMIT 1)
    UNION ALL
    (SELECT coalesce(first_source_id, source_id), given_at FROM crm_gift
     WHERE supporter_id = %(supporter)s AND status = 'paid' AND given_at < %(at)s
       AND coalesce(first_source_id, source_id) IS NOT NULL
     ORDER BY given_at, id LIMIT 1)
) AS did ORDER BY at LIMIT 1
"""


def first_source_of(supporter: Supporter, *, at: datetime) -> int | None:
    """Return the id of the source of the first thing that somebody did before a moment.

    Counted are confirmed signatures and paid gifts whose source is known: money that came by bank
    says nothing of where its donor had come from.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIRST, {"supporter": supporter.pk, "at": at})
        found = cursor.fetchone()
    return found[0] if found else None


def first_touch(supporter: Supporter, source_id: int | None, *, at: datetime) -> int | None:
    """Return the first source where it was another than this one, else None."""
    first = first_source_of(supporter, at=at)
    return None if first == source_id else first


def follow_link(new: Signature, code: str) -> None:
    """Let a new signature say through whose share link it came; without a code, nothing is asked.

    That is somebody who signed the same campaign, has not withdrawn, and is another person. Who
    signs twice is known by the mailbox, however its address is written. Devices are not looked
    at: no cookie tells them apart, and a network is shared by the very people one tells first.
    """
    friend = signature_of(code) if code else None
    if friend is not None and friend.supporter.merged_into_id is not None:
        friend = standing_for(friend)
    if friend is None or friend.campaign_id != new.campaign_id or friend.status not in BRINGS:
        return
    if mailbox_of(friend.supporter.email) != mailbox_of(new.supporter.email):
        new.referrer_id = friend.pk
        new.generation = min(friend.generation + 1, FARTHEST)
