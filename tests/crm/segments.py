"""Segments as tests make them."""

from datetime import UTC, date, datetime

from crm.segments.known import Known
from crm.segments.members import selected
from crm.segments.tree import build, check

TODAY = date(2026, 3, 14)
NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


def all_of(*conditions):
    return {"match": "all", "of": list(conditions)}


def any_of(*conditions):
    return {"match": "any", "of": list(conditions)}


def none_of(*conditions):
    return {"match": "none", "of": list(conditions)}


def is_(name, **values):
    return {"is": name, **values}


def tree(*conditions, today=TODAY):
    """Conditions that were checked and read, all of which must hold."""
    known = Known(today=today)
    return build(check(all_of(*conditions), known), known)


def who(*conditions, today=TODAY):
    """The given names of those for whom all conditions hold, in the order of their keys."""
    found = selected(tree(*conditions, today=today)).order_by("pk")
    return [supporter.given_name for supporter in found]
