"""What `bench.pages` runs against one database: names of pages in, milliseconds out."""

import os
import sys
import time
from collections.abc import Iterator
from itertools import count

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 (needs the apps)
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from crm.access import Role  # noqa: E402
from crm.campaigns.models import Campaign, Signature  # noqa: E402

numbers = count(1)


def pages() -> Iterator[tuple[str, str]]:
    """Yield a name and the address of each page."""
    petition = Campaign.objects.get(slug="stop-traite")
    joined = Campaign.objects.get(slug="react")
    newest = Signature.objects.filter(campaign=petition).order_by("-signed_at")
    signer = newest.filter(status="confirmed")[20].supporter_id
    yield "petition", f"/fr/petition/{petition.slug}/"
    yield "counter", f"/fr/petition/{petition.slug}/count/"
    yield "home", reverse("admin:index")
    yield "supporter", reverse("admin:crm_supporter_change", args=[signer])
    yield "held", reverse("admin:crm_signature_held")
    for report in ("sources", "funnel", "sharing"):
        yield report, reverse(f"admin:crm_campaign_{report}")
        yield f"{report}-of-one", reverse(f"admin:crm_campaign_{report}", args=[petition.pk])
    for name, query in {
        "campaign": "",
        "signature": "",
        "signature-page-2": "p=2",
        "signature-of-petition": f"campaign={petition.pk}",
        "signature-of-few": f"campaign={joined.pk}",
        "signature-pending": "status__exact=pending",
        "signature-withdrawn": f"campaign={petition.pk}&status__exact=withdrawn",
        "signature-confirmed": f"campaign={petition.pk}&status__exact=confirmed",
        "signature-confirmed-few": f"campaign={joined.pk}&status__exact=confirmed",
        "supporter": "",
        "supporter-page-2": "p=2",
        "supporter-organisations": "kind__exact=organisation",
        "supporter-province": "region=BE-WLX",
        "supporter-given": "given=yes",
        "supporter-newsletter": "newsletter=yes",
        "comment": "",
        "comment-waiting": "state=waiting",
        "consent": "",
        "mail": "",
    }.items():
        model = name.partition("-")[0]
        yield f"list-{name}", f"{reverse(f'admin:crm_{model}_changelist')}?{query}"


def milliseconds(client: Client, address: str) -> float:
    """Return how long a page takes that nobody asked for a moment ago."""
    # To an address of its own, so that no cache answers; staff pages take no unknown parameters.
    fresh = f"{address}?utm_campaign={next(numbers)}" if address.startswith("/fr/") else address
    began = time.perf_counter()
    answer = client.get(fresh)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, (fresh, answer.status_code)
    return took


def main() -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get(username=Role.ADMINISTRATOR))
    known = dict(pages())
    told = sys.stdout
    told.write(" ".join(known) + "\n")
    told.flush()
    for line in sys.stdin:
        told.write(f"{milliseconds(client, known[line.strip()])}\n")
        told.flush()


if __name__ == "__main__":
    main()
