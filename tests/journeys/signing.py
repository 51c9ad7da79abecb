"""What a signer does on the pages, in any language: by the names of fields, not by their words."""

import re

from playwright.sync_api import Page, expect

PIA = {"given_name": "Pia", "family_name": "Peeters", "email": "pia@example.org"}
FRIEND = {"given_name": "Fred", "family_name": "Friend", "email": "fred@example.org"}
CONFIRM, OWN = "/confirm/", "/signature/"
IS_SEEN = """() => {
    const element = document.activeElement.closest(".option") ?? document.activeElement
    const look = getComputedStyle(element)
    return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2
}"""


def fill(page: Page, person: dict[str, str], postcode: str = "2000") -> None:
    for name, value in {**person, "postcode": postcode}.items():
        page.locator(f"#sign [name={name}]").fill(value)


def send(page: Page) -> None:
    page.locator("#sign form button[type=submit]").click()
    expect(page).to_have_url(re.compile("/signed/"))


def link_of_newest_mail(journey, part: str) -> str:
    """Let the worker write the mails, and return the link of the newest to such a page."""
    journey.work()
    journey.newest_mail()
    link = journey.page.locator(f"pre a[href*='{part}']").first.get_attribute("href")
    assert link is not None
    return link


def confirm(journey) -> None:
    """Follow the link of the newest mail, and press the button."""
    journey.page.goto(link_of_newest_mail(journey, CONFIRM))
    journey.page.locator("main form button[type=submit]").click()
    expect(journey.page).to_have_url(re.compile("/thanks/"))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus; wherever the focus is on its way, it is seen."""
    for _press in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(IS_SEEN), page.evaluate("document.activeElement.outerHTML")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab does not lead to {selector}")
