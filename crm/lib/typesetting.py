"""Pages as PDF/UA-1, set by typst from words that come in from outside."""

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst

Page = dict[str, Any]
logger = logging.getLogger(__name__)


def set_pages(
    template: Path,
    pages: list[Page],
    *,
    name: str,
    unreadable: Callable[[Page], Page] | None = None,
) -> bytes:
    """Return the PDF of some pages, the same bytes each time. `name` is for the log.

    `unreadable` says more on a page whose signs no font may have.
    """
    try:
        return compile_pdf(template, pages, pdf_standards=["ua-1"])
    except typst.TypstError:
        # A sign that no font of this machine has. PDF/UA forbids that, but nobody must wait for it.
        logger.warning("%s needs fonts that are not installed", name)
    return compile_pdf(template, [unreadable(page) if unreadable else page for page in pages])


def compile_pdf(template: Path, pages: list[Page], **options: Any) -> bytes:
    inputs = {"pages": json.dumps(pages)}
    return typst.compile(str(template), format="pdf", sys_inputs=inputs, **options)
