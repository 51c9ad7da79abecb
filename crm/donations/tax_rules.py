"""The Belgian law on tax certificates for gifts, year by year, with where it was read."""

from dataclasses import dataclass


class CannotIssue(Exception):
    """No certificates are issued for this year, or not yet. The subclasses say why."""


class NoRule(CannotIssue):
    """The law of this year is not known here."""


@dataclass(frozen=True)
class Rule:
    """What the law says of the gifts of a year, from `since` until the next rule."""

    since: int
    threshold: int  # in cents a year and institution
    rate: int  # of the gift, in per cent, that is taken off the tax
    ceiling: int | None  # in cents a year for all gifts together; None: not looked up
    sources: tuple[str, ...]


RULES = (
    Rule(
        since=2024,
        threshold=4000,
        rate=45,
        ceiling=None,
        sources=(
            "https://finances.belgium.be/fr/asbl/dons/recus",
            "https://fin.belgium.be/fr/particuliers/avantages-fiscaux/dons",
        ),
    ),
    Rule(
        since=2025,  # law of December 2025, retroactive
        threshold=4000,
        rate=30,
        ceiling=40_813_000,
        sources=(
            "https://www.handicapinternational.be/fr/actualites/"
            "reduction-d-impot-diminuee-pour-les-dons",
            "https://xle.webwin.be/newsletter-by-email/"
            "reduction-dimpot-pour-les-dons-encore-de-30-auparavant-45",
        ),
    ),
)


def rule_for(year: int) -> Rule:
    """Return the law for the gifts of a year. Raises NoRule."""
    known = [rule for rule in RULES if rule.since <= year]
    if not known:
        raise NoRule(year)
    return known[-1]


def certified(amount: int, rule: Rule) -> int:
    """Return what a certificate says of an amount: less than the threshold is void."""
    return amount if amount >= rule.threshold else 0
