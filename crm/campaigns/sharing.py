"""Share links: their codes, who brought whom, and what came of it in all generations."""

import hmac
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.crypto import salted_hmac

from crm.campaigns import tallies
from crm.campaigns.counting import Step
from crm.campaigns.models import Signature
from crm.campaigns.shares import Medium, Share
from crm.lib.rows import insert_unless_there

# Digits and letters that are hard to take for another (Crockford's), and what is read for what.
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
ALPHABET = frozenset(LETTERS)
READ_AS = str.maketrans("ABCDEFGHJKMNPQRSTVWXYZoOiIlL", "abcdefghjkmnpqrstvwxyz001111")
PROOF = 8  # characters, 40 bits: whoever guesses would be credited with a stranger's signature
LONGEST = 13 + PROOF  # of a number of 64 bits
LARGEST = 2**63 - 1
# A signature points to an older one of a lower generation, so that this ends. Those brought by
# somebody who withdrew are still below whoever brought that one.
BELOW = """
WITH RECURSIVE below (id, status, generation) AS (
    SELECT id, status, generation FROM crm_signature WHERE referrer_id = %s
    UNION ALL
    SELECT child.id, child.status, child.generation
    FROM crm_signature child JOIN below ON child.referrer_id = below.id
    WHERE child.generation > below.generation
)
"""
CONFIRMED = "FROM below WHERE status = 'confirmed'"
REACHED = f"{BELOW} SELECT count(*) {CONFIRMED}"
DOWNSTREAM = f"({BELOW} SELECT id {CONFIRMED})"


def code_of(signature: Signature) -> str:
    """Return what stands in the share link of a signature: short, and of no help in guessing."""
    return spell(signature.pk) + proof_of(signature.pk, settings.SECRET_KEY)


def signature_of(code: str) -> Signature | None:
    """Return the signature of a share link; None for what is no code of ours, or no longer one."""
    number = number_in(code)
    if number is None:
        return None
    return Signature.objects.select_related("supporter", "source").filter(pk=number).first()


def number_in(code: str) -> int | None:
    """Return the number of a signature, if the code proves it; upper and lower case are one."""
    plain = code.translate(READ_AS)
    if not PROOF < len(plain) <= LONGEST or not ALPHABET.issuperset(plain):
        return None
    number = 0
    for letter in plain[:-PROOF]:
        number = number * len(LETTERS) + LETTERS.index(letter)
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    fits = [hmac.compare_digest(spell(number) + proof_of(number, key), plain) for key in keys]
    return number if any(fits) and number <= LARGEST else None


def spell(number: int) -> str:
    """Return a number in the alphabet of codes."""
    letters = ""
    while number:
        number, rest = divmod(number, len(LETTERS))
        letters = LETTERS[rest] + letters
    return letters or LETTERS[0]


def proof_of(number: int, key: str) -> str:
    digest = salted_hmac("soutien.share", str(number), secret=key, algorithm="sha256").digest()
    return spell(int.from_bytes(digest[:5])).rjust(PROOF, LETTERS[0])


def brought_by(signature: Signature) -> int:
    """Return how many confirmed signatures came through somebody's link."""
    return signature.brought.confirmed().count()


def reached_by(signature: Signature) -> int:
    """Return how many confirmed signatures came through their link and those of who came so."""
    with connection.cursor() as cursor:
        cursor.execute(REACHED, [signature.pk])
        return cursor.fetchone()[0]


def downstream(signature: Signature) -> QuerySet[Signature]:
    """Return the confirmed signatures of all generations below one, in one statement.

    The money raised below a sharer is what their supporters gave since they signed.
    """
    return Signature.objects.filter(pk__in=RawSQL(DOWNSTREAM, [signature.pk]))  # noqa: S611 (ours)


@transaction.atomic
def share(*, signature: Signature, medium: Medium, at: datetime) -> bool:
    """Note that a confirmed signer used a way to share; return whether they had not before."""
    # Two ways at the same moment wait for each other, so that one of them is the first.
    signers = Signature.objects.confirmed().select_for_update(no_key=True)
    locked = signers.filter(pk=signature.pk).first()
    if locked is None:
        return False
    is_first = not locked.shares.exists()
    is_new = insert_unless_there(Share(signature=locked, medium=medium, at=at))
    if is_new and is_first:
        tallies.note_step(signature=locked, step=Step.SHARE, at=at)
    return is_new
