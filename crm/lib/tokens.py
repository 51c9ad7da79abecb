"""Signed links: what a mail carries, so that only its reader can act."""

from datetime import timedelta

from django.core import signing


class BadToken(Exception):
    """The link was changed, is too old, or is for something else."""


def make(purpose: str, subject: str) -> str:
    """Sign `subject` (an identifier, never personal data) for one purpose."""
    return signing.dumps(subject, salt=f"soutien.{purpose}")


def read(purpose: str, token: str, *, max_age: timedelta | None) -> str:
    """Return what was signed; without an age, for as long as the key holds. Raises BadToken."""
    try:
        return signing.loads(token, salt=f"soutien.{purpose}", max_age=max_age)
    except signing.BadSignature as error:
        raise BadToken(purpose) from error
