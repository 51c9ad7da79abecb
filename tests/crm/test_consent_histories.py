"""Whatever happens in whatever order: after their latest "no", nobody is written to."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.crm.consent_world import DEEDS, World

pytestmark = pytest.mark.django_db
NUMBER = st.integers(min_value=0, max_value=11)
# A few kinds of deeds each time, often such as have to do with each other.
SOME = st.lists(st.sampled_from(DEEDS), min_size=3, max_size=8, unique=True)
WORDS = ["says_yes", "says_no", "loses_an_address", "is_imported_as_subscribed"]
THEMES = [
    [*WORDS, "gets_an_address", "prefers_another"],
    [*WORDS, "is_merged", "is_taken_apart"],
    [*WORDS, "is_erased", "is_merged", "stands_in_a_file"],
]
HISTORY = st.one_of(SOME, st.sampled_from(THEMES)).flatmap(
    lambda some: st.lists(st.tuples(st.sampled_from(some), NUMBER, NUMBER), min_size=5, max_size=30)
)


class OnlyTried(Exception):
    """Nothing of an example stays for the next one."""


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=HISTORY)
def test_nobody_is_subscribed_after_their_latest_no(history):
    try:
        with transaction.atomic():
            world = World()
            for deed in history:
                world.do(*deed)
                for record, address in world.mailed().items():
                    assert not world.said.refuses(record, [address]), (deed, address)
                    assert address not in world.said.bounced, (deed, address)
            raise OnlyTried  # noqa: TRY301 (it rolls back)
    except OnlyTried:
        pass
