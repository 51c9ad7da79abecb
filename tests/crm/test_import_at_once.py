"""An import while others are at work."""

import pytest

from crm.exchange import chunks, imports
from crm.people.models import Supporter
from crm.people.operations import register
from tests.conftest import NOW
from tests.crm.lists import counts, described
from tests.jobs import run_jobs
from tests.threads import at_once


@pytest.mark.django_db(transaction=True)
def test_sign_up_during_an_import_is_one_person(monkeypatch):
    """Somebody signs up between our looking and our writing: the import finds them."""
    batch = described("Email,Last name\na@example.org,Dupont\nb@example.org,Peeters\n")
    imports.request_run(batch=batch, at=NOW)
    plan, came = chunks.Chunk.plan, []

    def somebody_comes(self):
        plan(self)
        if not came:
            came.extend(at_once(lambda email: register(email=email, at=NOW), ["b@example.org"]))

    monkeypatch.setattr(chunks.Chunk, "plan", somebody_comes)

    run_jobs()

    batch.refresh_from_db()
    assert counts(batch) == {"created": 1, "updated": 1}
    assert sorted(Supporter.objects.values_list("email", "family_name")) == [
        ("a@example.org", "Dupont"),
        ("b@example.org", "Peeters"),
    ]
