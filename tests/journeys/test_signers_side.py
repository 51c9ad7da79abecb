"""What signers do by the links of our mails; each page for everybody (test_petitions: the way)."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from crm.campaigns import operations, tallies
from crm.campaigns.comments import Comment
from crm.campaigns.models import Signature
from crm.mailing.models import Mail
from crm.public.signer import thanks_url
from tests.crm.signer_pages import not_me, own_page, to_confirm
from tests.factories import SignatureFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plain(journey, browser):
    """The same site in a browser that runs no script."""
    context = browser.new_context(
        java_script_enabled=False, locale="en-GB", viewport={"width": 390, "height": 844}
    )
    journey.page = context.new_page()
    yield journey
    context.close()


def test_signer_asks_again_corrects_takes_back_and_withdraws_by_keyboard(journey):
    page, keyboard = journey.page, journey.page.keyboard
    signature = SignatureFactory(campaign=journey.petition)
    email = signature.supporter.email
    journey.open(f"/en/petition/{journey.petition.slug}/signed/")
    page.get_by_role("textbox", name="E-mail").focus()
    keyboard.type(email)
    keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("a new mail is on its way")
    journey.work()
    assert Mail.objects.get().template == "confirm_signature"
    operations.confirm(signature=signature, at=timezone.now())
    Comment.objects.create(signature=signature, text="Because.", is_public=True)

    journey.open(own_page(signature))
    page.get_by_role("textbox", name="Given name").press("Control+a")
    keyboard.type("Samantha")
    keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("put right")
    page.get_by_role("button", name="Take it back").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("nothing of what you said is kept")
    page.get_by_role("link", name="Withdraw my signature").press("Enter")
    page.get_by_role("button", name="Withdraw my signature").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("no longer counted")

    signature.refresh_from_db()
    assert (signature.ended, signature.supporter.given_name) == ("signer", "Samantha")
    assert (Comment.objects.count(), tallies.count(journey.petition)) == (0, 0)


def test_whoever_did_not_sign_says_so_without_javascript(plain):
    signature = SignatureFactory(campaign=plain.petition)
    plain.open(to_confirm(signature))
    plain.page.get_by_role("link", name="It was not me").click()

    plain.page.get_by_role("button", name="It was not me: take it out").click()

    expect(plain.page.get_by_role("heading", name="It is taken out")).to_be_visible()
    signature.refresh_from_db()
    assert signature.ended == "not-me"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_barrier_that_axe_knows(journey, browser, scheme):
    campaign = journey.petition
    pending, held = SignatureFactory(campaign=campaign), SignatureFactory(campaign=campaign)
    counted = operations.confirm(signature=SignatureFactory(campaign=campaign), at=timezone.now())
    Comment.objects.create(signature=counted, text="Because.", is_public=True)
    Signature.objects.filter(pk=held.pk).update(status="held")
    signed = f"/en/petition/{campaign.slug}/signed/"
    paths = [
        *(signed, f"{signed}?again=1", to_confirm(pending), to_confirm(held), "/en/confirm/old/"),
        *(not_me(pending), "/en/not-me/", "/en/not-me/old/"),
        *(thanks_url(counted), own_page(counted), own_page(counted, "withdraw")),
        *(own_page(pending), "/en/signature/old/"),
    ]
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()

    barriers = {}
    for path in paths:
        page.goto(journey.url + path)
        found = Axe().run(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path
        if found.violations_count:
            barriers[path] = found.generate_report()

    context.close()
    assert barriers == {}
