import pytest
from django.db import DatabaseError, transaction
from crm.exchange import imports, removing, undoing, running, chunks
from crm.exchange.models import Import
from crm.people.models import Supporter
from crm.people.merging import merge
from crm.people.standing import standing
from payments import operations as pay
from payments.models import Checkout
from tests.conftest import NOW
from tests.crm.lists import *
from tests.factories import *
from tests.jobs import run_jobs
from tests.crm.test_review_h52 import in_thread, waits
ok = pytest.mark.django_db
real = pytest.mark.django_db(transaction=True)

@ok
@pytest.mark.parametrize("error", [DatabaseError, KeyError])
def test_undo_fails(monkeypatch, error):
    b = imported("Email\na@example.org\n")
    def fail(values): raise error("x")
    monkeypatch.setattr(removing, "people", fail)
    imports.request_undo(batch=b, at=NOW)
    with pytest.raises(error):
        run_jobs()
    monkeypatch.undo()
    b.refresh_from_db()
    print(b.state)
    imports.request_undo(batch=b, at=NOW)
    run_jobs()
    b.refresh_from_db()
    assert b.state == "undone"

@ok
def test_run_fails(monkeypatch):
    b = described("Email\na@example.org\n")
    imports.request_run(batch=b, at=NOW)
    def fail(self, low, high): raise KeyError("x")
    monkeypatch.setattr(chunks.Chunk, "take", fail)
    with pytest.raises(KeyError):
        run_jobs()
    b.refresh_from_db()
    assert b.state == "failed"

@real
def test_undo_while_signing(now):
    from crm.campaigns import operations as campaigns
    from crm.campaigns.sources import Trail
    b = imported("Email,Last name\na@example.org,X\n")
    campaign = CampaignFactory()
    who = Supporter.objects.get()
    imports.request_undo(batch=b, at=NOW)
    with transaction.atomic():
        SignatureFactory(supporter=who, campaign=campaign)
        t = in_thread(lambda: undoing.undo(batch_id=b.pk, now=NOW))
        waits(t)
    t.join(10)
    b.refresh_from_db()
    print(t.box, b.state, b.conflicts)
    assert Supporter.objects.count() == 1
    assert b.state == "undone"

@real
def test_pay_during_merge(now):
    kept, lost = SupporterFactory(), SupporterFactory()
    c = CheckoutFactory(supporter=lost)
    import threading
    locked = threading.Event(); go = threading.Event()
    def pay_it():
        with transaction.atomic():
            found = pay.checkout_for(str(c.public_id))
            locked.set(); go.wait(5)
            return standing(found.supporter).pk
    t = in_thread(pay_it)
    locked.wait(5)
    def merge_it():
        return merge(kept=kept, lost=lost, at=now)
    m = in_thread(merge_it)
    import time; time.sleep(0.5); go.set()
    t.join(10); m.join(10)
    print(t.box, m.box)
    assert not [x for x in t.box + m.box if isinstance(x, Exception)]
