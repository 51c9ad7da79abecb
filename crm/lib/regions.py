"""Belgian provinces from postcodes (ranges as bpost assigns them), by ISO 3166-2:BE codes."""

import re
from bisect import bisect_right

from django.utils.translation import gettext_lazy as _

PROVINCES = {
    "BE-BRU": _("Brussels"),
    "BE-VAN": _("Antwerp"),
    "BE-VBR": _("Flemish Brabant"),
    "BE-VLI": _("Limburg"),
    "BE-VOV": _("East Flanders"),
    "BE-VWV": _("West Flanders"),
    "BE-WBR": _("Walloon Brabant"),
    "BE-WHT": _("Hainaut"),
    "BE-WLG": _("Liège"),
    "BE-WLX": _("Luxembourg (province)"),
    "BE-WNA": _("Namur"),
}
# The first postcode of each range, and the province it opens.
RANGES = [
    (1000, "BE-BRU"),
    (1300, "BE-WBR"),
    (1500, "BE-VBR"),
    (2000, "BE-VAN"),
    (3000, "BE-VBR"),
    (3500, "BE-VLI"),
    (4000, "BE-WLG"),
    (5000, "BE-WNA"),
    (6000, "BE-WHT"),
    (6600, "BE-WLX"),
    (7000, "BE-WHT"),
    (8000, "BE-VWV"),
    (9000, "BE-VOV"),
    (10000, ""),
]
FIRSTS = [first for first, _province in RANGES]
BELGIAN_POSTCODE = re.compile(r"(?:BE?-?)?([1-9]\d{3})", re.IGNORECASE | re.ASCII)


class BadPostcode(ValueError):
    """A Belgian postcode has four digits."""


def normal_postcode(country: str, postcode: str) -> str:
    """Return a postcode as it is kept.

    >>> normal_postcode("BE", " B-1050 "), normal_postcode("NL", " 1012 AB ")
    ('1050', '1012 AB')

    Raises BadPostcode.
    """
    kept = postcode.strip()
    if country != "BE" or not kept:
        return kept
    found = BELGIAN_POSTCODE.fullmatch(kept.replace(" ", ""))
    if found is None:
        raise BadPostcode(_("A Belgian postcode has four digits."))
    return found[1]


def region_of(country: str, postcode: str) -> str:
    """Return the province's code, or "" where there is none.

    >>> region_of("BE", "1050"), region_of("BE", "6700"), region_of("FR", "75001")
    ('BE-BRU', 'BE-WLX', '')
    """
    digits = postcode.strip()
    if country != "BE" or not (digits.isascii() and digits.isdigit() and len(digits) == 4):
        return ""
    found = bisect_right(FIRSTS, int(digits)) - 1
    return RANGES[found][1] if found >= 0 else ""
