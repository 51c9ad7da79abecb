"""`make screenshots`: pictures of the demo in a real browser.

The README's stand in `docs/screenshots/`; the others, for looking, in `var/screenshots/`.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from bench import servers
from tests.browser import ARGUMENTS, find_chromium

IN_README = {"petition", "dashboard"}
README_FOLDER = Path(__file__).parent / "screenshots"
FOLDER = servers.ROOT / "var" / "screenshots"
WIDTHS = {"": 1280, "-phone": 390}  # by how a picture's name ends
PETITION = "/fr/petition/stop-traite/"
CHART = ".js-plotly-plot"
# Where things are that have a number, and the donor's page, which has a signed address.
FIND = """
import json
from django.urls import reverse
from django.utils.translation import override
from crm.donations.batches import Batch
from crm.donations.models import Gift, Plan
from crm.donations.pledges import Pledge
from crm.lib import tokens
from crm.public.donor_link import DONOR

plans = Plan.objects.filter(status="active", interval="month").order_by("-started_at", "pk")
donor = plans[plans.count() // 2].supporter
pledge = Pledge.objects.filter(instalments__gift=None, cancelled_at=None).earliest("pk")
gift = Gift.objects.filter(tribute__kind="memory", matching=None).latest("given_at")
with override("fr"):
    found = {
        "donor": reverse("public:donor", args=[tokens.make(DONOR, str(donor.public_id))]),
        "gift": reverse("admin:crm_gift_change", args=[gift.pk]),
        "batch": reverse("admin:crm_batch_change", args=[Batch.objects.get().pk]),
        "pledge": reverse("admin:crm_pledge_change", args=[pledge.pk]),
        "supporter": reverse("admin:crm_supporter_change", args=[donor.pk]),
    }
print(json.dumps(found))
"""


class Sight(NamedTuple):
    """A page to look at; staff's are seen by an administrator."""

    address: str
    for_staff: bool = True
    shows: str = "body"  # what must be there before the picture is taken


def sights(found: dict[str, str]) -> dict[str, Sight]:
    return {
        "petition": Sight(PETITION, for_staff=False),
        "give": Sight("/fr/give/", for_staff=False),
        "donor": Sight(found["donor"], for_staff=False),
        "dashboard": Sight("/dashboard/", shows=CHART),
        "donations": Sight("/dashboard/donations/", shows=CHART),
        "staff": Sight("/staff/"),
        "supporters": Sight("/staff/crm/supporter/"),
        "supporter": Sight(found["supporter"]),
        "gift": Sight(found["gift"]),
        "batch": Sight(found["batch"]),
        "pledge": Sight(found["pledge"]),
        "bank": Sight("/staff/payments/bankline/match/"),
        "stripe": Sight("/staff/payments/reconciliation/"),
        "checkouts": Sight("/staff/payments/checkout/"),
    }


def find(environment: dict[str, str]) -> dict[str, str]:
    """Ask the demo for the addresses of what is shown."""
    told = subprocess.run(  # noqa: S603 (our own command line)
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", FIND],
        cwd=servers.ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(told.stdout)


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.locator("input[name=login]").fill("administrator")
    page.locator("input[name=password]").fill("soutien-demo")
    page.locator("[type=submit]").first.click()
    page.wait_for_url(f"{site}/staff/**")


def take(browser: Browser, site: str, name: str, sight: Sight) -> None:
    """Take a page at both widths; the README's as one sees it first, the others whole."""
    for ending, width in WIDTHS.items():
        picture = f"{name}{ending}"
        context = browser.new_context(locale="fr-BE", viewport={"width": width, "height": 900})
        page = context.new_page()
        if sight.for_staff:
            sign_in(page, site)
        page.goto(site + sight.address)
        page.wait_for_load_state("networkidle")
        page.locator(sight.shows).first.wait_for()
        folder = README_FOLDER if picture in IN_README else FOLDER
        page.screenshot(path=folder / f"{picture}.png", full_page=picture not in IN_README)
        context.close()


def main() -> None:
    README_FOLDER.mkdir(exist_ok=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with servers.database() as environment:
        environment["DEBUG"] = "true"
        servers.manage(environment, "demo")
        known = sights(find(environment))
        names = sys.argv[1:] or list(known)
        with (
            servers.web(environment, "crm.wsgi:application") as port,
            sync_playwright() as playwright,
        ):
            chromium = find_chromium(playwright)
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            for name in names:
                sys.stderr.write(f"  {name}\n")
                take(browser, f"http://127.0.0.1:{port}", name, known[name])
            browser.close()


if __name__ == "__main__":
    main()
