"""One condition: what it takes, whom it selects, and how it is said and explained."""

from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable

from crm.people.models import Supporter
from crm.segments.known import Known
from crm.segments.parameters import Money, Parameter, Wrong

Where = Q | Combinable


class Condition:
    """The subclasses declare; everything else (form, check, words, SQL) follows from that."""

    name: ClassVar[str]
    label: ClassVar[Any]
    # The rights without which nobody may build, count, open or explain it.
    rights: ClassVar[tuple[str, ...]] = ()
    takes: ClassVar[tuple[Parameter, ...]] = ()

    def __init__(self, values: dict[str, Any], known: Known) -> None:
        self.values, self.known = values, known

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    @classmethod
    def check(cls, values: dict[str, Any]) -> None:
        """Raises WrongTogether for values that are right one by one, but not together."""

    def where(self) -> Where:
        """Whom it selects, with indexes: each is asked for by their key."""
        raise NotImplementedError

    def needs(self) -> frozenset[str]:
        """The rights that these values take."""
        return frozenset(self.rights)

    def words(self) -> str:
        parts = [self.said(each) for each in self.takes if self[each.name] is not None]
        details = ", ".join(part for part in parts if part)
        return f"{self.label} {details}" if details else str(self.label)

    def said(self, parameter: Parameter) -> str:
        value = self[parameter.name]
        if isinstance(parameter, Money):
            return parameter.told(value, self["currency"], self.known)
        return parameter.words(value, self.known)

    def facts(self, supporter: Supporter) -> str:
        """What we know of somebody that makes it hold, or not."""
        raise NotImplementedError


class WrongTogether(Wrong):
    """`at` is the parameter beside which it is said."""

    def __init__(self, at: str, message: str) -> None:
        super().__init__(message)
        self.at = at


def theirs(rows: QuerySet[Any]) -> Exists:
    """Supporters to whom one of the rows belongs."""
    return Exists(rows.filter(supporter=OuterRef("pk")))


def among(keys: QuerySet[Any]) -> Exists:
    """Supporters whose keys are in a grouped query.

    Through the table of supporters, so that PostgreSQL can join in either direction, also under
    "any" and "none": a plain IN would be gone through for each supporter there.
    """
    return Exists(Supporter.objects.filter(pk=OuterRef("pk"), pk__in=keys))


def in_order(low: str, high: str, values: dict[str, Any], message: str) -> None:
    """Raises WrongTogether where the lower limit is above the upper."""
    least, most = values.get(low), values.get(high)
    if least is not None and most is not None and least > most:
        raise WrongTogether(high, message)
