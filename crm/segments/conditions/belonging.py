"""Tags, households, relationships, other segments."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm.access import FIELD_RIGHTS
from crm.people.households import HouseholdMember, Relationship
from crm.people.models import Supporter
from crm.people.segments import Segment
from crm.people.tags import Tagging
from crm.segments.condition import Condition, theirs
from crm.segments.parameters import Many
from crm.segments.when import When, at_moments, told_day


class Tagged(Condition):
    name = "tagged"
    label = pgettext_lazy("supporter", "is tagged")
    rights = (FIELD_RIGHTS["tags"],)
    takes = (
        Many(
            "tags",
            gettext_lazy("Tags"),
            is_required=True,
            among=lambda known: known.tags.items(),
            are_records=True,
        ),
        When("when", gettext_lazy("When")),
    )

    def rows(self) -> QuerySet[Tagging]:
        when = at_moments("tagged_at", self["when"], self.known.today)
        return Tagging.objects.filter(when, tag__in=self["tags"])

    def where(self) -> Exists:
        return theirs(self.rows())

    def facts(self, supporter: Supporter) -> str:
        found = self.rows().filter(supporter=supporter).select_related("tag").order_by("pk")
        told = [f"{each.tag} ({told_day(each.tagged_at)})" for each in found]
        return ", ".join(told) or _("no such tag")


class InHousehold(Condition):
    name = "household"
    label = pgettext_lazy("supporter", "lives in a household that we know")
    rights = (FIELD_RIGHTS["households"],)

    def where(self) -> Exists:
        return theirs(HouseholdMember.objects.all())

    def facts(self, supporter: Supporter) -> str:
        others = Supporter.objects.filter(
            membership__household__members__supporter=supporter
        ).exclude(pk=supporter.pk)
        together = {"names": get_text_list(list(map(str, others)), _("and"))}
        if others:
            return _("together with %(names)s") % together
        return _("alone in it") if hasattr(supporter, "membership") else _("in none")


class Related(Condition):
    """What they are to somebody else, today."""

    name = "related"
    label = pgettext_lazy("supporter", "is")
    rights = (FIELD_RIGHTS["relationships"],)
    takes = (
        Many(
            "kinds",
            gettext_lazy("Relationship"),
            said=gettext_lazy("%s somebody"),
            is_required=True,
            among=lambda _known: Relationship.Kind.choices,
        ),
    )

    def rows(self) -> QuerySet[Relationship]:
        today = self.known.today
        begun = Q(begins_on=None) | Q(begins_on__lte=today)
        lasts = Q(ends_on=None) | Q(ends_on__gte=today)
        return Relationship.objects.filter(begun, lasts, kind__in=self["kinds"])

    def mutual(self) -> QuerySet[Relationship]:
        """Those that hold for both sides, whichever of them is written first."""
        return self.rows().filter(kind__in=Relationship.BOTH_WAYS)

    def where(self) -> Any:
        return Q(theirs(self.rows())) | Q(Exists(self.mutual().filter(other=OuterRef("pk"))))

    def facts(self, supporter: Supporter) -> str:
        own = self.rows().filter(supporter=supporter).select_related("other").order_by("pk")
        of_others = self.mutual().filter(other=supporter).select_related("supporter").order_by("pk")
        told = [f"{each.get_kind_display()} {each.other}" for each in own]
        told += [f"{each.get_kind_display()} {each.supporter}" for each in of_others]
        return ", ".join(told) or _("no such relationship")


class InSegment(Condition):
    """Read through: it holds for whom the conditions of the other segment hold today."""

    name = "segment"
    label = pgettext_lazy("supporter", "is in the segment")
    rights = (FIELD_RIGHTS["segments"],)
    takes = (
        Many(
            "segments",
            gettext_lazy("Segments"),
            is_required=True,
            among=lambda known: known.segments_to_read(),
            are_records=True,
        ),
    )

    # The other segments that are still there, with their conditions: whoever builds it knows them.
    others: list[tuple[Segment, Any]] = []

    def where(self) -> Any:
        found = Q(pk__in=[])
        for _segment, tree in self.others:
            found |= tree.where()
        return found

    def needs(self) -> frozenset[str]:
        own = frozenset(self.rights)
        return own.union(*(tree.needs() for _segment, tree in self.others))

    def facts(self, supporter: Supporter) -> str:
        current = Supporter.objects.filter(pk=supporter.pk)
        inside = [s.name for s, tree in self.others if current.filter(tree.where()).exists()]
        return ", ".join(inside) or _("in none of them")
