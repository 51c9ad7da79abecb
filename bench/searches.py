"""What `bench.search` runs against one database: each search's milliseconds, as JSON."""

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 (needs the apps)

from crm.access import Role  # noqa: E402
from crm.people.contact_points import Phone  # noqa: E402
from crm.people.models import Supporter  # noqa: E402

# Frequent words, rare ones, beginnings, several words, nothing at all.
WORDS = [
    *("marie", "dupont", "Hélène", "zzzz", "m", "de"),
    *("marie dupont", "dupont 1000", "peeters 9000", "van den berg", "example.org"),
    *("0475 12 34 56", "+32 475 12", "cus_NffrFeUfNV2Hib", "stripe:cus_NffrFeUfNV2Hib"),
]
PAGE = 50


def milliseconds(text: str, reader: object) -> float:
    """Return the time until the first page is there."""
    began = time.perf_counter()
    found = Supporter.objects.current().search(text, reader).order_by("-created_at", "-id")
    list(found.values_list("pk")[:PAGE])
    return (time.perf_counter() - began) * 1000


def main() -> None:
    reader = get_user_model().objects.get(username=Role.ADMINISTRATOR)
    # Somebody in the middle, who is found by everything that is known of them.
    middle = Supporter.objects.exclude(email="").order_by("pk")[50_000]
    Phone.objects.get_or_create(supporter=middle, number="+32475123456")
    texts = [*WORDS, middle.email, middle.full_name, f"{middle.full_name} {middle.postcode}"]
    for text in texts:  # what is read the first time comes from the disk
        milliseconds(text, reader)
    sys.stdout.write(json.dumps([milliseconds(text, reader) for text in texts]))


if __name__ == "__main__":
    main()
