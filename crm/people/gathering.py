"""Reading from the database what is compared, and who may be somebody else's double."""

from collections.abc import Collection, Iterable, Iterator

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from crm.lib import contact
from crm.people import names
from crm.people.contact_points import Phone
from crm.people.levels import Person, person
from crm.people.models import Supporter

# Of those who share one thing with a newcomer, so many are looked at.
MOST = 150
BEGINNING = 4  # letters of a name that must be right, where the rest may be misspelt
COLUMNS = (
    "pk",
    "given_name",
    "family_name",
    "birth_date",
    "postcode",
    "letters__postcode",
    "letters__town",
    "letters__street",
    "numbers",
)


def individuals() -> QuerySet[Supporter]:
    """Current supporters who are people: organisations are compared by name and postcode alone."""
    return Supporter.objects.current().filter(kind=Supporter.Kind.PERSON)


def compared(supporters: QuerySet[Supporter], chunk: int = 5_000) -> Iterator[Person]:
    """Yield what is compared of these."""
    numbers = Phone.objects.filter(supporter=OuterRef("pk")).exclude(status=Phone.Status.WRONG)
    rows = supporters.annotate(
        letters=FilteredRelation("addresses", condition=Q(addresses__is_preferred=True)),
        numbers=ArraySubquery(numbers.values("number")),
    ).values_list(*COLUMNS)
    for (
        key,
        given,
        family,
        born,
        postcode,
        postcode_of_letters,
        town,
        street,
        phones,
    ) in rows.iterator(chunk_size=chunk):
        yield person(
            id=key,
            given_name=given,
            family_name=family,
            birth=born.strftime("%Y%m%d") if born else "",
            postcode=postcode_of_letters or postcode,
            town=town or "",
            street_and_number=street or "",
            phones=phones,
        )


def persons(keys: Collection[int]) -> dict[int, Person]:
    """Return what is compared of supporters with these keys."""
    return {each.id: each for each in compared(individuals().filter(pk__in=keys))}


def candidates(supporter: Supporter) -> list[int]:
    """Return the keys of those who share something with a supporter that few people share."""
    others = individuals().exclude(pk=supporter.pk)
    found: set[int] = set()
    for query in queries(supporter):
        search = SearchQuery(query, config="simple", search_type="raw")
        found.update(others.filter(search=search).values_list("pk", flat=True)[:MOST])
    if supporter.birth_date:
        born = others.filter(birth_date=supporter.birth_date)
        found.update(born.values_list("pk", flat=True)[:MOST])
    own = Phone.objects.filter(supporter=supporter, number=OuterRef("number"))
    called = Phone.objects.filter(Exists(own), supporter__in=others)
    found.update(called.values_list("supporter_id", flat=True)[:MOST])
    return sorted(found)


def queries(supporter: Supporter) -> Iterable[str]:
    """Yield what to search for: both names in any order; or the beginning of one, and where."""
    given, family = contact.words(supporter.given_name), contact.words(supporter.family_name)
    if given and family:
        yield " & ".join([*given, *family])
        yield f"{given[0]} & {family[-1]}"
    place = " & ".join(contact.words(supporter.postcode))
    for several in (given_beginnings(supporter.given_name), beginnings(supporter.family_name)):
        if place and several:
            yield f"({' | '.join(f'{word}:*' for word in sorted(several))}) & {place}"


def given_beginnings(name: str) -> set[str]:
    """Return how a given name may begin in another record, where it may be a short form."""
    return {word[:BEGINNING] for word in names.forms(name) if word}


def beginnings(name: str) -> set[str]:
    """Return how a family name may begin in another record: with its particles, or without."""
    longest = max(contact.words(name), key=len, default="")
    found = (longest, names.family_key(name), names.family_core(name))
    return {word[:BEGINNING] for word in found if word}
