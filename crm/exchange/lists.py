"""The lists that may be taken along."""

from operator import attrgetter

from django.db.models import F, OuterRef, Subquery, Sum
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.campaigns.sources import CHANNELS
from crm.donations.models import Entry
from crm.exchange.columns import Column, Table, amount, chosen, day, moment, nation, yes
from crm.exchange.partner_columns import PARTNER
from crm.exchange.supporter_columns import SUPPORTER
from crm.lib.regions import PROVINCES

# As a subquery: a join would have PostgreSQL group all columns of all gifts.
NET = Subquery(
    Entry.objects.filter(gift=OuterRef("pk"), currency=OuterRef("currency"))
    .order_by()
    .values("gift")
    .annotate(sum=Sum("amount"))
    .values("sum")
)
SIGNATURE = (
    Column("signed", _("signed"), lambda s: moment(s.signed_at)),
    Column("confirmed", _("confirmed"), lambda s: moment(s.confirmed_at), is_usual=False),
    Column("campaign", _("campaign"), lambda s: str(s.campaign), fetches=("campaign__texts",)),
    Column("state", _("state"), chosen("status")),
    Column("number", _("number"), lambda s: s.supporter_id, is_usual=False),
    Column("given_name", _("given name"), lambda s: s.supporter.given_name, joins=("supporter",)),
    Column(
        "family_name", _("family name"), lambda s: s.supporter.family_name, joins=("supporter",)
    ),
    Column("email", _("e-mail"), lambda s: s.supporter.email, joins=("supporter",)),
    Column("postcode", _("postcode"), lambda s: s.supporter.postcode, joins=("supporter",)),
    Column("country", _("country"), nation),
    Column("province", _("province"), lambda s: str(PROVINCES.get(s.region, "")), is_usual=False),
    Column("language", _("language"), chosen("language")),
    Column(
        "channel",
        _("source"),
        lambda s: str(CHANNELS.get(s.source.channel, s.source.channel)),
        joins=("source",),
    ),
)
GIFT = (
    Column("received", _("received"), lambda g: g.received_on),
    Column("given", _("given"), lambda g: day(g.given_at)),
    Column("supporter", _("supporter"), lambda g: str(g.supporter), joins=("supporter",)),
    Column("email", _("e-mail"), lambda g: g.supporter.email, joins=("supporter",)),
    Column("kind", _("kind"), chosen("kind")),
    Column("description", _("what was given"), lambda g: g.description),
    Column("amount", _("amount"), lambda g: amount(g.amount, g.currency)),
    Column("net", _("net"), lambda g: amount(g.told_net, g.currency), adds={"told_net": NET}),
    Column("currency", _("currency"), lambda g: g.currency),
    Column("state", _("state"), chosen("status")),
    Column("method", _("method"), chosen("method")),
    Column("fund", _("fund"), lambda g: g.fund.name if g.fund else "", joins=("fund",)),
    Column(
        "campaign", _("campaign"), lambda g: str(g.campaign or ""), fetches=("campaign__texts",)
    ),
    Column("anonymous", _("anonymous"), lambda g: yes(g.is_anonymous)),
    Column(
        "plan",
        _("regular gift"),
        lambda g: g.plan.get_interval_display() if g.plan else "",
        joins=("plan",),
    ),
    Column("reference", _("reference"), lambda g: g.reference),
)
RECEIPT = (
    Column("number", _("number"), str),
    Column("donor", _("donor"), lambda r: r.donor_name),
    Column("email", _("e-mail"), lambda r: r.supporter.email, joins=("supporter",)),
    Column("amount", _("amount"), lambda r: amount(r.amount, r.currency)),
    Column("currency", _("currency"), lambda r: r.currency),
    Column("received", _("received"), lambda r: r.gift and r.gift.received_on, joins=("gift",)),
    Column("of_year", _("for the year"), lambda r: r.of_year),
    Column("issued", _("issued"), lambda r: day(r.issued_at)),
    Column("voided", _("voided"), lambda r: day(r.voided_at)),
    Column("language", _("language"), chosen("language"), is_usual=False),
)
PAIR = (
    Column("probability", _("probability"), lambda d: round(d.score, 4)),
    *(
        Column(
            f"{side}_{name}",
            format_lazy("{} {}", label, number),
            attrgetter(f"{side}.{name}"),
            joins=(side,),
        )
        for side, number in (("first", 1), ("second", 2))
        for name, label in (
            ("pk", _("number")),
            ("given_name", _("given name")),
            ("family_name", _("family name")),
            ("email", _("e-mail")),
            ("postcode", _("postcode")),
        )
    ),
    Column("state", _("state"), chosen("state")),
    Column("found", _("found"), lambda d: day(d.found_at)),
)
TABLES = {
    table.name: table
    for table in (
        Table("supporters", _("supporters"), ("crm.view_supporter",), ("pk",), SUPPORTER),
        Table(
            "members",
            _("members of a segment"),
            ("crm.view_supporter", "crm.view_segment"),
            ("pk",),
            SUPPORTER,
        ),
        Table(
            "signatures",
            _("signatures"),
            ("crm.view_signature", "crm.view_supporter"),
            ("-signed_at", "-pk"),
            SIGNATURE,
        ),
        Table(
            "gifts",
            _("gifts"),
            ("crm.view_gift", "crm.see_money", "crm.view_supporter"),
            (F("received_on").desc(nulls_first=True), "-pk"),
            GIFT,
        ),
        Table(
            "receipts",
            _("receipts"),
            ("crm.view_receipt", "crm.see_money", "crm.view_supporter"),
            ("-year", "-number"),
            RECEIPT,
        ),
        Table(
            "duplicates",
            _("possible duplicates"),
            ("crm.view_suspicion", "crm.view_supporter"),
            ("-score", "pk"),
            PAIR,
        ),
        Table(
            "partners",
            _("partners of The Code"),
            ("crm.view_partner", "crm.view_supporter"),
            ("organisation__family_name", "pk"),
            PARTNER,
        ),
    )
}
