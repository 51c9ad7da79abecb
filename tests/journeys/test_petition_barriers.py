"""The pages of petitions, for everybody and for staff: no barrier that axe knows, at any width."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.campaigns.leads import LeadForm
from crm.campaigns.models import Signature
from tests.crm.spreading import joined, sign
from tests.factories import CampaignFactory, CampaignTextFactory
from tests.journeys.conftest import PASSWORD
from tests.sheet_factories import enter, pack, row

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def petitions(petition, now):
    """One that is open, with signatures of each kind, and others that are not."""
    anna = joined(petition, "anna", now)
    joined(petition, "ben", now, through=anna)
    held = sign(petition, "carl", now)
    Signature.objects.filter(pk=held.pk).update(status="held", network="192.0.2.7")
    enter(petition, row("B-1", valid=3, struck=1))
    for slug, times in {
        "early": {"opens_at": now + timedelta(days=3)},
        "closed": {"closes_at": now - timedelta(days=1)},
        "archived": {"closes_at": now - timedelta(days=1), "archived_at": now},
    }.items():
        CampaignTextFactory(campaign=CampaignFactory(slug=slug, **times), language="fr")
    return petition


@pytest.fixture
def delivery(petitions, now):
    return pack(petitions, as_of=now + timedelta(minutes=1), at=now + timedelta(hours=1))


@pytest.fixture
def look(journey, browser):
    """Let axe look at pages, light and dark; nothing of them stands out at any width."""
    context = browser.new_context(
        bypass_csp=True, storage_state=journey.page.context.storage_state()
    )
    page = context.new_page()

    def barriers(within=None):
        page.set_viewport_size({"width": 390, "height": 844})
        found = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            seen = Axe().run(page, context=within)
            found += [seen.generate_report()] if seen.violations_count else []
        for width in (320, 390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{page.url}: {wide} pixels wide at {width}"] if wide > width else []
        return found

    def run(paths, within=None):
        found = []
        for path in paths:
            assert page.goto(journey.url + path).status == 200, path
            found += barriers(within)
        return found

    run.page, run.barriers = page, barriers
    yield run
    context.close()


def test_public_pages_have_no_barrier(journey, petitions, delivery, look):
    slug = petitions.slug
    about = [f"/nl/petition/{slug}/count/about/", f"/fr/delivery/{delivery.public_id}/"]
    petition_pages = [f"/fr/petition/{each}/" for each in (slug, "early", "closed", "archived")]

    found = look([*petition_pages, *about, "/fr/embed/early/"])
    look.page.goto(f"{journey.url}/en/petition/{slug}/")
    look.page.locator("#sign [name=email]").fill("wrong")
    look.page.locator("#sign form button[type=submit]").click()
    look.page.locator(".error-summary").wait_for()
    found += look.barriers()

    assert not found, "\n".join(found)


@pytest.fixture
def campaigner(staff, journey):
    user = staff(Role.CAMPAIGNER)
    user.set_password(PASSWORD)
    user.save()
    journey.sign_in(user)
    return user


def test_staff_pages_have_no_barrier(campaigner, petitions, delivery, look):
    LeadForm.objects.create(form_id="77", name="Form", campaign=petitions, language="fr")
    sheet = petitions.sheets.get()
    pages = {
        "campaign_change": [petitions.pk],
        "campaign_what": [petitions.pk],
        "campaign_words": [petitions.pk, "fr"],
        "campaign_embed": [petitions.pk],
        "campaign_sources": [],
        "campaign_sharing": [],
        "signature_changelist": [],
        "signature_held": [],
        "signature_pattern": [],
        "sheet_changelist": [],
        "sheet_add": [],
        "sheet_name": [sheet.pk],
        "delivery_change": [delivery.pk],
        "leadform_changelist": [],
        "lead_changelist": [],
    }

    found = look(
        [reverse(f"admin:crm_{name}", args=args) for name, args in pages.items()], "#content"
    )

    assert not found, "\n".join(found)
