"""What somebody gave, gives, or promised to give."""

from typing import Any

from django.conf import settings
from django.db.models import (
    Count,
    Exists,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
)
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from crm.access import FIELD_RIGHTS
from crm.donations.models import Gift, Method, Plan
from crm.donations.pledges import Pledge
from crm.lib.money import format_money
from crm.people.models import Supporter
from crm.segments.condition import Condition, Where, among, in_order, theirs
from crm.segments.conditions.campaigns import all_campaigns
from crm.segments.known import Known
from crm.segments.parameters import Choice, Choices, Many, Money, Number, gifts_in_words
from crm.segments.when import When, at_moments, on_days, told_day

RIGHTS = (FIELD_RIGHTS["gifts"], FIELD_RIGHTS["money"])
WHEN = When("when", gettext_lazy("When"))


def currencies(_known: Known) -> Choices:
    return [(code, code) for code in dict.fromkeys(["EUR", *settings.DONATION_CURRENCIES])]


CURRENCY = Choice("currency", gettext_lazy("Currency"), said="", among=currencies, default="EUR")


def kept_gifts() -> QuerySet[Any]:
    """Gifts of money of which something was left to us, with what was."""
    return Gift.objects.of_money().with_kept().filter(kept__gt=0)


class Gave(Condition):
    name = "gave"
    label = pgettext_lazy("supporter", "gave")
    rights = RIGHTS
    takes = (
        Money("least", gettext_lazy("At least, in all"), said=gettext_lazy("at least %s in all")),
        Money("most", gettext_lazy("At most, in all"), said=gettext_lazy("at most %s in all")),
        Money(
            "one_least",
            gettext_lazy("At least, in one gift"),
            said=gettext_lazy("at least %s in one gift"),
        ),
        Money(
            "one_most",
            gettext_lazy("At most, in one gift"),
            said=gettext_lazy("at most %s in one gift"),
        ),
        CURRENCY,
        Number(
            "times", gettext_lazy("At least so many gifts"), said=gettext_lazy("at least %s times")
        ),
        Number(
            "times_most",
            gettext_lazy("At most so many gifts"),
            said=gettext_lazy("at most %s times"),
            least=1,
        ),
        WHEN,
        Many(
            "campaigns",
            gettext_lazy("For the campaigns"),
            said=gettext_lazy("for %s"),
            among=all_campaigns,
            are_records=True,
        ),
        Many(
            "funds",
            gettext_lazy("For the funds"),
            said=gettext_lazy("for the fund %s"),
            among=lambda known: known.funds.items(),
            are_records=True,
        ),
        Many(
            "methods",
            gettext_lazy("By"),
            said=gettext_lazy("by %s"),
            among=lambda _known: Method.choices,
        ),
    )

    @classmethod
    def check(cls, values: dict[str, Any]) -> None:
        in_order("least", "most", values, _("The lower amount is above the higher."))
        in_order("one_least", "one_most", values, _("The lower amount is above the higher."))
        in_order("times", "times_most", values, _("The lower number is above the higher."))
        values.setdefault("currency", "EUR")

    def rows(self) -> QuerySet[Any]:
        """The gifts that are meant, of whoever."""
        limits = {
            "kept__gte": self["one_least"],
            "kept__lte": self["one_most"],
            "campaign__in": self["campaigns"],
            "fund__in": self["funds"],
            "method__in": self["methods"],
            "currency": self["currency"],
        }
        given = {name: limit for name, limit in limits.items() if limit is not None}
        when = on_days("received_on", self["when"], self.known.today)
        return kept_gifts().filter(when, **given)

    def where(self) -> Exists:
        limits = {
            "total__gte": self["least"],
            "total__lte": self["most"],
            "number__gte": self["times"],
            "number__lte": self["times_most"],
        }
        limits = {name: limit for name, limit in limits.items() if limit is not None}
        if not limits:
            return theirs(self.rows())
        sums = self.rows().order_by().values("supporter")
        grouped = sums.annotate(total=Sum("kept"), number=Count("pk")).filter(**limits)
        return among(grouped.values("supporter"))

    def facts(self, supporter: Supporter) -> str:
        return told(self.rows().filter(supporter=supporter))


class NeverGave(Condition):
    name = "never_gave"
    label = pgettext_lazy("supporter", "never gave")
    rights = RIGHTS

    def where(self) -> Where:
        return ~theirs(kept_gifts())

    def facts(self, supporter: Supporter) -> str:
        return told(kept_gifts().filter(supporter=supporter))


class Lapsed(Condition):
    """Known in the trade as LYBUNT and SYBUNT."""

    name = "lapsed"
    label = pgettext_lazy("supporter", "has not given this year, but gave")
    rights = RIGHTS
    SINCE = [
        ("last", pgettext_lazy("supporter", "last year")),
        ("ever", pgettext_lazy("supporter", "in some year before")),
    ]
    takes = (
        Choice(
            "before",
            gettext_lazy("Gave"),
            is_required=True,
            among=lambda _known: Lapsed.SINCE,
            default="last",
        ),
    )

    def where(self) -> Any:
        year = self.known.today.year
        before = Q(received_on__year=year - 1)
        before = before if self["before"] == "last" else Q(received_on__year__lt=year)
        now = Q(received_on__year=year)
        return Q(theirs(kept_gifts().filter(before))) & Q(~theirs(kept_gifts().filter(now)))

    def facts(self, supporter: Supporter) -> str:
        return told(kept_gifts().filter(supporter=supporter))


class FirstOrLast(Condition):
    name = "turn"
    label = pgettext_lazy("supporter", "gave")
    rights = RIGHTS
    WHICH = [
        ("first", pgettext_lazy("supporter", "for the first time")),
        ("last", pgettext_lazy("supporter", "for the last time")),
    ]
    takes = (
        Choice(
            "which",
            gettext_lazy("Which gift"),
            is_required=True,
            among=lambda _known: FirstOrLast.WHICH,
            default="first",
        ),
        When("when", gettext_lazy("When"), is_required=True),
    )

    def where(self) -> Exists:
        end = Min if self["which"] == "first" else Max
        ends = kept_gifts().order_by().values("supporter").annotate(end=end("received_on"))
        when = on_days("end", self["when"], self.known.today)
        return among(ends.filter(when).values("supporter"))

    def facts(self, supporter: Supporter) -> str:
        return told(kept_gifts().filter(supporter=supporter))


class Regular(Condition):
    name = "regular"
    label = pgettext_lazy("supporter", "has a regular gift that")
    rights = (*RIGHTS, "crm.view_plan")
    STATES = [
        ("running", pgettext_lazy("supporter", "is running")),
        ("failing", pgettext_lazy("supporter", "is failing")),
        ("paused", pgettext_lazy("supporter", "is paused")),
        ("ended", pgettext_lazy("supporter", "ended")),
    ]
    takes = (
        Choice(
            "state",
            gettext_lazy("State"),
            is_required=True,
            among=lambda _known: Regular.STATES,
            default="running",
        ),
        Choice("interval", gettext_lazy("How often"), among=lambda _known: Plan.Interval.choices),
        Money("least", gettext_lazy("At least"), said=gettext_lazy("of at least %s")),
        CURRENCY,
        When("when", gettext_lazy("When it began or ended")),
    )

    @classmethod
    def check(cls, values: dict[str, Any]) -> None:
        values.setdefault("currency", "EUR")

    def rows(self) -> QuerySet[Plan]:
        plans = {
            "running": Plan.objects.running(),
            "failing": Plan.objects.filter(status=Plan.Status.PAST_DUE),
            "paused": Plan.objects.filter(status=Plan.Status.PAUSED),
            "ended": Plan.objects.filter(status=Plan.Status.ENDED),
        }[self["state"]]
        moment = "ended_at" if self["state"] == "ended" else "started_at"
        limits = {"interval": self["interval"], "amount__gte": self["least"]}
        given = {name: limit for name, limit in limits.items() if limit is not None}
        when = at_moments(moment, self["when"], self.known.today)
        return plans.filter(when, currency=self["currency"], **given)

    def where(self) -> Exists:
        return theirs(self.rows())

    def facts(self, supporter: Supporter) -> str:
        told_plans = [
            f"{in_currency(plan.amount, plan.currency)} {plan.get_interval_display()}, "
            f"{plan.get_status_display()}, {told_day(plan.ended_at or plan.started_at)}"
            for plan in supporter.plans.order_by("-started_at")[:3]
        ]
        return "; ".join(told_plans) or _("no regular gift")


class Pledged(Condition):
    name = "pledge"
    label = pgettext_lazy("supporter", "has a pledge that")
    rights = (*RIGHTS, "crm.view_pledge")
    STATES = [
        ("open", pgettext_lazy("supporter", "is not paid yet")),
        ("late", pgettext_lazy("supporter", "is late")),
        ("kept", pgettext_lazy("supporter", "was kept")),
    ]
    takes = (
        Choice(
            "state",
            gettext_lazy("State"),
            is_required=True,
            among=lambda _known: Pledged.STATES,
            default="open",
        ),
    )

    def rows(self) -> QuerySet[Pledge]:
        if self["state"] == "late":
            return Pledge.objects.late(self.known.today)
        return {"open": Pledge.objects.still_open, "kept": Pledge.objects.fulfilled}[
            self["state"]
        ]()

    def where(self) -> Exists:
        return theirs(self.rows())

    def facts(self, supporter: Supporter) -> str:
        pledges = supporter.pledges.order_by("-promised_on", "-pk")[:3]
        told_pledges = [
            _("promised %(amount)s on %(day)s")
            % {
                "amount": in_currency(pledge.amount, pledge.currency),
                "day": told_day(pledge.promised_on),
            }
            for pledge in pledges
        ]
        return "; ".join(told_pledges) or _("no pledge")


def told(found: QuerySet[Any]) -> str:
    """Sum up somebody's gifts: how many, how much, and when the last came."""
    sums = found.order_by().values("currency").annotate(sum=Sum("kept"), number=Count("pk"))
    sums = sums.annotate(last=Max("received_on")).order_by("currency")
    return "; ".join(map(told_sum, sums)) or _("no such gift")


def told_sum(row: dict[str, Any]) -> str:
    number, amount = gifts_in_words(row["number"]), in_currency(row["sum"], row["currency"])
    last = _("the last on %(day)s") % {"day": told_day(row["last"])}
    return f"{number}, {amount}, {last}"


def in_currency(amount: int, currency: str) -> str:
    return format_money(amount, currency, get_language() or "fr")
