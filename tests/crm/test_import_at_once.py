"""An import while others are at work."""

import pytest
from django.db import transaction

from crm.exchange import chunks, imports, running
from crm.people.contact_points import Phone
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.people.operations import register
from tests.conftest import NOW
from tests.crm.lists import counts, described
from tests.factories import SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once, meanwhile


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


@pytest.mark.django_db(transaction=True)
def test_record_that_is_merged_during_an_import_gets_nothing_more():
    kept, lost = SupporterFactory(), SupporterFactory(email="lost@example.org")
    batch = described("Email,Phone\nlost@example.org,0475123456\n")
    imports.request_run(batch=batch, at=NOW)

    with transaction.atomic():
        merge(kept=kept, lost=lost, at=NOW)
        importing = meanwhile(lambda: running.run(batch_id=batch.pk, now=NOW))
    importing.result(20)

    batch.refresh_from_db()
    assert counts(batch) == {"updated": 1}
    assert Phone.objects.get().supporter == kept
