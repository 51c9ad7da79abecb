"""Scratch of the review."""

import threading

import pghistory
import pytest
from django.db import connection, connections, transaction

from crm.campaigns import operations as campaigns
from crm.campaigns import tallies
from crm.campaigns.models import Signature
from crm.exchange import knowing
from crm.people import merging
from crm.people.addressing import add_phone, change_phone
from crm.people.contact_points import EmailAddress, Phone
from crm.people.merging import merge
from crm.people.merges import Merge
from crm.people.models import Supporter
from crm.people.unmerging import NotUndoable, unmerge
from crm.privacy.erasure import erase
from payments.models import Checkout
from tests.conftest import NOW
from tests.crm.lists import checked, counts, described, imported, outcomes, reasons, run, undone
from tests.factories import CampaignFactory, CheckoutFactory, SignatureFactory, SupporterFactory

ok = pytest.mark.django_db
real = pytest.mark.django_db(transaction=True)


@ok
def test_long_organisation():
    text = "Contact type,First name,Last name,Email\norganisation," + "A" * 90 + "," + "B" * 90 + ",a@example.org\n"
    batch = imported(text)
    assert counts(batch) == {"bad": 1}


@ok
@pytest.mark.parametrize("when", ["2025-01-01T00:00:00+20:00", "2025-01-01T00:00:00-23:59", "2025-03-30 02:30", "0001-01-01T00:00:00+00:00", "2025-10-26 02:30"])
def test_zone(campaign, when):
    batch = imported(f"Email,Date\na@example.org,{when}\n", kind="signatures", campaign=campaign.pk)
    assert sum(counts(batch).values()) == 1


@ok
@pytest.mark.parametrize("day", ["31/02/2000", "29/02/2000", "29/02/2001", "00/01/2000", "1/1/0", "2000-02-30", "0000-01-01", "99999999", "31/12/2200"])
def test_births(day):
    batch = imported(f"Email,Birth date\na@example.org,{day}\n")
    print(day, counts(batch), list(Supporter.objects.values_list("birth_date", flat=True)))


@ok
@pytest.mark.parametrize(("amount", "currency"), [("1.000,5", "EUR"), ("-5", "EUR"), ("0", "EUR"), ("1000", "JPY"), ("1,000", "JPY"), ("10,5", "JPY"), ("1" + "0" * 15, "EUR"), ("9" * 25, "EUR"), ("٣", "EUR"), ("1e3", "EUR"), ("5 €", "EUR"), ("0.001", "EUR"), ("1.5", "BHD")])
def test_amounts(amount, currency):
    from crm.donations.models import Gift
    batch = imported(f'Email,Amount,Currency,Date\na@example.org,"{amount}",{currency},2025-01-01\n', kind="gifts")
    print(amount, currency, counts(batch), reasons(batch), list(Gift.objects.values_list("amount", "currency")))


@ok
@pytest.mark.parametrize("text", ["\\N", "a\\tb", "\x7f", "\ud7ff", "😀", "\u2028x", "a\vb", "İ", "'=1", "\\."])
def test_odd(text):
    batch = imported(f"Email,Last name,Tags,Note\na@example.org,{text},{text},{text}\n")
    again = imported(f"Email,Last name,Tags,Note\na@example.org,{text},{text},{text}\n")
    print(repr(text), counts(batch), counts(again), list(Supporter.objects.values_list("family_name")))
    assert counts(again) == {"unchanged": 1}


@ok
def test_secondary_erased(now):
    one = SupporterFactory(email="a@example.org")
    EmailAddress.objects.create(supporter=one, address="b@example.org")
    checkout = CheckoutFactory(supporter=None, email="b@example.org")
    erase(supporter=one, at=now)
    checkout.refresh_from_db()
    assert checkout.email == ""


@ok
def test_chain_erased(now):
    a, b, c = SupporterFactory(), SupporterFactory(), SupporterFactory()
    first = merge(kept=b, lost=a, at=now)
    second = merge(kept=c, lost=b, at=now)
    erase(supporter=c, at=now)
    assert [m.journal for m in Merge.objects.all()] == [{}, {}]
    for each in (first, second):
        with pytest.raises(NotUndoable):
            unmerge(merge=each, at=now)


@ok
def test_unmerged_then_erased(now):
    a, b = SupporterFactory(), SupporterFactory()
    first = merge(kept=b, lost=a, at=now)
    unmerge(merge=first, at=now)
    erase(supporter=a, at=now)
    first.refresh_from_db()
    assert first.journal == {}
    assert Supporter.objects.get(pk=b.pk).erased_at is None


@ok
def test_undo_proven():
    one = SupporterFactory(email="a@example.org")
    batch = imported("Email,Other email,Phone\na@example.org,b@example.org,0475123456\n")
    campaign = CampaignFactory()
    from crm.campaigns.sources import Trail
    s = campaigns.sign(campaign=campaign, email="b@example.org", given_name="x", family_name="y", postcode="1000", country="BE", language="fr", trail=Trail(), at=NOW.replace(hour=13))
    campaigns.confirm(signature=s, at=NOW.replace(hour=14))
    phone = Phone.objects.get()
    with pghistory.context(source="staff"):
        change_phone(phone=phone, status="wrong", at=NOW.replace(hour=14))
    undone(batch)
    print(batch.conflicts, list(one.emails.values_list("address")), list(one.phones.values_list("number", "status")))
    assert one.emails.count() == 2
    assert one.phones.count() == 1


def in_thread(work):
    def go():
        try:
            box.append(work())
        except BaseException as e:
            box.append(e)
        finally:
            connections.close_all()
    box = []
    t = threading.Thread(target=go)
    t.start()
    t.box = box
    return t


def waits(thread):
    """Until another session waits for a lock."""
    import time
    for _ in range(200):
        with connection.cursor() as c:
            c.execute("select count(*) from pg_stat_activity where wait_event_type='Lock' and datname=current_database()")
            if c.fetchone()[0] or not thread.is_alive():
                return
        time.sleep(0.02)


@real
def test_sign_during_merge(now):
    from crm.campaigns.sources import Trail
    campaign = CampaignFactory()
    kept, lost = SupporterFactory(), SupporterFactory()
    SignatureFactory(campaign=campaign, supporter=kept, status="confirmed", confirmed_at=now)
    def sign():
        s = campaigns.sign(campaign=campaign, email=lost.email, given_name="x", family_name="y", postcode="1000", country="BE", language="fr", trail=Trail(), at=now)
        return campaigns.confirm(signature=s, at=now)
    with transaction.atomic():
        merge(kept=kept, lost=lost, at=now)
        t = in_thread(sign)
        waits(t)
    t.join(10)
    print(t.box)
    assert list(Signature.objects.values_list("supporter", "status")) == [(kept.pk, "confirmed")]


@real
def test_confirm_during_merge(now):
    campaign = CampaignFactory()
    kept, lost = SupporterFactory(), SupporterFactory()
    s = SignatureFactory(campaign=campaign, supporter=lost)
    with transaction.atomic():
        merging.locked(kept, lost)
        t = in_thread(lambda: campaigns.confirm(signature=s, at=now))
        waits(t)
        merge(kept=kept, lost=lost, at=now)
    t.join(10)
    print(t.box)
    s.refresh_from_db()
    assert (s.status, s.supporter_id) == ("confirmed", kept.pk)


@real
def test_import_during_merge(now):
    kept, lost = SupporterFactory(email="k@example.org"), SupporterFactory(email="l@example.org", family_name="")
    from crm.exchange import imports, running
    batch = described("Email,Phone,Last name\nl@example.org,0475123456,Dupont\n")
    imports.request_run(batch=batch, at=NOW)
    with transaction.atomic():
        merge(kept=kept, lost=lost, at=now)
        t = in_thread(lambda: running.run(batch_id=batch.pk, now=NOW))
        waits(t)
    t.join(20)
    print(t.box)
    assert list(Phone.objects.values_list("supporter", flat=True)) == [kept.pk]
