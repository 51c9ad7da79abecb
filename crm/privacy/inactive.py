"""Supporters of whom nothing was heard for years: they are erased, as if they had asked for it.

What a sign of life is, and what ties somebody to us whatever their silence, models declare.
"""

from datetime import date, datetime

from django.db.models import DateTimeField, Exists, Model, OuterRef, Q, QuerySet

from crm.lib.periods import local_day
from crm.people.models import Supporter
from crm.privacy import erasure
from crm.privacy.belongings import declared, declaring_models, merged_with


def due(before: datetime) -> QuerySet[Supporter]:
    """Return the people who gave no sign of life since a moment, and are tied to nothing."""
    people = Supporter.objects.current().filter(
        kind=Supporter.Kind.PERSON, erased_at=None, created_at__lt=before
    )
    for rows in signs(before):
        people = people.filter(~rows)
    return people


def signs(before: datetime) -> list[Exists]:
    """Return, for each model and each way in which its rows are about somebody, that there is one.

    What was signed or given by a record that was merged is theirs too.
    """
    found = []
    for model in declaring_models():
        for told in (newer(model, before), declared(model).ties):
            if told is not None:
                found += [Exists(rows) for rows in belonging(model, told)]
    return found


def newer(model: type[Model], before: datetime) -> Q | None:
    data = declared(model)
    if not data.shows_life:
        return None
    since: datetime | date = before
    if not isinstance(model._meta.get_field(data.dated), DateTimeField):
        since = local_day(before)
    return Q(**{f"{data.dated}__gte": since})


def belonging(model: type[Model], told: Q) -> list[QuerySet[Model]]:
    data, rows = declared(model), model._default_manager.filter(told)
    own = [rows.filter(**{path: OuterRef("pk")}) for path in (data.owner, *data.others)]
    return [*own, rows.filter(**{f"{data.owner}__merged_into": OuterRef("pk")})]


def apply(people: QuerySet[Supporter], before: datetime, at: datetime) -> int:
    """Erase those of these people whose merged records are silent too; return how many."""
    return sum(forget(one, before, at) for one in people)


def forget(supporter: Supporter, before: datetime, at: datetime) -> bool:
    """Erase somebody, unless they were heard of meanwhile; return whether they are."""
    locked = Supporter.objects.current().select_for_update().filter(pk=supporter.pk).first()
    if locked is None or not is_silent(locked, before):
        return False
    return erasure.erase(supporter=locked, at=at)


def is_silent(supporter: Supporter, before: datetime) -> bool:
    """Whether no record that became theirs, however often merged, shows a sign of life."""
    keys = [record.pk for record in merged_with(supporter)]
    for model in declaring_models():
        for told in (newer(model, before), declared(model).ties):
            owned = {f"{declared(model).owner}__in": keys}
            if told is not None and model._default_manager.filter(told, **owned).exists():
                return False
    return True
