"""Signatures on paper: sheets from a fair, and a count from before there were records."""

from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model

from crm.access import Role
from crm.campaigns.entering_sheets import source_for
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.sheets import Sheet
from crm.demo.chance import dice, public_id
from crm.demo.contents import JE_DIS_STOP, OPEN_EYES
from crm.demo.world import World

# Each sheet: days ago, place, province, language, valid and struck out.
SHEETS = [
    (293, "Salon des Vacances, Bruxelles", "BE-BRU", "fr", 24, 1),
    (293, "Salon des Vacances, Bruxelles", "BE-BRU", "fr", 23, 2),
    (292, "Salon des Vacances, Bruxelles", "BE-BRU", "nl", 21, 0),
    (292, "Salon des Vacances, Bruxelles", "BE-BRU", "fr", 17, 3),
    (118, "Vakantiesalon, Antwerpen", "BE-VAN", "nl", 25, 0),
    (117, "Vakantiesalon, Antwerpen", "BE-VAN", "nl", 22, 1),
    (45, "Liège Airport", "BE-WLG", "fr", 14, 0),
]
COLLECTED, STRUCK = 38_640, 1_472  # in shops and travel agencies


def write(world: World, campaigns: dict[str, Campaign]) -> None:
    rng = dice("paper")
    by = get_user_model().objects.filter(username=Role.CAMPAIGNER).first()
    source = source_for("street", Signature.Way.PAPER)
    for place, (days, town, region, language, valid, struck) in enumerate(SHEETS, start=1):
        day = world.today - timedelta(days=days)
        Sheet.objects.create(
            public_id=public_id(rng),
            campaign=campaigns[JE_DIS_STOP],
            number=f"{day.year}-{place:03d}",
            begins_on=day,
            ends_on=day,
            place=town,
            region=region,
            language=language,
            source=source,
            lines=valid + struck,
            valid=valid,
            struck=struck,
            entered_at=world.end - timedelta(days=days - 4, hours=8),
            entered_by=by,
        )
    write_historical(campaigns[OPEN_EYES], public_id(rng), world, by=by)


def write_historical(campaign: Campaign, uuid: str, world: World, *, by: Any) -> None:
    """A bundle that is counted, and that nobody can be mailed from, nor named."""
    Sheet.objects.create(
        public_id=uuid,
        campaign=campaign,
        way=Signature.Way.HISTORICAL,
        number="1–1604",
        begins_on=date(campaign.opens_at.year, 6, 1),
        ends_on=date(campaign.opens_at.year + 1, 9, 15),
        source=source_for("other", Signature.Way.HISTORICAL),
        lines=COLLECTED + STRUCK,
        valid=COLLECTED,
        struck=STRUCK,
        note="Comptées à la remise ; les feuilles ont été détruites depuis.",
        entered_at=campaign.closes_at or world.end,
        entered_by=by,
    )
