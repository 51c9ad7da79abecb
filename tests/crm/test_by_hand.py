"""Gifts that staff write down, by the operations themselves."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail as mailbox

from crm.audit import AuditEntry
from crm.donations.by_hand import FundClosed, correct_gift, record_by_hand, record_return
from crm.donations.credits import MatchingGift, SoftCredit, Tribute
from crm.donations.funds import Sums, sums_of
from crm.donations.instructions import CannotRefund
from crm.donations.models import Entry, Fund, Gift, GiftDelta
from crm.donations.operations import record_entry
from crm.donations.tributes import GiftNotPaid, dedicate
from crm.mailing.models import Mail
from crm.people.models import Change, Supporter
from tests.factories import EntryFactory, FundFactory, GiftFactory, SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once

ROSA = {"kind": "memory", "name": "Rosa", "notify_name": "Lea", "notify_email": "Lea@Example.org"}


def record(now, **changes):
    fields = {
        "key": uuid.uuid4(),
        "supporter": None,
        "person": {"given_name": "Carl", "family_name": "Cash"},
        "amount": 5000,
        "method": "cash",
        "received_on": date(2026, 3, 1),
        "at": now,
        **changes,
    }
    return record_by_hand(**fields)


@pytest.fixture
def gift(db, now):
    return record(now)


def gave_back(now, gift, amount, **changes):
    fields = {"key": uuid.uuid4(), "returned_on": date(2026, 3, 10), "at": now, **changes}
    return record_return(gift=gift, amount=amount, **fields)


def test_gift_of_somebody_without_address_makes_somebody_new_each_time(db, now):
    record(now)
    record(now)

    assert list(Supporter.objects.values_list("given_name", "email")) == [("Carl", "")] * 2


def test_same_form_at_the_same_moment_is_one_gift_from_one_person(transactional_db, now):
    key = uuid.uuid4()

    at_once(lambda _n: record(now, key=key), range(6))

    assert (Gift.objects.count(), Supporter.objects.count()) == (1, 1)
    assert AuditEntry.objects.filter(action="gift.recorded").count() == 1


def test_gift_in_kind_moves_no_money(db, now):
    gift = record(now, kind=Gift.Kind.IN_KIND, description="A van", method="other")

    assert (gift.status, gift.description, gift.amount) == ("paid", "A van", 5000)
    assert (Entry.objects.count(), GiftDelta.objects.count()) == (0, 0)
    assert list(Gift.objects.of_money()) == []
    with pytest.raises(CannotRefund):
        gave_back(now, gift, 100)


def test_legacy_is_money(db, now):
    gift = record(now, kind=Gift.Kind.LEGACY, method="bank_transfer")

    assert list(Gift.objects.of_money()) == [gift]
    assert Entry.objects.get().amount == 5000


def test_everything_that_comes_with_a_gift_is_written_with_it_or_not_at_all(db, now):
    friend, employer = SupporterFactory(), SupporterFactory(kind="organisation")
    parts = {
        "tribute": ROSA,
        "soft_credit": {"supporter": friend, "kind": "solicitor", "amount": 6000},
        "matching": {"employer": employer, "amount": 5000, "promised_on": date(2026, 3, 1)},
    }

    with pytest.raises(Exception, match="5000"):
        record(now, **parts)

    models = (Gift, Tribute, SoftCredit, MatchingGift, Mail, AuditEntry)
    assert [model.objects.count() for model in models] == [0] * 6


def test_who_is_to_be_told_gets_one_mail_that_does_not_say_how_much(db, now, settings):
    settings.ORGANISATION_NAME = "Les Amis"
    gift = record(now, tribute={**ROSA, "language": "en"})
    later = {"at": now + timedelta(days=1), "name": "Rosa Maes", "notify_email": "x@example.org"}
    dedicate(gift=gift, **{**ROSA, **later})

    run_jobs()

    (mail,) = mailbox.outbox
    assert (mail.to, mail.subject) == (["lea@example.org"], "A gift in memory of Rosa")
    assert mail.body.startswith(
        "Hello Lea,\n\nCarl Cash has made a gift to Les Amis in memory of Rosa."
    )
    assert "50" not in mail.body.partition("--")[0]
    tribute = Tribute.objects.get()
    assert (tribute.name, tribute.notify_email) == ("Rosa Maes", "lea@example.org")
    assert tribute.notified_at == now


@pytest.mark.parametrize(
    "changes", [{"is_anonymous": True}, {"person": {"email": "carl@example.org"}}]
)
def test_donor_who_is_anonymous_or_has_no_name_is_not_named(db, now, changes):
    record(now, tribute={**ROSA, "language": "en", "kind": "honour"}, **changes)

    run_jobs()

    body = mailbox.outbox[0].body
    assert "Somebody who prefers not to be named has made a gift" in body
    assert [name in body for name in ("Carl", "carl@", "Rosa")] == [False, False, True]


def test_nobody_is_told_of_a_gift_that_has_not_come(db, now):
    gift = GiftFactory(status="processing", received_on=None)

    with pytest.raises(GiftNotPaid):
        dedicate(gift=gift, at=now, **ROSA)


def test_money_given_back_is_an_entry_once_per_key(gift, now):
    key = uuid.uuid4()

    written = [gave_back(now, gift, 2000, key=key) for _ in range(2)]

    assert written == [True, False]
    entry = Entry.objects.get(kind="refund")
    assert (entry.amount, entry.day, entry.reference) == (
        -2000,
        date(2026, 3, 10),
        f"staff:{key}:refund",
    )
    assert Gift.objects.with_sums().get().net == 3000
    assert Change.objects.filter(kind="gift.refunded").count() == 1


@pytest.mark.parametrize("amount", [3001, 0, -1])
def test_more_than_is_left_cannot_go_back(gift, now, amount):
    gave_back(now, gift, 2000)

    with pytest.raises(CannotRefund) as refusal:
        gave_back(now, gift, amount)

    assert refusal.value.left == 3000
    assert Entry.objects.filter(kind="refund").count() == 1


def test_what_stripe_holds_is_not_given_back_by_hand(db, now):
    gift = GiftFactory(reference="stripe:ch_1")
    EntryFactory(gift=gift)

    with pytest.raises(CannotRefund):
        gave_back(now, gift, 100)


def test_two_returns_at_once_never_exceed_the_gift(transactional_db, now):
    gift = record(now)

    def give_back(_n):
        try:
            return gave_back(now, gift, 2000)
        except CannotRefund:
            return False

    done = at_once(give_back, range(5))

    assert sorted(done) == [False] * 3 + [True] * 2


def test_fund_is_corrected_with_a_line_in_the_trail_and_no_cent_moves(gift, now):
    fund = FundFactory(name="Shelter")

    for _ in range(2):
        correct_gift(gift=gift, fund=fund, is_anonymous=True, at=now)

    gift.refresh_from_db()
    assert (gift.fund, gift.is_anonymous, gift.amount) == (fund, True, 5000)
    entry = AuditEntry.objects.get(action="gift.corrected")
    assert entry.details == {
        "fields": ["fund", "is_anonymous"],
        "fund_before": "",
        "fund": "Shelter",
    }
    assert Change.objects.filter(kind="gift.corrected").count() == 1


@pytest.mark.parametrize("closed", ["before", "after"])
def test_nothing_leaves_or_enters_a_closed_fund(gift, now, closed):
    before, after = FundFactory(), FundFactory()
    correct_gift(gift=gift, fund=before, is_anonymous=False, at=now)
    Fund.objects.filter(pk={"before": before, "after": after}[closed].pk).update(is_open=False)
    after.refresh_from_db()

    with pytest.raises(FundClosed):
        correct_gift(gift=gift, fund=after, is_anonymous=True, at=now)

    gift.refresh_from_db()
    assert (gift.fund, gift.is_anonymous) == (before, False)


def test_sums_of_a_fund_come_from_entries_and_from_no_gift_in_kind(db, now):
    fund, other = FundFactory(), FundFactory()
    gift = record(now, fund=fund)
    record(now, fund=fund, kind=Gift.Kind.IN_KIND, description="A van")
    record(now, fund=other)
    at = datetime(2026, 3, 9, tzinfo=UTC)
    for kind, amount in [("fee", -60), ("refund", -500), ("dispute", -100), ("reversal", 100)]:
        record_entry(gift=gift, reference=kind, kind=kind, amount=amount, at=at)

    sums = sums_of([fund])

    assert sums == {fund.pk: [Sums("EUR", 5000, -500, -60)]}
    assert sums[fund.pk][0].net == 4440
