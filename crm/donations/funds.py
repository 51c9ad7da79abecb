"""What came into each fund, and what went back out of it, added up from the entries."""

from typing import NamedTuple

from django.db.models import Q, QuerySet, Sum

from crm.donations.models import Entry, Fund

BACK = [Entry.Kind.REFUND, Entry.Kind.DISPUTE, Entry.Kind.REVERSAL]


class Sums(NamedTuple):
    """Minor units of one currency; `returned` and `fees` are negative."""

    currency: str
    received: int
    returned: int
    fees: int

    @property
    def net(self) -> int:
        return self.received + self.returned + self.fees


def sums_of(funds: QuerySet[Fund] | list[Fund]) -> dict[int, list[Sums]]:
    """Return the sums of each fund that money came into, per currency, by the fund's id."""
    rows = (
        Entry.objects.filter(gift__fund__in=funds)
        .values_list("gift__fund", "currency")
        .annotate(
            received=Sum("amount", filter=Q(kind=Entry.Kind.PAYMENT), default=0),
            returned=Sum("amount", filter=Q(kind__in=BACK), default=0),
            fees=Sum("amount", filter=Q(kind=Entry.Kind.FEE), default=0),
        )
        .order_by("gift__fund", "currency")
    )
    found: dict[int, list[Sums]] = {}
    for fund, *sums in rows:
        found.setdefault(fund, []).append(Sums(*sums))
    return found
