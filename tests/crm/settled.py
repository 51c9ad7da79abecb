"""Waiting for the change feed: a server's other databases have transactions of their own."""

import time

from crm.people.models import Change

LONGEST = 60  # seconds


def wait_until_settled() -> None:
    """Return once no open transaction can come before what is in the feed."""
    end = time.monotonic() + LONGEST
    while Change.objects.settled().count() < Change.objects.count() and time.monotonic() < end:
        time.sleep(0.05)
