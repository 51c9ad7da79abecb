"""Trains the model in the repository: `python -m tests.data.people.train`.

On other people than those of people.csv, made by the same rules with another seed.
"""

import json
import sys
from pathlib import Path

from crm.people.levels import Person, person
from crm.people.linkage import fill, frequencies, opened
from crm.people.scoring import FILE
from crm.people.training import train_with_labels
from tests.data.people.make import Written, rows

PEOPLE = 40_000


def as_person(number: int, row: Written) -> Person:
    return person(
        id=number,
        given_name=row.given_name,
        family_name=row.family_name,
        birth=row.birth,
        postcode=row.postcode,
        town=row.town,
        street_and_number=row.street,
        phones=[row.phone] if row.phone else [],
    )


def main() -> None:
    written = list(rows("to learn", PEOPLE))
    with opened(Path("var")) as connection:
        fill(connection, (as_person(number, row) for number, row in enumerate(written)))
        labels = {number: row.person for number, row in enumerate(written)}
        model = train_with_labels(connection, labels, frequencies(connection))
    rounded = {
        name: {level: [float(f"{each:.4g}") for each in both] for level, both in levels.items()}
        for name, levels in model.items()
    }
    text = json.dumps(rounded, indent=1).replace("[\n   ", "[").replace(",\n   ", ", ")
    FILE.write_text(text.replace("\n  ]", "]") + "\n")
    sys.stdout.write(f"{FILE}\n")


if __name__ == "__main__":
    main()
