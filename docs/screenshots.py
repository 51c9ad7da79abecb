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
# Records of people, and what is done with many of them.
OF_PEOPLE = (
    "person",
    "organisation",
    "history",
    "merge",
    "segment",
    "segment-build",
    "import-read",
    "import-map",
    "import-checked",
    "import-done",
)
OF_EVERYBODY = ("newsletter", "trainings", "impact")
LISTS = {
    "privacy-requests": "privacyrequest",
    "retention": "retentionrule",
    "mail-words": "mailtext",
    "partners": "partner",
    "networks": "network",
    "sessions": "session",
    "campaigns": "campaign",
    "signatures": "signature",
    "sheets": "sheet",
    "packs": "delivery",
    "lead-forms": "leadform",
}
OF_PROGRAMMES = ("partner", "network", "session", "attendance")
# Where things are that have a number, and the donor's page, which has a signed address.
FIND = """
import json
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from crm.demo.data import FOLDER
from crm.donations.batches import Batch
from crm.donations.models import Gift, Plan
from crm.donations.pledges import Pledge
from crm.exchange import imports, running
from crm.exchange.models import Import
from crm.lib import tokens
from crm.people.duplicates import Suspicion
from crm.people.merges import Merge
from crm.people.models import Supporter
from crm.people.segments import Segment
from crm.programmes.networks import Network
from crm.programmes.partners import Partner
from crm.programmes.trainings import Session
from crm.public.donor_link import DONOR

plans = Plan.objects.filter(status="active", interval="month").order_by("-started_at", "pk")
donor = plans[plans.count() // 2].supporter
pledge = Pledge.objects.filter(instalments__gift=None, cancelled_at=None).earliest("pk")
gift = Gift.objects.filter(tribute__kind="memory", matching=None).latest("given_at")
pair = Suspicion.objects.open().order_by("-score").first()
known = Supporter.objects.filter(kind="person", gifts__isnull=False, notes__isnull=False)
known = known.filter(phones__isnull=False).order_by("membership", "pk").first()
organisation = Supporter.objects.filter(kind="organisation", tasks__isnull=False).earliest("pk")
segment = Segment.objects.get(is_audience=True)
merged = Merge.objects.earliest("pk")
held = Session.objects.filter(begins_at__lt=timezone.now(), cancelled_at=None).latest("begins_at")
coming = Session.objects.filter(begins_at__gt=timezone.now()).earliest("begins_at")
done = Import.objects.get()
# A list on its way in, at each of its steps.
now, by = timezone.now(), get_user_model().objects.get(username="administrator")
data = (FOLDER / "salon.csv").read_bytes().replace(b"@example.org", b"@example.com")
new, checked = (imports.start(chunks=[data], name="Salon.csv", at=now, by=by) for _n in range(2))
with override("fr"):
    imports.configure(
        batch=checked, mapping=checked.mapping, options=imports.Options.from_json(checked.options),
        at=now,
    )
    imports.request_check(batch=checked, at=now)
    running.check(batch_id=checked.pk, now=now)
    found = {
        "person": reverse("admin:crm_supporter_change", args=[known.pk]),
        "organisation": reverse("admin:crm_supporter_change", args=[organisation.pk]),
        "history": reverse("admin:crm_supporter_history_of", args=[merged.kept_id]),
        "merge": reverse("admin:crm_supporter_merge", args=[pair.first_id, pair.second_id]),
        "segment": reverse("admin:crm_segment_change", args=[segment.pk]),
        "segment-build": reverse("admin:crm_segment_edit", args=[segment.pk]),
        "import-read": reverse("admin:crm_import_read", args=[new.pk]),
        "import-map": reverse("admin:crm_import_map", args=[new.pk]),
        "import-checked": reverse("admin:crm_import_change", args=[checked.pk]),
        "import-done": reverse("admin:crm_import_change", args=[done.pk]),
        "partner": reverse("admin:crm_partner_change", args=[Partner.objects.earliest("pk").pk]),
        "network": reverse("admin:crm_network_change", args=[Network.objects.earliest("pk").pk]),
        "session": reverse("admin:crm_session_change", args=[coming.pk]),
        "attendance": reverse("admin:crm_session_attendance", args=[held.pk]),
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
        **{name: Sight(found[name]) for name in OF_PEOPLE},
        "search": Sight("/staff/crm/supporter/?q=0450+00+01"),
        "duplicates": Sight("/staff/crm/suspicion/"),
        "proposals": Sight("/staff/crm/proposal/"),
        "tasks": Sight("/staff/crm/task/"),
        "tags": Sight("/staff/crm/tag/"),
        "segments": Sight("/staff/crm/segment/"),
        "imports": Sight("/staff/crm/import/"),
        "import-new": Sight("/staff/crm/import/add/"),
        "exports": Sight("/staff/crm/export/"),
        "merges": Sight("/staff/crm/merge/"),
        "gift": Sight(found["gift"]),
        "batch": Sight(found["batch"]),
        "pledge": Sight(found["pledge"]),
        "count": Sight(f"{PETITION}count/about/", for_staff=False),
        "sources": Sight("/staff/crm/campaign/sources/"),
        "funnel": Sight("/staff/crm/campaign/funnel/"),
        "sharing": Sight("/staff/crm/campaign/sharing/"),
        "held": Sight("/staff/crm/signature/held/"),
        "bank": Sight("/staff/payments/bankline/match/"),
        "stripe": Sight("/staff/payments/reconciliation/"),
        **{name: Sight(f"/fr/{name}/", for_staff=False) for name in OF_EVERYBODY},
        **{name: Sight(f"/staff/crm/{model}/") for name, model in LISTS.items()},
        **{name: Sight(found[name]) for name in OF_PROGRAMMES},
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
