"""`python -m bench.matching_people NUMBER`: fill the database with so many invented supporters."""

import sys
from datetime import UTC, date, datetime
from itertools import islice

import django

from tests.data.people.make import Written, rows

BATCH = 5_000
AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def fill(wanted: int) -> None:
    from crm.people.contact_points import Phone, PostalAddress  # noqa: PLC0415 (Django is set up)
    from crm.people.models import Supporter  # noqa: PLC0415

    written = islice(rows("to search", wanted * 7 // 10), wanted)  # a person has three in two
    while batch := list(islice(written, BATCH)):
        supporters = Supporter.objects.bulk_create([as_supporter(Supporter, row) for row in batch])
        both = list(zip(supporters, batch, strict=True))
        PostalAddress.objects.bulk_create(
            PostalAddress(
                supporter=supporter,
                street=row.street,
                postcode=row.postcode,
                town=row.town,
                country="BE",
                is_preferred=True,
            )
            for supporter, row in both
            if row.street
        )
        Phone.objects.bulk_create(
            Phone(supporter=supporter, number=row.phone) for supporter, row in both if row.phone
        )


def as_supporter(model, row: Written):
    new = model(
        given_name=row.given_name,
        family_name=row.family_name,
        birth_date=day(row.birth),
        postcode=row.postcode,
        country="BE",
        created_at=AT,
        modified_at=AT,
    )
    new.search_text = new.searchable()
    return new


def day(text: str) -> date | None:
    """Return a date, unless a mistake made it none."""
    try:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


if __name__ == "__main__":
    django.setup()
    fill(int(sys.argv[1]))
