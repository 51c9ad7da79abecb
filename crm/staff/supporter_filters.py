"""What narrows the list of supporters; each obeys what its reader may know of them."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django_countries import countries

from crm.access import may_see
from crm.donations.models import Gift
from crm.lib.periods import local_day
from crm.lib.regions import PROVINCES
from crm.people.segments import Segment
from crm.people.tags import Tag, Tagging
from crm.privacy.models import Channel, ConsentState, Purpose
from crm.segments.known import Known
from crm.segments.members import members_of, readable

COUNTRIES = ["BE", "FR", "NL", "LU", "DE", "GB"]
GAVE = Exists(Gift.objects.paid().filter(supporter=OuterRef("pk")))
AGREED = Exists(
    ConsentState.objects.filter(
        supporter=OuterRef("pk"), purpose=Purpose.NEWSLETTER, channel=Channel.EMAIL, given=True
    )
)
# Not with `Exists`: PostgreSQL would join all addresses before it takes the newest fifty people.
REACHED = Coalesce(
    Subquery(
        ConsentState.objects.may_be_mailed()
        .filter(supporter=OuterRef("pk"))
        .values(yes=Value(True))[:1]
    ),
    False,
)
YES_OR_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]


class Filter(SimpleListFilter):
    """A filter that is not there, and filters nothing, for who may not see its `field`."""

    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return self.choose_from(request) if may_see(request.user, self.field) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value() or not may_see(request.user, self.field):
            return queryset
        return self.narrow(queryset, str(self.value()))

    def choose_from(self, request: HttpRequest) -> list[tuple[str, Any]]:
        raise NotImplementedError

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        raise NotImplementedError


class CountryFilter(Filter):
    """The neighbours, without asking the table which countries there are."""

    title = gettext_lazy("country")
    parameter_name = "country"

    def choose_from(self, request: HttpRequest) -> list[tuple[str, Any]]:
        return [(code, countries.name(code)) for code in COUNTRIES]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(country=value)


class RegionFilter(Filter):
    title = gettext_lazy("province")
    parameter_name = "region"

    def choose_from(self, request: HttpRequest) -> list[tuple[str, Any]]:
        return list(PROVINCES.items())

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(region=value)


class HasGivenFilter(Filter):
    title = gettext_lazy("has given")
    parameter_name = "given"
    field = "gifts"

    def choose_from(self, request: HttpRequest) -> list[tuple[str, Any]]:
        return YES_OR_NO

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        wanted = {"yes": GAVE, "no": ~GAVE}.get(value)
        return queryset if wanted is None else queryset.filter(wanted)


class NewsletterFilter(Filter):
    title = gettext_lazy("newsletter")
    parameter_name = "newsletter"
    field = "consents"

    def choose_from(self, request: HttpRequest) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Subscribed"))]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        return queryset.filter(AGREED, REACHED) if value == "yes" else queryset


class TagFilter(Filter):
    title = gettext_lazy("tag")
    parameter_name = "tag"
    field = "tags"

    def choose_from(self, request: HttpRequest) -> list[tuple[str, Any]]:
        return [
            (str(pk), name) for pk, name in Tag.objects.order_by("name").values_list("pk", "name")
        ]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value.isdecimal():
            return queryset.none()
        tagged = Tagging.objects.filter(supporter=OuterRef("pk"), tag=int(value))
        return queryset.filter(Exists(tagged))


class SegmentFilter(Filter):
    """The segments that the reader may open; who is in one is asked when it is chosen."""

    title = gettext_lazy("segment")
    parameter_name = "segment"
    field = "segments"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        self.known = readable_by(request.user) if may_see(request.user, self.field) else {}
        return [(key, segment.name) for key, segment in self.known.items()]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        segment = self.known.get(value)
        if segment is None:
            return queryset.none()
        members = members_of(segment, today=local_day(timezone.now()))
        return queryset.filter(pk__in=members.values("pk"))


def readable_by(reader: Any) -> dict[str, Segment]:
    found = readable(reader, Known(today=local_day(timezone.now())))
    return {str(segment.pk): segment for segment, _conditions in found}
