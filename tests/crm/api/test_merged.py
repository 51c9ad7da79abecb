"""The API sends on whoever asks for a record that was merged."""

import pytest
from django.urls import reverse

from crm.people.merging import merge
from crm.people.unmerging import unmerge
from crm.privacy.erasure import erase
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
SITE = "http://testserver"


@pytest.fixture
def chain(now):
    """Three records, the first of which went into the second, and that into the third."""
    first, second, third = SupporterFactory.create_batch(3)
    merges = [merge(kept=second, lost=first, at=now), merge(kept=third, lost=second, at=now)]
    return first, third, merges


def path(name, **parts):
    return reverse(f"api:{name}", kwargs=parts)


def test_a_merged_person_is_at_the_address_of_the_one_who_stands(program, chain):
    first, third, _merges = chain

    answer = program().get(SITE + path("person", public_id=first.public_id))

    there = f"{SITE}{path('person', public_id=third.public_id)}"
    assert (answer.status_code, answer["Location"]) == (301, there)
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("what", ["donations", "signatures"])
def test_so_is_what_they_did_with_the_page_asked_for(program, chain, what):
    first, third, _merges = chain

    answer = program().get(f"{SITE}{path(f'person-{what}', person=first.public_id)}?per_page=2")

    there = path(f"person-{what}", person=third.public_id)
    assert answer.status_code == 301
    assert answer["Location"] == f"{SITE}{there}?per_page=2"


def test_who_was_taken_apart_is_at_their_own_address_again(program, chain, now):
    first, _third, merges = chain
    for done in reversed(merges):
        unmerge(merge=done, at=now)

    assert program().get(SITE + path("person", public_id=first.public_id)).status_code == 200


def test_who_was_erased_is_nowhere(program, chain, now):
    first, third, _merges = chain
    erase(supporter=third, at=now)

    assert program().get(SITE + path("person", public_id=first.public_id)).status_code == 404
