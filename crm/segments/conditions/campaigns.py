"""What somebody signed."""

from typing import Any

from django.db.models import Count, Exists, QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from crm.access import FIELD_RIGHTS
from crm.campaigns.models import Signature
from crm.people.models import Supporter
from crm.segments.condition import Condition, Where, among, in_order, theirs
from crm.segments.known import Known
from crm.segments.parameters import Choice, Choices, Many, Number, Parameter
from crm.segments.when import When, at_moments, told_day

Status = Signature.Status
STATES = [
    ("confirmed", pgettext_lazy("supporter", "confirmed")),
    ("pending", pgettext_lazy("supporter", "not yet confirmed")),
    ("any", pgettext_lazy("supporter", "confirmed or not")),
]
OF_STATE = {
    "confirmed": [Status.CONFIRMED],
    "pending": [Status.PENDING],
    "any": [Status.CONFIRMED, Status.PENDING],
}


def all_campaigns(known: Known) -> Choices:
    return known.campaigns.items()


class Signed(Condition):
    """Without a campaign: any of them. With numbers: of different campaigns, each signed once."""

    name = "signed"
    label = pgettext_lazy("supporter", "signed")
    rights = (FIELD_RIGHTS["signatures"],)
    takes = (
        Many("campaigns", gettext_lazy("Campaigns"), among=all_campaigns, are_records=True),
        Choice(
            "state",
            gettext_lazy("State of the signature"),
            among=lambda _known: STATES,
            default="confirmed",
        ),
        When("when", gettext_lazy("When")),
        Number(
            "least",
            gettext_lazy("At least so many campaigns"),
            said=gettext_lazy("at least %s campaigns"),
            least=1,
            most=1000,
        ),
        Number(
            "most",
            gettext_lazy("At most so many campaigns"),
            said=gettext_lazy("at most %s campaigns"),
            least=1,
            most=1000,
        ),
    )

    @classmethod
    def check(cls, values: dict[str, Any]) -> None:
        in_order("least", "most", values, _("The lower number is above the higher."))

    def said(self, parameter: Parameter) -> str:
        is_plain = parameter.name == "state" and self["state"] == "confirmed"
        return "" if is_plain else super().said(parameter)

    def rows(self) -> QuerySet[Signature]:
        wanted = {"campaign__in": self["campaigns"]} if self["campaigns"] else {}
        when = at_moments("signed_at", self["when"], self.known.today)
        states = OF_STATE[self["state"] or "confirmed"]
        return Signature.objects.filter(when, status__in=states, **wanted)

    def where(self) -> Exists:
        limits = {"number__gte": self["least"], "number__lte": self["most"]}
        limits = {name: limit for name, limit in limits.items() if limit is not None}
        if not limits:
            return theirs(self.rows())
        grouped = self.rows().order_by().values("supporter").annotate(number=Count("pk"))
        return among(grouped.filter(**limits).values("supporter"))

    def facts(self, supporter: Supporter) -> str:
        return told(self.rows().filter(supporter=supporter), self.known)


class NeverSigned(Condition):
    """Signatures that were withdrawn are none; those that wait to be confirmed are."""

    name = "never_signed"
    label = pgettext_lazy("supporter", "never signed anything")
    rights = (FIELD_RIGHTS["signatures"],)

    def rows(self) -> QuerySet[Signature]:
        return Signature.objects.filter(status__in=OF_STATE["any"])

    def where(self) -> Where:
        return ~theirs(self.rows())

    def facts(self, supporter: Supporter) -> str:
        return told(self.rows().filter(supporter=supporter), self.known)


def told(found: QuerySet[Signature], known: Known) -> str:
    """Name the newest of somebody's signatures, and how many there are."""
    signatures = list(found.order_by("-signed_at", "-pk")[:3])
    if not signatures:
        return _("no such signature")
    named = [
        _("signed “%(campaign)s” on %(day)s")
        % {
            "campaign": Truncator(known.campaigns[each.campaign_id]).chars(60),
            "day": told_day(each.signed_at),
        }
        for each in signatures
    ]
    more = found.count() - len(named) if len(named) == 3 else 0
    rest = [ngettext("and one more", "and %(number)s more", more) % {"number": more}]
    return "; ".join(named + (rest if more else []))
