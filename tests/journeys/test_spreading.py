"""A petition spreads: from another site to a signer, from her to a friend, and to a gift."""

import pytest
from django.utils import translation
from playwright.sync_api import expect

from crm.campaigns.counting import SignatureDelta
from crm.campaigns.models import Signature
from crm.campaigns.shares import Share
from crm.public.sharing import address
from tests.crm.spreading import joined

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def anna(petition, now):
    return joined(petition, "anna", now)


def path(journey, query=""):
    return f"{journey.url}/en/petition/{journey.petition.slug}/{query}"


def confirm_newest(journey):
    journey.work()
    signature = Signature.objects.latest("pk")
    journey.newest_mail()
    link = journey.page.locator("a[href*='/en/confirm/']").first
    journey.page.goto(link.get_attribute("href"))
    journey.page.get_by_role("button", name="Yes, I sign").click()
    expect(journey.page.get_by_role("heading", name="Thank you for signing")).to_be_visible()
    return signature


def send_form(journey, email):
    journey.fill_person(email, "Ben", "Brown")
    journey.page.get_by_role("textbox", name="Postcode").fill("2000")
    journey.page.get_by_role("button", name="Sign", exact=True).click()
    expect(journey.page.get_by_role("heading", name="One more step")).to_be_visible()


def views():
    rows = SignatureDelta.objects.filter(step="view").order_by("pk")
    return list(rows.values_list("source__channel", "source__referrer_host"))


def test_site_that_led_here_is_told_by_the_page_and_by_what_follows(journey):
    with journey.page.expect_response("**/seen/") as answer:
        journey.page.goto(path(journey), referer="https://www.plan.be/agir")
    assert (answer.value.status, views()) == (204, [("partner", "www.plan.be")])
    give = journey.page.get_by_role("link", name="Give").first
    assert give.get_attribute("href").endswith("/en/give/?ref=www.plan.be")

    send_form(journey, "ben@example.org")

    assert Signature.objects.get().source.referrer_host == "www.plan.be"


def test_friend_signs_through_a_link_and_shares_it_on(journey, anna):
    with translation.override("en"):
        journey.page.goto(address(journey.petition, "whatsapp", anna))
    send_form(journey, "ben@example.org")
    ben = confirm_newest(journey)
    assert (ben.referrer, ben.generation, ben.source.utm_medium) == (anna, 1, "whatsapp")

    with journey.page.expect_response("**/shared/") as answer:
        journey.page.get_by_label("Or copy the link").press("Control+c")
    assert answer.value.status == 204
    with journey.page.expect_popup(), journey.page.expect_response("**/shared/"):
        journey.page.get_by_role("link", name="WhatsApp").click()

    assert set(Share.objects.values_list("signature", "medium")) == {
        (ben.pk, "copy"),
        (ben.pk, "whatsapp"),
    }


def test_reader_who_is_not_to_be_followed_is_not_counted(journey):
    journey.page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
    )
    told = []
    journey.page.on("request", lambda request: told.append(request.url))

    journey.page.goto(path(journey, "?utm_source=facebook"))
    journey.page.wait_for_load_state("networkidle")

    assert [url for url in told if url.endswith("/seen/")] == []
    assert journey.page.locator("[name=utm_source]").input_value() == "facebook"
