"""Chromium, for tests that look at pages as people do."""

import os
import shutil
from pathlib import Path

import pytest
from django.db import connections
from playwright.sync_api import expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def browser():
    # Playwright keeps an event loop running in this thread, which Django would take for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=20_000)  # a busy machine is not a failure
    connections.close_all()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=find_chromium(playwright), args=ARGUMENTS
        )
        # Playwright gives this thread another context, in which Django opens another connection:
        # the one of the context that is left would stay open to the end.
        yield launched
        connections.close_all()
        launched.close()


def find_chromium(playwright) -> str:
    """The machine's Chromium, else the one that Playwright installed. Fails where there is none."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    if Path(playwright.chromium.executable_path).exists():
        return playwright.chromium.executable_path
    pytest.fail("No Chromium on this machine. `make browser` installs one.", pytrace=False)
