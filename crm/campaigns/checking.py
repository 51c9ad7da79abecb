"""Whether a pack is what the organisation signed: as whoever gets it checks it."""

import csv
import hashlib
import io
from collections import Counter
from typing import IO, Any

from crm.campaigns import proving
from crm.lib.tables import BOM

PIECE = 1 << 20


class Wrong(Exception):
    """What does not fit, in words for whoever checks."""


def opened(pack: Any) -> tuple[proving.Facts, str]:
    """Return the facts and the signature in a pack's file. Raises Wrong."""
    if not isinstance(pack, dict) or not isinstance(pack.get("facts"), dict):
        raise Wrong("These are not the facts of a pack.")
    return pack["facts"], str(pack.get("signature", ""))


def check_signature(facts: proving.Facts, signed: str, *, key: str | None = None) -> None:
    """Raise Wrong unless the key in the facts signed them, which is `key` where one is told."""
    public = str(facts.get("public_key", ""))
    if not signed or not public:
        raise Wrong("These facts are not signed: the organisation had set no key.")
    if key is not None and key != public:
        raise Wrong("Another key signed these facts than the one you told.")
    if not proving.is_signed(facts, signed, public):
        raise Wrong("The signature is wrong: these facts were changed after they were signed.")


def check_list(facts: proving.Facts, file: IO[bytes]) -> None:
    """Raise Wrong unless a list has the hash in the facts, and its lines the sums."""
    seen = hashlib.sha256()
    while piece := file.read(PIECE):
        seen.update(piece)
    if seen.hexdigest() != facts["list"]["sha256"]:
        raise Wrong("The list is not the one that was signed: its SHA-256 is another.")
    file.seek(0)
    if sums_of(file) != sums_told(facts):
        raise Wrong("The lines of the list do not add up to the numbers of the facts.")


def sums_of(file: IO[bytes]) -> dict[str, Any]:
    """Add up a list, line by line, independently of what made it."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    if text.read(len(BOM)) != BOM:
        text.seek(0)
    lines, total, by_way, by_country = 0, 0, Counter[str](), Counter[str]()
    for row in csv.DictReader(text):
        number = int(row["signatures"])
        lines, total = lines + 1, total + number
        by_way[row["way"]] += number
        by_country[row["country"]] += number
    text.detach()
    return {"lines": lines, "total": total, "by_way": by_way, "by_country": by_country}


def sums_told(facts: proving.Facts) -> dict[str, Any]:
    counted = facts["counted"]
    told = {name: counted[name] for name in ("total", "by_way", "by_country")}
    return {"lines": facts["list"]["lines"], **told}
