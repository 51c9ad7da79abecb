"""Many forms from one visitor at the same moment, on real connections."""

from uuid import uuid4

import pytest

from crm.lib import proofs
from payments import shield
from payments.defence import Attempt
from payments.visitors import Visitor
from tests.payments.test_shield import solution_of
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def outcome(**form):
    try:
        return shield.admit(**form).outcome
    except shield.Refusal as refusal:
        return type(refusal).__name__


def test_many_forms_at_once_are_counted_one_after_the_other(settings, now):
    settings.DONATIONS_WITHOUT_PROOF = 3
    who = Visitor(address="a" * 64, browser="")

    outcomes = at_once(lambda _: outcome(visitor=who, form=uuid4(), proof="", at=now), range(12))

    assert sorted(outcomes) == ["TooMany"] * 9 + ["started"] * 3


def test_one_proof_used_at_once_from_many_addresses_lets_one_through(settings, now):
    settings.DONATIONS_WITHOUT_PROOF, settings.PROOF_WORK = 0, 50
    proof = solution_of(proofs.challenge(work=50, at=now))

    outcomes = at_once(
        lambda n: outcome(
            visitor=Visitor(address=str(n) * 64, browser=""), form=uuid4(), proof=proof, at=now
        ),
        range(8),
    )

    assert sorted(outcomes) == ["ProofIsMissing"] * 7 + ["started"]
    assert Attempt.objects.filter(outcome="refused").count() == 7
