"""How a campaign spreads, as tables and in a sentence."""

from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.campaigns.models import Signature
from crm.campaigns.shares import Medium
from crm.reports import sharing
from crm.reports.counting import OTHER, WINDOWS
from crm.reports.rates import hidden, is_told
from crm.reports.sharing import Channel, Sharer, Sharing, Spread
from crm.staff.report_scope import Asked
from crm.staff.report_tables import (
    Cell,
    Head,
    Row,
    Table,
    amount,
    count,
    decimal,
    factor,
    plain_factor,
    untold,
)

WAYS = {**dict(Medium.choices), OTHER: gettext_lazy("In another way")}


def window(told: str) -> int:
    """Read within how many days those who were brought count."""
    return int(told) if told in map(str, WINDOWS) else sharing.WINDOW


def channels(ask: Asked, found: Sharing) -> Table:
    """Each way of sharing, and all of them."""
    each = found.channels
    dark = dark_places(ask, [way.spread.brought for way in each], [way.shares for way in each])
    most = max((way.spread.brought for way in each), default=0)
    return Table(
        name="ways",
        title=_("By the way of sharing"),
        first=_("Way"),
        heads=[
            Head(_("Shares")),
            Head(_("Shares per signer"), (_("Shares per signer"),)),
            Head(_("Signers brought")),
            Head(_("Brought per share"), (_("Brought per share"),)),
            k_head(),
        ],
        rows=[
            Row(WAYS[way.medium], way_cells(way, most=most, is_dark=place in dark))
            for place, way in enumerate(each)
            if way.shares or way.spread.brought
        ],
        total=Row(_("All ways"), way_cells(found.total, is_dark=is_dark(ask, found.total.spread))),
        note=_(
            "K is shares per signer × signers brought per share. The K of the ways add up to the K"
            " of all. Between which numbers K would lie in 95 of 100 such cases, a bootstrap over"
            " the signers tells."
        ),
        empty=_("Nobody shared this, and nobody was brought, by those who signed in these days."),
    )


def way_cells(way: Channel, *, is_dark: bool, most: int = 0) -> list[Cell]:
    if is_dark:
        return [untold()] * 4 + [untold(3)]
    return [
        count(way.shares),
        plain_factor(way.per_signer),
        count(way.spread.brought, most=most),
        plain_factor(way.per_share),
        k_cell(way.spread),
    ]


def generations(ask: Asked, found: Sharing) -> Table:
    """How far from the first ones signers are, and how many each generation brings."""
    each = [generation.spread for generation in found.generations]
    dark = dark_places(ask, [one.signers for one in each], [one.brought for one in each])
    most = max((one.signers for one in each), default=0)
    return Table(
        name="generations",
        title=_("By generation"),
        first=_("Generation"),
        heads=[Head(_("Signers")), Head(_("Signers brought")), k_head()],
        rows=[
            Row(
                name_of(generation.number),
                [untold(), untold(), untold(3)]
                if place in dark
                else [
                    count(generation.spread.signers, most=most),
                    count(generation.spread.brought),
                    k_cell(generation.spread),
                ],
                keys=(generation.number,),
            )
            for place, generation in enumerate(found.generations)
        ],
        note=_(
            "Whom nobody brought is of the first generation; whom they brought, of the second; and"
            " so on."
        ),
        empty=_("Nobody signed so long ago in these days."),
    )


def name_of(generation: int) -> str:
    if generation == 0:
        return _("1: came by themselves")
    return _("%(number)d: brought by generation %(before)d") % {
        "number": generation + 1,
        "before": generation,
    }


class Card(NamedTuple):
    label: Any
    value: str
    note: Any = ""


def cards(ask: Asked, found: Sharing) -> list[Card]:
    """The figures of all, each with what it means."""
    spread, total = found.total.spread, found.total
    if is_dark(ask, spread):
        return []
    k = k_cell(spread)
    between = _("between %(interval)s in 95 of 100 such cases") % {"interval": k.note}
    effect = decimal(spread.effect)
    return [
        Card("K", k.text, between if k.note else ""),
        Card(_("Signatures that come of one"), effect, _("1 ÷ (1 − K), with all generations")),
        Card(_("Shares per signer"), decimal(total.per_signer), of_shares(total)),
        Card(_("Signers brought"), count(spread.brought).text, of_signers(spread)),
    ]


def of_shares(way: Channel) -> str:
    return _("%(number)s shares") % {"number": count(way.shares).text}


def of_signers(spread: Spread) -> str:
    return _("by %(number)s signers") % {"number": count(spread.signers).text}


def sharers(ask: Asked) -> Table:
    """Those whose links reached the most; for who may see names."""
    found = sharing.sharers(ask.scope.campaign)
    known = Signature.objects.select_related("supporter").in_bulk(
        [each.signature for each in found]
    )
    standing = [
        (each, known[each.signature]) for each in found if is_somebody(known, each.signature)
    ]
    heads = [Head(_("Brought directly")), Head(_("Reached in all"))]
    most = max((each.reached for each, _signature in standing), default=0)
    return Table(
        name="sharers",
        title=_("Whose links reached the most"),
        first=_("Signer"),
        heads=[*heads, Head(_("Gifts of these")), Head(_("Raised"))] if ask.sees_gifts else heads,
        rows=[
            Row(
                signature.supporter,
                sharer_cells(ask, each, most),
                keys=(place,),  # a file names nobody
                link=reverse("admin:crm_supporter_change", args=[signature.supporter_id]),
            )
            for place, (each, signature) in enumerate(standing, 1)
        ],
        note=_(
            "Since the campaign began. Reached in all: those they brought, whom these brought, and"
            " so on. Raised: what all of these gave after they signed, in euros, without what went"
            " back."
        ),
        empty=_("Nobody has brought anybody yet."),
    )


def is_somebody(known: dict[int, Signature], signature: int) -> bool:
    """Whether a signer who was counted is still there."""
    return signature in known and known[signature].supporter.erased_at is None


def sharer_cells(ask: Asked, each: Sharer, most: int) -> list[Cell]:
    cells = [count(each.brought), count(each.reached, most=most)]
    if ask.sees_gifts:
        cells += [count(each.gifts), amount(each.raised)]
    return cells


def k_head() -> Head:
    return Head("K", ("K", _("at least"), _("at most")))


def k_cell(spread: Spread) -> Cell:
    return factor(spread.k, spread.low, spread.high)


def dark_places(ask: Asked, *columns: list[int]) -> set[int]:
    """Return the rows that would tell of fewer than five people, to who may not see people."""
    return set() if ask.sees_people else set().union(*map(hidden, columns))


def is_dark(ask: Asked, spread: Spread) -> bool:
    told = is_told(spread.brought) and is_told(spread.signers)
    return not ask.sees_people and not told


def summary(ask: Asked, found: Sharing) -> str:
    """What a hundred signers come to, in a sentence."""
    spread = found.total.spread
    if not spread.signers or spread.k is None or is_dark(ask, spread):
        return ""
    brought = {"brought": decimal(100 * spread.k, digits=0 if spread.k > 0.1 else 1)}
    told = _("100 signers bring %(brought)s others.") % brought
    if spread.effect is None:
        return told + " " + _("Each signer brings more than one: it spreads by itself.")
    whole = {"whole": decimal(100 * spread.effect, digits=0)}
    return (
        told
        + " "
        + _("With those whom these bring in turn, 100 become %(whole)s in the end.") % whole
    )
