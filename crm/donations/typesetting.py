"""Pages as PDF/UA-1, set by typst from words that come in from outside."""

import json
import logging
from pathlib import Path
from typing import Any

import typst

FOLDER = Path(__file__).parent
logger = logging.getLogger(__name__)


def set_pages(template: str, pages: list[dict[str, Any]], *, name: str) -> bytes:
    """Return the PDF of some pages, the same bytes each time. `name` is for the log."""
    try:
        return compile_pdf(template, pages, pdf_standards=["ua-1"])
    except typst.TypstError:
        # A sign that no font of this machine has. PDF/UA forbids that, but donors must not wait.
        logger.warning("%s needs fonts that are not installed", name)
    return compile_pdf(template, [with_address(page) for page in pages])


def with_address(page: dict[str, Any]) -> dict[str, Any]:
    """Let a page whose name may be illegible tell whose it is."""
    return {
        **page,
        "donor": f"{page['donor']} ({page['email']})" if page["email"] else page["donor"],
    }


def compile_pdf(template: str, pages: list[dict[str, Any]], **options: Any) -> bytes:
    inputs = {"pages": json.dumps(pages)}
    return typst.compile(str(FOLDER / template), format="pdf", sys_inputs=inputs, **options)
