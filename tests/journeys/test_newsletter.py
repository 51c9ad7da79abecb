"""From the sign-up to the newsletter to its end, as a reader goes: by mails and their buttons."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from crm.lib import tokens
from crm.mailing import outbox
from crm.mailing.headers import PREFERENCES, UNSUBSCRIBE
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.consenting import token_for
from crm.privacy.models import ConsentState
from tests.factories import SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def follow(journey, path):
    """Go where the newest mail leads."""
    journey.newest_mail()
    link = journey.page.locator(f"a[href*='{path}']").first
    journey.page.goto(link.get_attribute("href"))


def sign_up(journey, email):
    journey.open("/en/")
    journey.page.get_by_role("link", name="Stay informed").first.click()
    journey.page.get_by_role("textbox", name="E-mail", exact=True).fill(email)
    journey.page.get_by_label("Yes, I want the newsletter.").check()
    journey.page.get_by_label(re.compile("or older")).check()
    journey.page.get_by_role("button", name="Sign me up").click()
    expect(journey.page).to_have_url(re.compile("/newsletter/asked/"))
    run_jobs()


def holds():
    return list(ConsentState.objects.filter(channel="email").values_list("purpose", "given"))


def test_reader_signs_up_confirms_chooses_and_is_unsubscribed_by_the_header(journey):
    sign_up(journey, "nele@example.org")
    assert holds() == []

    follow(journey, "/newsletter/confirm/")
    assert holds() == []  # looking agrees to nothing
    journey.page.get_by_role("button", name="Yes, I confirm").click()
    expect(journey.page.get_by_role("heading", name="You are signed up")).to_be_visible()
    assert holds() == [("newsletter", True)]

    nele = Supporter.objects.get(email="nele@example.org")
    mail = {"template": "already_signed", "key": "one", "to": nele, "language": "en"}
    outbox.queue(context={"title": "T", "slug": "t"}, at=timezone.now(), **mail)
    run_jobs()
    header = Mail.objects.get(key="one")
    address = f"/unsubscribe/{tokens.make(UNSUBSCRIBE, str(header.public_id))}/"
    journey.open(f"/en/preferences/{tokens.make(PREFERENCES, str(nele.public_id))}/")
    group = journey.page.get_by_role("group", name=re.compile("By e-mail")).first
    expect(group.get_by_label("Yes")).to_be_checked()

    answer = journey.page.request.post(journey.url + address, form=ONE_CLICK)
    assert answer.status == 200
    assert ("newsletter", False) in holds()
    journey.page.reload()
    expect(group.get_by_label("No")).to_be_checked()


def test_whoever_looks_at_the_unsubscribe_link_decides_by_a_button(journey, now):
    pia = SupporterFactory(email="pia@example.org", language="en")
    mail = {"template": "already_signed", "key": "one", "to": pia, "language": "en"}
    outbox.queue(context={"title": "T", "slug": "t"}, at=now, **mail)
    token = tokens.make(UNSUBSCRIBE, str(Mail.objects.get(key="one").public_id))

    journey.open(f"/unsubscribe/{token}/")
    assert holds() == []
    journey.page.get_by_role("button", name="Yes, unsubscribe me").click()

    expect(journey.page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    assert set(holds()) == {("newsletter", False), ("appeals", False)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_barrier_that_axe_knows(journey, browser, now, scheme):
    pia = SupporterFactory(email="pia@example.org", language="en")
    mail = {"template": "already_signed", "key": "one", "to": pia, "language": "en"}
    outbox.queue(context={"title": "T", "slug": "t"}, at=now, **mail)
    sign_up(journey, "nele@example.org")
    paths = [
        "/en/newsletter/",
        "/en/newsletter/asked/",
        f"/en/newsletter/confirm/{token_for(ConsentRequest.objects.get())}/",
        "/fr/newsletter/confirm/lost/",
        f"/nl/preferences/{tokens.make(PREFERENCES, str(pia.public_id))}/",
        "/en/preferences/lost/",
        f"/unsubscribe/{tokens.make(UNSUBSCRIBE, str(Mail.objects.get(key='one').public_id))}/",
        "/en/impact/",
    ]
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    found = {}

    for path in paths:
        page.goto(journey.url + path)
        found[path] = Axe().run(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path

    context.close()
    assert [report.violations_count for report in found.values()] == [0] * len(found), "\n".join(
        report.generate_report() for report in found.values()
    )
