"""The whole product under a browser: pages, worker, mails and the local Stripe."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.access import Role
from crm.campaigns.models import Campaign
from crm.donations.communications import number_campaigns
from tests.factories import CampaignFactory, CampaignTextFactory, WordingFactory
from tests.jobs import run_jobs

LANGUAGES = ("fr", "nl", "en")
PASSWORD = "a long password for a test"


@dataclass
class Journey:
    """A site with a petition, and a page of a browser in front of it."""

    url: str
    page: Page
    petition: Campaign
    sandbox: Any

    def open(self, path: str) -> None:
        self.page.goto(self.url + path)

    def fits(self) -> None:
        """Check that nothing of the page stands out at the side, on a telephone or a desk."""
        for width in (1280, 390):
            self.page.set_viewport_size({"width": width, "height": 844})
            # A page that has just become wider or narrower may still be moving.
            self.page.wait_for_function(
                "width => document.documentElement.scrollWidth === width", arg=width
            )

    def work(self) -> None:
        """Let the local Stripe deliver what it has to say, and the worker do what is queued."""
        self.sandbox.wait_for_deliveries()
        run_jobs()

    def newest_mail(self) -> None:
        """Open the newest mail as text, as a developer does."""
        self.open("/dev/mail/")
        self.page.locator("main a").first.click()

    def sign(self, *, email: str, given_name: str = "Pia", family_name: str = "Peeters") -> None:
        self.open(f"/en/petition/{self.petition.slug}/?utm_source=facebook")
        self.fill_person(email, given_name, family_name)
        self.page.get_by_role("textbox", name="Postcode").fill("2000")
        self.page.get_by_role("button", name="Sign").click()

    def fill_person(self, email: str, given_name: str, family_name: str) -> None:
        self.page.get_by_role("textbox", name="Given name").fill(given_name)
        self.page.get_by_role("textbox", name="Family name").fill(family_name)
        self.page.get_by_role("textbox", name="E-mail").fill(email)

    def give(self, *, amount: str, email: str, frequency: str = "Once") -> None:
        """Fill the donation form and go on to the page of the local Stripe."""
        self.open(f"/en/give/?campaign={self.petition.slug}")
        self.page.get_by_label(frequency, exact=True).check()
        self.page.get_by_label(re.compile("Another amount")).fill(amount)
        self.fill_person(email, "Dora", "Donor")
        self.page.get_by_role("button", name="Continue to the payment").click()
        expect(self.page).to_have_url(re.compile(re.escape(self.sandbox.url)))

    def pay(self, outcome: str) -> None:
        self.page.locator(f"input[name=outcome][value={outcome}]").check()
        self.page.get_by_role("button", name="Pay").click()

    def sign_in(self, user: Any) -> None:
        self.open("/accounts/login/")
        self.page.locator("input[name=login]").fill(user.username)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("button[type=submit]").first.click()
        self.page.wait_for_url(f"{self.url}/staff/")


@pytest.fixture
def petition(transactional_db):
    campaign = CampaignFactory(slug="stop-trafficking", goal=125_000)
    for language in LANGUAGES:
        CampaignTextFactory(campaign=campaign, language=language)
        WordingFactory(language=language, text="Yes, I want the newsletter.")
    number_campaigns(at=timezone.now())
    return campaign


@pytest.fixture
def journey(browser, live_server, sandbox, settings, tmp_path, petition):
    """The site as `make run` serves it, with an empty mailbox and an empty local Stripe."""
    settings.DEBUG = True
    settings.SITE_URL = live_server.url
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = settings.MAIL_FOLDER = tmp_path
    settings.STRIPE_API_BASE = sandbox.url
    settings.STRIPE_SECRET_KEY = "sk_test_sandbox"
    settings.STRIPE_WEBHOOK_SECRET = sandbox.add_endpoint(f"{live_server.url}/webhooks/stripe/")
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": {**directives, "form-action": [*directives["form-action"], sandbox.url]}
    }
    context = browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844})
    yield Journey(live_server.url, context.new_page(), petition, sandbox)
    context.close()


@pytest.fixture
def fundraiser(staff, transactional_db):
    user = staff(Role.FUNDRAISER)
    user.set_password(PASSWORD)
    user.save()
    return user
