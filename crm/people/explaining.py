"""What speaks for and against two records being one person, in words of the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

WORDS: dict[tuple[str, str], Any] = {
    ("given", "same"): _("same given name"),
    ("given", "nickname"): _("one given name is a form of the other"),
    ("given", "swapped"): _("given name and family name are exchanged"),  # and said once
    ("given", "initial"): _("one given name is an initial of the other"),
    ("given", "one_letter"): _("given name differs by one letter"),
    ("given", "part"): _("part of the given name is the same"),
    ("given", "two_letters"): _("given name differs by two letters"),
    ("given", "different"): _("given names differ"),
    ("family", "same"): _("same family name"),
    ("family", "particle"): _("same family name but for its particles"),
    ("family", "one_letter"): _("family name differs by one letter"),
    ("family", "part"): _("one of two family names is the same"),
    ("family", "two_letters"): _("family name differs by two letters"),
    ("family", "different"): _("family names differ"),
    ("birth", "same"): _("same date of birth"),
    ("birth", "day_for_month"): _("day and month of birth are exchanged"),
    ("birth", "one_digit"): _("date of birth differs by one digit"),
    ("birth", "partly"): _("part of the date of birth is the same"),
    ("birth", "different"): _("dates of birth differ"),
    ("place", "same"): _("same postcode"),
    ("place", "town"): _("same town, another postcode"),
    ("place", "one_digit"): _("postcode differs by one character"),
    ("place", "different"): _("postcodes differ"),
    ("street", "same"): _("same street and number"),
    ("street", "near_number"): _("same number, street differs by a letter or two"),
    ("street", "no_number"): _("same street, another number or none"),
    ("street", "near"): _("street differs by a letter or two"),
    ("street", "different"): _("streets differ"),
    ("phone", "same"): _("same telephone"),
    ("phone", "different"): _("telephones differ"),
    ("relatives", "twins"): _("one family and one day of birth, but two given names: twins?"),
    ("relatives", "family"): _("one family name, but two given names: relatives?"),
    ("relatives", "household"): _("one home, but two given names: a couple?"),
    ("relatives", "generations"): _("one family, many years apart: parent and child?"),
    ("organisation", "same"): _("same name of the organisation"),
}
# What an explanation gives away, and so may be read only with the right to it.
TELLS: dict[str, tuple[str, ...]] = {
    "birth": ("birth_date",),
    "street": ("addresses",),
    "phone": ("phones",),
    "relatives": ("birth_date", "addresses", "phones"),
}


class Reason(NamedTuple):
    """What one field says, how much it weighs, and whether it speaks for one person."""

    words: Any
    weight: float
    is_for: bool


def reasons(evidence: Iterable[Mapping[str, Any]], hidden: frozenset[str]) -> list[Reason]:
    """Return what speaks for and against, the weightiest first, without what is hidden."""
    told = [
        Reason(WORDS[key_of(each)], abs(each["weight"]), each["weight"] > 0)
        for each in evidence
        if key_of(each) in WORDS and hidden.isdisjoint(TELLS.get(each["field"], ()))
    ]
    return sorted(told, key=lambda reason: (not reason.is_for, -reason.weight))


def key_of(each: Mapping[str, Any]) -> tuple[str, str]:
    """Return under what the words of an evidence stand: relatives are told of in one way."""
    level = each["level"].partition("_")[0] if each["field"] == "relatives" else each["level"]
    return each["field"], level
