"""What stands on the certificate of a pack: its facts, in words, and how to check them."""

from datetime import date
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_countries import countries

from crm.campaigns import proving
from crm.campaigns.counting_words import WAYS
from crm.campaigns.deliveries import Delivery
from crm.lib.money import LOCALES
from crm.lib.regions import PROVINCES
from crm.lib.typesetting import set_pages

TEMPLATE = Path(__file__).parent / "delivery.typ"


def pdf(delivery: Delivery) -> bytes:
    """Return the certificate as PDF/UA-1, the same bytes each time, in the pack's language."""
    with translation.override(delivery.language):
        page = words_of(delivery)
    return set_pages(TEMPLATE, [page], name="a certificate of signatures")


def words_of(delivery: Delivery) -> dict[str, Any]:
    facts, language = delivery.facts, delivery.language
    campaign, counted = facts["campaign"], facts["counted"]
    return {
        "language": language,
        "title": _("Certificate of signatures"),
        "organisation": facts["organisation"],
        "address": settings.ORGANISATION_ADDRESS or settings.ORGANISATION_URL,
        "petition": campaign["title"],
        "demand": campaign["demand"],
        "target_label": _("Handed to"),
        "target": facts["recipient"] or campaign["target"],
        "total": written(counted["total"], language),
        "total_label": _("signatures counted on %(moment)s")
        % {"moment": written_moment(delivery.as_of, language)},
        "tables": tables_of(counted, language),
        "how_title": _("How it is counted"),
        "how": how_it_is_counted(),
        "proof_title": _("How to check it"),
        "proof": proof_of(delivery),
        "steps": steps_of(delivery),
    }


def tables_of(counted: dict[str, Any], language: str) -> list[dict[str, Any]]:
    """The same signatures by four questions; each table adds up to the total."""
    ways = {way: str(title) for way, (title, _sentence) in WAYS.items()}
    provinces = {code: str(name) for code, name in PROVINCES.items()}
    months = {month: written_month(month, language) for month in counted["by_month"]}
    by_way = sorted(counted["by_way"].items(), key=lambda pair: [*WAYS].index(pair[0]))
    by_month = sorted(counted["by_month"].items())
    tables = [
        (_("By how they were collected"), by_way, ways),
        (_("By country"), largest_first(counted["by_country"]), names_of(counted["by_country"])),
        (_("By province of Belgium"), largest_first(counted["by_province"]), provinces),
        (_("By month"), by_month, months),
    ]
    return [
        {
            "title": title,
            "heads": [_("Group"), _("Signatures")],
            "rows": [
                [labels.get(key) or _("not known"), written(number, language)]
                for key, number in rows
            ],
            "sum": written(sum(number for _key, number in rows), language),
            "sum_label": _("Total"),
        }
        for title, rows, labels in tables
        if rows
    ]


def largest_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def names_of(codes: Any) -> dict[str, str]:
    return {code: str(countries.name(code)) for code in codes if code}


def how_it_is_counted() -> list[list[str]]:
    return [[str(title), str(sentence)] for title, sentence in WAYS.values()]


def proof_of(delivery: Delivery) -> list[list[str]]:
    facts = delivery.facts
    rows = [
        [_("List"), lines_of(facts["list"], delivery.language)],
        [_("SHA-256 of the list"), in_groups(facts["list"]["sha256"])],
        [_("Identifier"), str(proving.identity_of(facts))],
    ]
    if not delivery.signed:
        return [*rows, [_("Signature"), _("none: the organisation has set no key")]]
    fingerprint = proving.fingerprint_of(facts["public_key"])
    return [
        *rows,
        [_("Signature (Ed25519)"), in_groups(delivery.signed)],
        [_("Fingerprint of the public key"), fingerprint],
    ]


def lines_of(told: dict[str, Any], language: str) -> str:
    kind = _("with names") if told["has_names"] else _("without names")
    return _("%(number)s lines, %(kind)s") % {
        "number": written(told["lines"], language),
        "kind": kind,
    }


def in_groups(text: str) -> str:
    """Let a long code break over lines, and be compared by eye."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def steps_of(delivery: Delivery) -> list[str]:
    page = address_of(delivery)
    return [
        _("Open %(address)s: the same numbers stand there, with the organisation's public key.")
        % {"address": page},
        _("Choose the list on that page, or run “sha256sum” on it: the code is the one above."),
        _(
            "Load the facts from that page and run “manage.py verify_delivery” of the free "
            "software Soutien on them: it checks the signature, the list and its sums."
        ),
    ]


def address_of(delivery: Delivery) -> str:
    identity = proving.identity_of(delivery.facts)
    return f"{settings.SITE_URL}/{delivery.language}/delivery/{identity}/"


def written(number: int, language: str) -> str:
    return format_decimal(number, locale=LOCALES[language])


def written_moment(moment: Any, language: str) -> str:
    local = timezone.localtime(moment)
    return format_datetime(
        local, "d MMMM y, HH:mm:ss", tzinfo=local.tzinfo, locale=LOCALES[language]
    )


def written_month(month: str, language: str) -> str:
    first = date.fromisoformat(f"{month}-01")
    return format_date(first, "MMMM y", locale=LOCALES[language])
