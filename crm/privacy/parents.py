"""Erasing a parent from what was asked for their child, whose rows those are."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.privacy.belongings import Person
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.fates import Fate


def plan(person: Person) -> list[Fate]:
    """Return what `erase` would do."""
    named = requests_that_name(person)
    waiting = named.filter(confirmed_at=None).count()
    title = _("requests to subscribe that name them as a parent")
    return [
        Fate("parents of requests", title, deleted=waiting, emptied=named.count() - waiting),
    ]


def erase(person: Person, at: datetime) -> None:
    """Forget who the parent was; what still waits for an answer is given up."""
    named = ConsentRequest.objects.filter(
        pk__in=list(requests_that_name(person).values_list("pk", flat=True))
    )
    named.filter(confirmed_at=None).delete()
    named.update(parent_name="", parent_email="")


def requests_that_name(person: Person) -> QuerySet[ConsentRequest]:
    """Return the requests they answered as a parent, and those to the child that followed."""
    answered = ConsentRequest.objects.filter(parent_email__in=person.emails)
    followed = Q(pk__in=[])
    for email, name in answered.values_list("email", "parent_name"):
        followed |= Q(email=email, parent_name=name)
    return ConsentRequest.objects.filter(Q(parent_email__in=person.emails) | followed)
