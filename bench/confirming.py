"""`python -m bench.confirming SLUG PAUSE`: confirm what waits, one after the other, as signers do.

Prints, after each, when that was committed and how many are counted then. Ends when it is ended.
"""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
django.setup()

from django.db import OperationalError, connection  # noqa: E402 (needs the apps)
from django.utils import timezone  # noqa: E402

from crm.campaigns import tallies  # noqa: E402
from crm.campaigns.models import Campaign, Signature  # noqa: E402
from crm.campaigns.operations import confirm  # noqa: E402

BATCH = 100


def main(slug: str, pause: float) -> None:
    campaign = Campaign.objects.get(slug=slug)
    count = tallies.count(campaign)
    while True:
        try:
            waiting = Signature.objects.filter(campaign=campaign, status="pending")
            for signature in list(waiting.order_by("pk").select_related("supporter")[:BATCH]):
                before = signature.status
                after = confirm(signature=signature, at=timezone.now())
                count += after.status != before
                sys.stdout.write(f"{time.time()} {count}\n")
                sys.stdout.flush()
                time.sleep(pause)
        except OperationalError:  # the database is restarted
            connection.close()
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
