"""What of a partner of The Code may be taken along."""

from collections.abc import Callable

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from crm.exchange.columns import Column, chosen, nation_of
from crm.lib.regions import PROVINCES
from crm.programmes.partners import Criterion, Partner


def state_of(criterion: int) -> Callable[[Partner], str]:
    """Return what reads how far a partner is with a criterion."""

    def read(partner: Partner) -> str:
        found = (row for row in partner.criteria.all() if row.criterion == criterion)
        row = next(found, None)
        return row.get_state_display() if row else gettext("not begun")

    return read


def country_of(partner: Partner) -> str:
    code = str(partner.organisation.country)
    return nation_of(code, get_language() or "") if code else ""


JOINS = ("organisation",)
PARTNER = (
    Column("name", _("name"), lambda p: str(p.organisation), joins=JOINS),
    Column("sector", _("sector"), chosen("sector")),
    Column("postcode", _("postcode"), lambda p: p.organisation.postcode, joins=JOINS),
    Column(
        "province",
        _("province"),
        lambda p: str(PROVINCES.get(p.organisation.region, "")),
        joins=JOINS,
    ),
    Column("country", _("country"), country_of, joins=JOINS, is_usual=False),
    Column("email", _("e-mail"), lambda p: p.organisation.email, joins=JOINS, is_usual=False),
    Column("signed", _("signed on"), lambda p: p.signed_on),
    Column("left", _("left on"), lambda p: p.left_on, is_usual=False),
    *(
        Column(f"criterion_{each.value}", each.label, state_of(each.value), fetches=("criteria",))
        for each in Criterion
    ),
    Column("report", _("next report due"), lambda p: p.next_report_on),
    Column(
        "accompanied",
        _("accompanied by"),
        lambda p: p.responsible.get_full_name() if p.responsible else "",
        joins=("responsible",),
    ),
)
