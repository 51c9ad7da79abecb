"""The programmes: somebody enrols in a training; staff tick who came, and keep the board."""

import re
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from crm.access import Role
from crm.programmes.trainings import Enrolment
from tests.factories import SupporterFactory
from tests.jobs import run_jobs
from tests.journeys.conftest import PASSWORD
from tests.partner_factories import CriterionStateFactory, NetworkFactory, PartnerFactory
from tests.training_factories import EnrolmentFactory, SessionFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaigner(staff):
    user = staff(Role.CAMPAIGNER)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def administrator(staff):
    user = staff(Role.ADMINISTRATOR)
    user.set_password(PASSWORD)
    user.save()
    return user


def session_in(days):
    begins = timezone.now() + timedelta(days=days)
    return SessionFactory(begins_at=begins, ends_at=begins + timedelta(hours=3))


def test_somebody_enrols_confirms_by_mail_and_gives_the_place_back(journey):
    session = session_in(10)
    page = journey.page
    journey.open("/en/trainings/")
    page.get_by_role("link", name="Spotting trafficking").first.click()
    journey.fill_person("sam@example.org", "Sam", "Peeters")
    page.get_by_role("button", name="Enrol").click()
    expect(page).to_have_url(re.compile("/asked/"))
    run_jobs()

    journey.newest_mail()
    page.goto(page.locator("a[href*='/trainings/confirm/']").first.get_attribute("href"))
    assert session.enrolments.get().state == "pending"
    page.get_by_role("button", name="Yes, I take part").click()
    expect(page.get_by_role("heading", name="You are enrolled")).to_be_visible()
    run_jobs()

    journey.newest_mail()
    page.goto(page.locator("a[href*='/trainings/leave/']").first.get_attribute("href"))
    assert session.enrolments.get().state == "enrolled"
    page.get_by_role("button", name=re.compile("I cannot come")).click()
    expect(page.get_by_role("heading").first).to_be_visible()
    assert session.enrolments.get().state == "cancelled"


def test_who_came_is_ticked_on_a_telephone(journey, campaigner):
    session = session_in(-1)
    for name in ("Ann", "Bob"):
        EnrolmentFactory(session=session, supporter=SupporterFactory(given_name=name))
    journey.sign_in(campaigner)
    journey.open(reverse("admin:crm_session_change", args=[session.pk]))
    page = journey.page

    page.get_by_role("link", name="Note who came").click()
    expect(page.get_by_label(re.compile("Ann"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_label(re.compile("Ann")).check()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Noted: 1 came, 1 did not.")).to_be_visible()
    told = Enrolment.objects.values_list("supporter__given_name", "state")
    assert dict(told) == {"Ann": "attended", "Bob": "absent"}


def test_board_is_filtered_and_a_criterion_changed_by_keyboard(journey, campaigner):
    today = timezone.localdate()
    for name in ("Hotel Aurora", "Hotel Borealis"):
        PartnerFactory(organisation__family_name=name, signed_on=today, next_report_on=today)
    journey.sign_in(campaigner)
    journey.open(reverse("admin:crm_partner_changelist"))
    page, keys = journey.page, journey.page.keyboard

    page.get_by_label("Search", exact=True).last.focus()
    keys.type("aurora")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="One partner")).to_be_visible()
    journey.fits()
    page.get_by_role("link", name="Hotel Aurora").focus()
    keys.press("Enter")
    first = page.locator("#criterion-1")
    first.locator("summary").focus()
    keys.press("Enter")
    first.get_by_label("State").focus()
    keys.type("met")
    first.get_by_role("button", name="Save").focus()
    keys.press("Enter")

    expect(first.locator(".st-state")).to_contain_text("met")
    journey.fits()


def test_pages_have_no_barrier_that_axe_knows(journey, administrator, browser):
    session, member = session_in(10), NetworkFactory()
    state = CriterionStateFactory(partner__signed_on=timezone.localdate())
    EnrolmentFactory(session=session)
    journey.sign_in(administrator)
    cookies = journey.page.context.cookies()
    context = browser.new_context(
        bypass_csp=True, locale="en-GB", viewport={"width": 390, "height": 844}
    )
    context.add_cookies(cookies)
    page, found = context.new_page(), {}
    paths = [
        "/en/trainings/",
        f"/en/trainings/{session.public_id}/",
        *(
            reverse(f"admin:crm_{name}", args=args)
            for name, args in {
                "partner_changelist": [],
                "partner_change": [state.partner_id],
                "network_change": [member.pk],
                "session_change": [session.pk],
                "session_attendance": [session.pk],
                "privacyrequest_changelist": [],
                "retentionrule_changelist": [],
                "mailtext_changelist": [],
            }.items()
        ),
    ]

    for path in paths:
        page.goto(journey.url + path)
        found[path] = Axe().run(page, context="main" if path.startswith("/en/") else "#content")

    context.close()
    assert [report.violations_count for report in found.values()] == [0] * len(found), "\n".join(
        report.generate_report() for report in found.values()
    )
