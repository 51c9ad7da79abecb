"""`make screenshots`: pictures of the demo in a real browser.

The README's stand in `docs/screenshots/`; the others, for looking, in `var/screenshots/`.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from bench import servers
from tests.browser import ARGUMENTS, find_chromium

IN_README = {"petition", "dashboard"}
README_FOLDER = Path(__file__).parent / "screenshots"
FOLDER = servers.ROOT / "var" / "screenshots"
PETITION = "/fr/petition/stop-traite/"
DASHBOARD = "/dashboard/"
PAGES = {  # name: (address, signs in, width)
    "petition-phone": (PETITION, False, 390),
    "petition": (PETITION, False, 1280),
    "give-phone": ("/fr/give/", False, 390),
    "give": ("/fr/give/", False, 1280),
    "dashboard": (DASHBOARD, True, 1280),
    "dashboard-phone": (DASHBOARD, True, 390),
    "donations": ("/dashboard/donations/", True, 1280),
    "staff": ("/staff/", True, 1280),
    "staff-phone": ("/staff/", True, 390),
    "supporters": ("/staff/crm/supporter/", True, 1280),
}


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/login/")
    page.locator("input[name=login]").fill("administrator")
    page.locator("input[name=password]").fill("soutien-demo")
    page.locator("[type=submit]").first.click()
    page.wait_for_url(f"{site}/staff/**")


def take(browser: Browser, site: str, name: str) -> None:
    path, signs_in, width = PAGES[name]
    context = browser.new_context(locale="fr-BE", viewport={"width": width, "height": 900})
    page = context.new_page()
    if signs_in:
        sign_in(page, site)
    page.goto(site + path)
    page.wait_for_load_state("networkidle")
    folder = README_FOLDER if name in IN_README else FOLDER
    page.screenshot(path=folder / f"{name}.png", full_page=width < 500)
    context.close()


def main() -> None:
    README_FOLDER.mkdir(exist_ok=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = sys.argv[1:] or list(PAGES)
    with servers.database() as environment:
        servers.manage(environment, "demo")
        with (
            servers.web(environment, "crm.wsgi:application", DEBUG="true") as port,
            sync_playwright() as playwright,
        ):
            chromium = find_chromium(playwright)
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            for name in names:
                sys.stderr.write(f"  {name}\n")
                take(browser, f"http://127.0.0.1:{port}", name)
            browser.close()


if __name__ == "__main__":
    main()
