"""Who signs the petition and joins the other campaigns, and who of them will give."""

from typing import TextIO

from crm.campaigns.models import Campaign
from crm.demo import contents, history
from crm.demo.chance import dice
from crm.demo.contents import JE_DIS_STOP, MAKE_IT_SAFE, PETITION, REACT
from crm.demo.lots import Intake
from crm.demo.signers import Signer, Signing
from crm.demo.world import World
from crm.lib.progress import Countdown

SIGNATURES = 102_911
# How many joined each campaign, and how many of them had signed the petition before.
JOINED = {JE_DIS_STOP: (342, 120), REACT: (187, 41), MAKE_IT_SAFE: (264, 95)}
UNCONFIRMED, WITHDRAWN = 0.027, 0.0041
RUSH = 71  # from one network, at once
DONORS_PER_GIFT = 0.45
SIGNERS_PER_DONOR = 0.4


def sign(
    world: World,
    campaigns: dict[str, Campaign],
    days: list[history.Day],
    *,
    signatures: int,
    gifts: int,
    out: TextIO,
) -> list[Signer]:
    """Fill the petition and the other campaigns; return those signers who will give."""
    signing, rng = Signing(world), dice("signatures")
    joiners = {slug: min(signed, signatures // 20) for slug, (_all, signed) in JOINED.items()}
    donors = min(round(donors_of(gifts) * SIGNERS_PER_DONOR), signatures // 4)
    intake = Intake(
        confirmed=signatures,
        pending=round(signatures * UNCONFIRMED),
        withdrawn=round(signatures * WITHDRAWN),
        comments=comments_of(signatures),
        remembered=donors + sum(joiners.values()),
        asks_for_gifts=True,
    )
    told = Countdown(intake.total, out)
    page = signing.fill(campaigns[PETITION], days, intake, told)
    page.rush(min(RUSH, signatures // 20), source=world.sources["direct"].items[0])
    rng.shuffle(page.remembered)
    remembered = page.remembered
    for slug, number in joiners.items():
        join(signing, slug, campaigns[slug], remembered[:number])
        remembered = remembered[number:]
    for table in world.people.all:
        table.flush()
    return remembered


def comments_of(signatures: int) -> int:
    """The whole petition has 437; a small one has them oftener, so that there are some."""
    return max(min(437, signatures // 10), signatures * 437 // SIGNATURES)


def join(signing: Signing, slug: str, campaign: Campaign, signers: list[Signer]) -> None:
    """Let these signers, and people who did not sign, join a campaign."""
    rng, today = dice(slug), signing.world.today
    for signer in signers:
        signing.join(signer, campaign.pk, signing.world.sources["newsletter"].draw(rng), rng)
    opened = contents.opened_on(slug, today)
    days = history.sign_up(opened=opened, until=today, rng=rng)
    signing.fill(campaign, days, Intake(confirmed=JOINED[slug][0] - len(signers)))


def donors_of(gifts: int) -> int:
    return max(round(gifts * DONORS_PER_GIFT), min(gifts, 1))
