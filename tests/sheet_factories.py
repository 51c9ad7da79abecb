"""Sheets and packs, and signatures that count, for tests of counting."""

from datetime import date

from crm.campaigns import delivering, tallies
from crm.campaigns.entering_sheets import enter_sheets
from crm.campaigns.models import Signature
from tests.factories import AT, SignatureFactory
from tests.jobs import run_jobs


def row(number="B-001", *, valid=18, struck=2, ends_on=date(2026, 2, 20), **fields):
    """What is typed of a sheet."""
    return {
        "number": number,
        "begins_on": None,
        "ends_on": ends_on,
        "place": "Namur, market",
        "country": "BE",
        "region": "BE-WNA",
        "language": "fr",
        "lines": valid + struck,
        "valid": valid,
        "struck": struck,
        "note": "",
    } | fields


def enter(campaign, *rows, way="paper", channel="street", at=AT, by=None):
    """Enter sheets, and return the only one, or all."""
    found = enter_sheets(
        campaign=campaign, way=way, channel=channel, rows=rows or [row()], at=at, by=by
    )
    return found if len(rows) > 1 else found[0]


def counted(campaign, *, at=AT, **fields):
    """A confirmed signature that the counter has heard of."""
    signature = SignatureFactory(
        campaign=campaign,
        status=Signature.Status.CONFIRMED,
        signed_at=at,
        confirmed_at=at,
        modified_at=at,
        **fields,
    )
    tallies.append(signature=signature, number=1, at=at)
    return signature


def pack(campaign, *, as_of, at=None, has_names=False, by=None, language="en", recipient=""):
    """A pack, made by its job."""
    asked = delivering.ask_for_delivery(
        campaign=campaign,
        as_of=as_of,
        recipient=recipient,
        language=language,
        has_names=has_names,
        at=at or as_of,
        by=by,
    )
    run_jobs()
    asked.refresh_from_db()
    return asked
