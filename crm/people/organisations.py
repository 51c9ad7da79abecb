"""Organisations that may be one: of the same name, but for its legal form, in the same place.

Their names are no names of people, so the model does not know them, and none is merged by itself.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from crm.lib import contact
from crm.people.levels import postcode_key
from crm.people.models import Supporter
from crm.people.names import parts
from crm.people.scoring import Evidence

FORMS = frozenset(
    re.findall(
        r"\w+",
        "asbl vzw aisbl ivzw sprl bvba srl bv sa nv scrl cvba sc cv snc vof scs commv fondation "
        "stichting association vereniging ltd llc inc gmbh ev",
    )
)
SAME = 0.9  # of two of one name in one place, so many are one: a guess, not a measurement
EVIDENCE = [Evidence("organisation", "same", 10.0), Evidence("place", "same", 7.0)]


class Key(NamedTuple):
    name: str
    postcode: str


def key(name: str, postcode: str) -> Key:
    """Return by what organisations are compared.

    >>> key("A.S.B.L. Les Amis", "B-1000") == key("Les amis asbl", "1000")
    True
    """
    words = [word for word in parts(name.replace(".", "")) if word not in FORMS]
    return Key("".join(words), postcode_key(postcode))


def doubles() -> Iterator[tuple[int, int]]:
    """Yield the pairs of organisations of one name in one place."""
    groups: dict[Key, list[int]] = defaultdict(list)
    rows = organisations().order_by("pk").values_list("pk", "family_name", "postcode")
    for pk, name, postcode in rows.iterator():
        groups[key(name, postcode)].append(pk)
    for found, keys in groups.items():
        if all(found):
            yield from ((keys[0], other) for other in keys[1:])


def doubles_of(supporter: Supporter) -> Iterator[tuple[int, int]]:
    """Yield the pairs that an organisation makes with others."""
    own = key(supporter.family_name, supporter.postcode)
    longest = max(contact.words(supporter.family_name), key=len, default="")
    if not all(own):
        return
    others = organisations().exclude(pk=supporter.pk).search(f"{longest} {supporter.postcode}")
    for pk, name, postcode in others.values_list("pk", "family_name", "postcode")[:150]:
        if key(name, postcode) == own:
            yield min(pk, supporter.pk), max(pk, supporter.pk)


def organisations():
    return Supporter.objects.current().filter(kind=Supporter.Kind.ORGANISATION)
