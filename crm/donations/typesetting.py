"""The papers of donations as PDF/UA-1."""

from pathlib import Path
from typing import Any

from crm.lib import typesetting

FOLDER = Path(__file__).parent


def set_pages(template: str, pages: list[dict[str, Any]], *, name: str) -> bytes:
    """Return the PDF of some pages, the same bytes each time. `name` is for the log."""
    return typesetting.set_pages(FOLDER / template, pages, name=name, unreadable=with_address)


def with_address(page: dict[str, Any]) -> dict[str, Any]:
    """Let a page whose name may be illegible tell whose it is."""
    return {
        **page,
        "donor": f"{page['donor']} ({page['email']})" if page["email"] else page["donor"],
    }
