"""In which language we write to members of staff: the one in which they last read their pages."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.people.models import LANGUAGES


class StaffLanguage(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)

    def __str__(self):
        return f"{self.user_id} {self.language}"


def remember_language(*, user: Any, language: str) -> None:
    """Note in which language somebody reads, if it is one of ours and another than last time."""
    code = language[:2]
    if code not in dict(LANGUAGES):
        return
    known = StaffLanguage.objects.filter(user=user.pk).values_list("language", flat=True).first()
    if known != code:
        StaffLanguage.objects.update_or_create(user=user, defaults={"language": code})


def languages_of(users: Iterable[Any]) -> dict[int, str]:
    """Return the language of each of these members of staff, by their keys."""
    keys = [user.pk for user in users]
    known = StaffLanguage.objects.filter(user__in=keys).values_list("user", "language")
    return {**dict.fromkeys(keys, settings.LANGUAGE_CODE), **dict(known)}
