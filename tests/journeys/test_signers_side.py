"""From signing to sharing and giving, as a signer and a friend do it; each page for everybody."""

import re

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
from tests.journeys.conftest import LANGUAGES

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


def fill_form(page, email):
    told = {"given_name": "Pia", "family_name": "Peeters", "email": email, "postcode": "2000"}
    for name, value in told.items():
        page.locator(f"form [name={name}]").fill(value)
    page.locator("#sign form button[type=submit]").click()


def confirm_by_mail(journey, email):
    """Follow the link of the newest mail, and press the button."""
    journey.work()
    token = Mail.objects.filter(to=email, template="confirm_signature").last().context["token"]
    journey.open(f"/{journey.language}/confirm/{token}/")
    journey.page.locator("main form button[type=submit]").click()
    expect(journey.page).to_have_url(re.compile("/thanks/"))
    journey.work()


@pytest.mark.parametrize("language", LANGUAGES)
def test_signer_shares_a_friend_signs_and_the_signer_sees_it_and_gives(plain, language):
    plain.language = language
    plain.open(f"/{language}/petition/{plain.petition.slug}/?utm_source=facebook")
    fill_form(plain.page, "pia@example.org")
    confirm_by_mail(plain, "pia@example.org")
    shared = plain.page.locator("#share-address").input_value()
    plain.open(shared.removeprefix(plain.url))
    fill_form(plain.page, "friend@example.org")
    confirm_by_mail(plain, "friend@example.org")

    signature = Signature.objects.get(supporter__email="pia@example.org")
    plain.open(own_page(signature, language=language))

    expect(plain.page.locator(".brought")).to_be_visible()
    friend = Signature.objects.get(supporter__email="friend@example.org")
    assert (friend.referrer, friend.generation) == (signature, 1)
    assert (friend.source.utm_source, friend.source.utm_medium) == ("share", "copy")
    plain.open(thanks_url(signature).replace("/fr/", f"/{language}/"))
    plain.page.locator("#give-monthly").check()
    plain.page.locator("button[name=amount]").nth(1).click()
    give = plain.page
    assert "utm_source=facebook" in give.url
    assert give.locator("[name=amount]:checked").get_attribute("value") == "2500"
    assert give.locator("[name=frequency]:checked").get_attribute("value") == "monthly"
    assert give.locator("[name=campaign]").input_value() == plain.petition.slug


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
