"""Who is too young to agree to anything alone."""

from datetime import datetime

from django.conf import settings

from crm.lib.periods import local_day
from crm.people.models import Supporter


def is_too_young(supporter: Supporter, *, at: datetime) -> bool:
    """Whether somebody is known to be below the age at which the law lets a child agree.

    Who reaches it later has agreed to nothing by that.
    """
    born = supporter.birth_date
    if born is None:
        return False
    day = local_day(at)
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return age < settings.AGE_OF_CONSENT
