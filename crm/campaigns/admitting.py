"""What holds a signature back for staff to look at: never refused, never lost, nothing mailed.

Limits are read, not reserved: forms of one network that come in the same instant may be some more.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext, ngettext

from crm.campaigns.disposable import is_disposable
from crm.campaigns.models import Signature
from crm.campaigns.proofs_spent import SpentProof
from crm.lib.rows import Answer, Maybe

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)  # longer than a proof can be used
HELD, PENDING = Signature.Status.HELD, Signature.Status.PENDING
RECENT = """(SELECT count(*) FROM (SELECT FROM crm_signature
    WHERE network = %s::inet AND signed_at > %s LIMIT %s) AS recent)"""
LIMITED = f"CASE WHEN {RECENT} >= %s THEN 'held' ELSE 'pending' END"
# A proof that was used before proves nothing: then its row is not written.
PROVED = LIMITED.replace(">= %s", ">= CASE WHEN EXISTS (SELECT FROM {}) THEN %s ELSE %s END")


def spend(proof: str, *, at: datetime) -> SpentProof | None:
    """Return the row by which a proof of work counts once, not yet written."""
    return SpentProof(challenge=proof, at=at) if proof else None


def verdict(signature: Signature, spent: SpentProof | None) -> Any:
    """Return the state of a new signature, as far as the database has to say so: as a question.

    `spent` is written before the signature, or is there by now.
    """
    if is_disposable(signature.supporter.email):
        return HELD
    if not signature.network:
        return PENDING
    most = settings.SIGNATURES_PER_NETWORK
    unproved = min(settings.SIGNATURES_WITHOUT_PROOF, most)
    asked = (signature.network, signature.signed_at - HOUR)
    if spent is not None and spent.pk is None:
        return Answer(PROVED, (*asked, most, most, unproved), (spent,))
    limit = unproved if spent is None else most
    return Answer(LIMITED, (*asked, limit, limit))


def settled(verdict: str | Answer) -> str:
    """Return a verdict as the database gives it now; the proof, if there is one, is written."""
    if not isinstance(verdict, Answer):
        return verdict
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {verdict.sql}", verdict.values)
        return cursor.fetchone()[0]


def only_if_pending(row: Model, signature: Signature) -> list[Model | Maybe]:
    """Return a row where its signature is not held back, or the condition to write it."""
    if not isinstance(signature.status, Answer):
        return [] if signature.status == HELD else [row]
    return [Maybe(row, Answer("(SELECT status FROM {}) = 'pending'", (), (signature,)))]


def why_held(signature: Signature) -> list[str]:
    """Return what staff should know of a signature that was held back, as sentences."""
    return list(reasons(signature)) if signature.status == HELD else []


def reasons(signature: Signature) -> Iterator[str]:
    if is_disposable(signature.supporter.email):
        yield gettext("The address is of a provider that gives addresses away for an hour.")
    if not signature.network:
        return
    around = Signature.objects.filter(
        network=signature.network,
        signed_at__gt=signature.signed_at - HOUR,
        signed_at__lt=signature.signed_at + HOUR,
    )
    number = around.count()
    yield ngettext(
        "One signature came from this network within an hour.",
        "%(number)s signatures came from this network within an hour.",
        number,
    ) % {"number": number}


def forget_proofs(*, at: datetime) -> int:
    """Delete proofs that can be used no more; return how many they were."""
    deleted, _each = SpentProof.objects.filter(at__lt=at - DAY).delete()
    return deleted
