"""Who somebody is, where they live, since when we know them."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_countries import countries

from crm.access import FIELD_RIGHTS
from crm.lib.regions import PROVINCES
from crm.people.models import LANGUAGES, Supporter
from crm.segments.condition import Condition, in_order
from crm.segments.known import Known
from crm.segments.parameters import Choices, Many, Number, Text, Wrong
from crm.segments.when import When, at_moments, told_day

NEIGHBOURS = ["BE", "FR", "NL", "LU", "DE", "GB"]


def all_countries(_known: Known | None = None) -> Choices:
    """The neighbours first, for that is where most live."""
    near = [(code, countries.name(code)) for code in NEIGHBOURS]
    return near + [(code, name) for code, name in countries if code not in NEIGHBOURS]


class Country(Condition):
    name = "country"
    label = pgettext_lazy("supporter", "lives in the country")
    takes = (Many("countries", gettext_lazy("Countries"), is_required=True, among=all_countries),)

    def where(self) -> Q:
        return Q(country__in=self["countries"])

    def facts(self, supporter: Supporter) -> str:
        return str(countries.name(str(supporter.country))) or _("no country is known")


class Region(Condition):
    name = "region"
    label = pgettext_lazy("supporter", "lives in the province")
    takes = (
        Many(
            "regions",
            gettext_lazy("Provinces"),
            is_required=True,
            among=lambda _known: PROVINCES.items(),
        ),
    )

    def where(self) -> Q:
        return Q(region__in=self["regions"])

    def facts(self, supporter: Supporter) -> str:
        return str(PROVINCES.get(supporter.region) or _("no Belgian province is known"))


class Postcode(Text):
    """Letters and digits; blanks inside are left as people write them."""

    def clean(self, value: Any, known: Known) -> str:
        text = super().clean(value, known).upper()
        if not text.replace(" ", "").replace("-", "").isalnum():
            raise Wrong(_("A postcode is made of letters and digits."))
        return text


class PostcodeRange(Condition):
    """Belgian postcodes are numbers, and are compared as such: 1000 to 1299 is Brussels."""

    name = "postcode"
    label = pgettext_lazy("supporter", "has a postcode")
    takes = (
        Postcode("from", gettext_lazy("From"), said=gettext_lazy("from %s"), longest=12),
        Postcode("to", gettext_lazy("Up to"), said=gettext_lazy("up to %s"), longest=12),
        Many("countries", gettext_lazy("Countries"), said="%s", among=all_countries),
    )

    @classmethod
    def check(cls, values: dict[str, Any]) -> None:
        low, high = values.get("from"), values.get("to")
        if low and high and len(low) != len(high):
            raise Wrong(_("Both postcodes must be of the same length."))
        in_order("from", "to", values, _("The first postcode is above the last."))

    def where(self) -> Q:
        length = len(self["from"] or self["to"] or "")
        found = Q(postcode__gte=self["from"]) if self["from"] else ~Q(postcode="")
        found &= Q(postcode__lte=self["to"]) if self["to"] else Q()
        found &= Q(country__in=self["countries"]) if self["countries"] else Q()
        return found & Q(postcode__regex=rf"^.{{{length}}}$") if length else found

    def facts(self, supporter: Supporter) -> str:
        return " ".join([str(supporter.country), supporter.postcode]).strip() or _("none is known")


class Language(Condition):
    name = "language"
    label = pgettext_lazy("supporter", "reads")
    takes = (
        Many(
            "languages",
            gettext_lazy("Languages"),
            is_required=True,
            among=lambda _known: LANGUAGES,
        ),
    )

    def where(self) -> Q:
        return Q(language__in=self["languages"])

    def facts(self, supporter: Supporter) -> str:
        return supporter.get_language_display()


class Kind(Condition):
    name = "kind"
    label = pgettext_lazy("supporter", "is a")
    takes = (
        Many(
            "kinds",
            gettext_lazy("Kind"),
            is_required=True,
            among=lambda _known: Supporter.Kind.choices,
        ),
    )

    def where(self) -> Q:
        return Q(kind__in=self["kinds"])

    def facts(self, supporter: Supporter) -> str:
        return supporter.get_kind_display()


class Age(Condition):
    """By the birthdays up to today; without limits, whoever's date of birth is known."""

    name = "age"
    label = pgettext_lazy("supporter", "has a known date of birth")
    rights = (FIELD_RIGHTS["birth_date"],)
    takes = (
        Number("least", gettext_lazy("Aged at least"), said=gettext_lazy("at least %s years old")),
        Number("most", gettext_lazy("Aged at most"), said=gettext_lazy("at most %s years old")),
    )

    @classmethod
    def check(cls, values: dict[str, Any]) -> None:
        if max(values.get("least") or 0, values.get("most") or 0) > 150:
            raise Wrong(_("Nobody is that old."))
        in_order("least", "most", values, _("The first age is above the last."))

    def where(self) -> Q:
        found = Q(birth_date__isnull=False)
        if self["least"] is not None:
            found &= Q(birth_date__lte=years_before(self.known.today, self["least"]))
        if self["most"] is not None:
            found &= Q(birth_date__gt=years_before(self.known.today, self["most"] + 1))
        return found

    def facts(self, supporter: Supporter) -> str:
        if not supporter.birth_date:
            return _("no date of birth is known")
        day = {"day": date_format(supporter.birth_date, "DATE_FORMAT")}
        return _("born on %(day)s") % day


def years_before(day: date, years: int) -> date:
    """Return the day so many years before; of 29 February, the 28th where there is no 29th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


class KnownSince(Condition):
    name = "known"
    label = pgettext_lazy("supporter", "became known to us")
    takes = (When("when", gettext_lazy("When"), is_required=True),)

    def where(self) -> Q:
        return at_moments("created_at", self["when"], self.known.today)

    def facts(self, supporter: Supporter) -> str:
        return _("since %(begin)s") % {"begin": told_day(supporter.created_at)}


# Where we have them from tells who came by giving: it takes the rights of money.
ORIGINS = [
    ("signature", gettext_lazy("a petition")),
    ("checkout", gettext_lazy("the donation page")),
    ("staff", gettext_lazy("a colleague")),
    ("api", gettext_lazy("another system (API)")),
    ("import", gettext_lazy("an import")),
]


class Origin(Condition):
    name = "source"
    label = pgettext_lazy("supporter", "came by")
    rights = (FIELD_RIGHTS["gifts"], FIELD_RIGHTS["money"])
    takes = (
        Many("sources", gettext_lazy("Source"), is_required=True, among=lambda _known: ORIGINS),
    )

    def where(self) -> Q:
        found = Q()
        for source in self["sources"]:
            found |= Q(source=source) | Q(source__startswith=f"{source}:")
        return found

    def facts(self, supporter: Supporter) -> str:
        source = supporter.source.partition(":")[0]
        return str(dict(ORIGINS).get(source) or source or _("we do not know from where"))
