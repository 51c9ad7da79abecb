"""What the page of one supporter tells of what they gave and promised."""

from typing import Any

from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone

from crm.donations.models import Entry, Gift
from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.staff.pages import money


def tell(supporter: Supporter, may: dict[str, bool]) -> dict[str, Any]:
    """Amounts are for who may see money."""
    return {
        "giving": giving(supporter) if may["gifts"] and may["money"] else None,
        "credits": credited(supporter) if may["credits"] and may["money"] else None,
        "pledges": pledged(supporter) if may["pledges"] and may["money"] else [],
    }


def giving(supporter: Supporter) -> dict[str, Any]:
    """What money they gave in all, in euros, and since when; and the regular gift if one runs."""
    given = Gift.objects.paid().filter(supporter=supporter, currency="EUR")
    of_money = ~Q(kind=Gift.Kind.IN_KIND)
    told = given.aggregate(
        number=Count("pk", filter=of_money),
        first=Min("received_on", filter=of_money),
        last=Max("received_on", filter=of_money),
        in_kind=Count("pk", filter=~of_money),
    )
    # What went back to the donor was not given; the fees were.
    entries = Entry.objects.filter(gift__in=given).exclude(kind=Entry.Kind.FEE)
    total = entries.aggregate(sum=Sum("amount"))["sum"] or 0
    plan = supporter.plans.running().first()
    return {
        **told,
        "total": money(total),
        "plan": plan,
        "regular": money(plan.amount, plan.currency) if plan else "",
    }


def credited(supporter: Supporter) -> dict[str, Any] | None:
    """What gifts of others they are credited with: thanks, never part of what they gave."""
    sums = supporter.soft_credits.order_by().values_list("gift__currency")
    told = list(sums.annotate(sum=Sum("amount"), number=Count("pk")).order_by("gift__currency"))
    if not told:
        return None
    return {
        "total": "; ".join(money(amount, currency) for currency, amount, _number in told),
        "number": sum(number for _currency, _amount, number in told),
    }


def pledged(supporter: Supporter) -> list[dict[str, Any]]:
    """Their pledges of which something is still to come. A promise is not money."""
    open_ones = supporter.pledges.still_open().with_sums(local_day(timezone.now()))
    return [
        {
            "pledge": pledge,
            "outstanding": money(pledge.outstanding, pledge.currency),
            "late": money(pledge.late_sum, pledge.currency) if pledge.late_sum else "",
        }
        for pledge in open_ones.order_by("next_on", "pk")
    ]
