"""How long the accounts keep what they must, whoever asks for erasure."""

from datetime import date

from django.conf import settings


def kept_until(year: int) -> date:
    """Return the last day on which the accounts of a year are kept.

    The law counts full years after the year of the books; how many has changed before.
    """
    began = max(first for first in settings.ACCOUNTS_KEPT if first <= year)
    return date(year + settings.ACCOUNTS_KEPT[began], 12, 31)
