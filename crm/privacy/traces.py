"""By which texts somebody is recognised, wherever they stand: what an erasure looks for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q

from crm.lib import contact
from crm.people.contact_points import Phone
from crm.people.models import Identifier
from crm.privacy.belongings import Person, declaring_models, rows_of

SHORTEST = 6  # what is shorter stands in too many words
NAMES = ("given_name", "family_name")


@dataclass(frozen=True)
class Traces:
    """`sure` is theirs alone, or their household's: addresses, telephones, bank accounts. What is
    `likely` may be a namesake's: full names, streets. `names` are the words of both names."""

    sure: tuple[str, ...]
    likely: tuple[str, ...]
    names: tuple[frozenset[str], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        return (*self.sure, *self.likely)

    def are_sure_in(self, text: str) -> bool:
        lowered = text.lower()
        return any(trace.lower() in lowered for trace in self.sure)

    def stand_in(self, text: str) -> bool:
        """Whether one of these stands in a text, in whatever capitals."""
        lowered = text.lower()
        return any(trace.lower() in lowered for trace in self.texts)

    def stand_in_row(self, cells: Iterable[str]) -> bool:
        """Whether a row of a table is about them, which may have each name in a cell of its own."""
        text = " ".join(cells)
        if self.stand_in(text):
            return True
        words = set(contact.words(text))
        return any(both <= words for both in self.names)

    def in_any(self, *fields: str) -> Q:
        """Return the condition that one of these stands in a field, which may be of JSON."""
        found = Q()
        for field in fields:
            for trace in self.texts:
                found |= Q(**{f"{field}__icontains": trace})
        return found if self.texts else Q(pk__in=[])


def traces_of(person: Person) -> Traces:
    """Gather the texts, also those that were written earlier, as long as they are there."""
    names, streets = set(), set()
    for model in declaring_models():
        fields = {field.name for field in model._meta.concrete_fields}
        rows = rows_of(model, person)
        if fields >= set(NAMES):
            names |= set(rows.values_list(*NAMES))
        if "street" in fields:
            streets |= set(rows.values_list("street", flat=True))
    streets = {street for street in streets if len(street) >= SHORTEST}
    spelt = {text for given, family in names for text in spellings(given, family)}
    return Traces(
        sure=tuple(sorted({*person.emails, *phones_of(person), *accounts_of(person)})),
        likely=tuple(sorted(spelt | streets)),
        names=tuple(sorted(filter(None, (words_of(*pair) for pair in names)), key=sorted)),
    )


def spellings(given: str, family: str) -> Iterator[str]:
    """Yield how a full name may be written. An organisation's is its family name."""
    full = " ".join(filter(None, [given, family]))
    if not family or len(full) < SHORTEST:
        return
    yield full
    yield " ".join(contact.words(full))
    if given:
        yield f"{family} {given}"
        yield f"{family}, {given}"


def words_of(given: str, family: str) -> frozenset[str]:
    both = given and family
    return frozenset(contact.words(f"{given} {family}")) if both else frozenset()


def phones_of(person: Person) -> Iterator[str]:
    for number in Phone.objects.filter(supporter__in=person.ids).values_list("number", flat=True):
        yield number.removeprefix("+")


def accounts_of(person: Person) -> Iterator[str]:
    known = Identifier.objects.filter(supporter__in=person.ids, system="iban")
    yield from known.values_list("value", flat=True)
