"""Erasing a person: nothing that names them is left anywhere, but in the accounts."""

import uuid

import pytest
from django.apps import apps
from django.db import connection

from crm.audit import AuditEntry
from crm.donations.credits import Tribute
from crm.donations.farewell import StillGiving, let_go
from crm.donations.instructions import CannotInstruct, Instruction
from crm.donations.models import Gift, Plan
from crm.donations.papers import Receipt, TaxCertificate
from crm.donations.tributes import dedicate
from crm.mailing.models import Attachment, Mail
from crm.people.models import Change, Identifier, Supporter
from crm.privacy.erasure import erase
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from crm.privacy.retention import kept_until
from payments.models import Checkout
from tests.crm.donor_page import page_of
from tests.crm.person import EMAIL, TELLING, zelda
from tests.factories import GiftFactory, PlanFactory, SupporterFactory, WordingFactory
from tests.jobs import next_job, run_jobs

pytestmark = pytest.mark.django_db


def tables_that_name(texts):
    """Every table that holds one of these texts in any column, also as bytes; but the accounts."""
    patterns = [f"%{text}%" for text in texts] + [f"%{text.encode().hex()}%" for text in texts]
    kept = {
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "personal_data", None) and model.personal_data.is_accounting
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {name for (name,) in cursor.fetchall()} - kept
        return {table for table in tables if names(cursor, table, patterns)}


def names(cursor, table, patterns):
    cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE ANY(%s)', [patterns])
    return cursor.fetchone()[0] > 0


def leave(who, now, **fields):
    let_go(supporter=who, end_plans=True, language="en", key=uuid.uuid4(), at=now, **fields)


def confirm(client, who, **fields):
    path = page_of(who, "erase/")
    return client.post(path, {"key": str(uuid.uuid4()), **fields})


def test_nothing_names_the_person_any_more(now, mailoutbox):
    who = zelda()
    before = tables_that_name([*TELLING, EMAIL])

    leave(who, now)
    waiting = tables_that_name([*TELLING, EMAIL])
    drop_jobs_of_payments()
    run_jobs()

    assert {"crm_supporter", "crm_mail", "crm_attachment", "crm_taxidentity"} < before
    assert {"crm_batchrow", "crm_comment", "crm_identifier", "payments_checkout"} < before
    assert waiting == {"crm_mail"}
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([EMAIL], "You are erased")]
    assert tables_that_name([*TELLING, EMAIL, "quixworth"]) == set()


def drop_jobs_of_payments():
    """Stripe is not there to be told."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name LIKE 'payments.%'")


def test_accounts_keep_what_was_given_and_the_papers_made_out_for_it(now):
    who = zelda()

    erase(supporter=who, at=now)

    assert Gift.objects.get(supporter=who).amount == 2500
    assert Receipt.objects.get(supporter=who).donor_name == "Zeldarine Quixworth"
    assert TaxCertificate.objects.get(supporter=who).street == "Rue Zygomar 7"


def test_erasure_is_dated_told_to_the_feed_and_to_the_audit_trail(now):
    who = zelda()
    merged = Supporter.objects.get(merged_into=who)

    assert erase(supporter=who, at=now) is True

    who.refresh_from_db()
    merged.refresh_from_db()
    assert (who.erased_at, who.modified_at, merged.erased_at) == (now, now, now)
    assert str(who) == f"#{who.pk}"
    assert Change.objects.filter(supporter=who).latest("pk").kind == "erased"
    entry = AuditEntry.objects.get(action="supporter.erased")
    assert (entry.subject, entry.details) == (f"supporter:{who.pk}", {})


def test_erasing_twice_changes_nothing_more(now):
    who = zelda()
    erase(supporter=who, at=now)
    changes = Change.objects.count()

    assert erase(supporter=who, at=now.replace(year=2027)) is False

    who.refresh_from_db()
    assert (who.erased_at, Change.objects.count()) == (now, changes)


def test_erased_say_no_to_the_newsletter_and_cannot_say_yes_again(now):
    who = zelda()

    erase(supporter=who, at=now)
    agreed = record_consent(
        supporter=who, given=True, source="late", wording=WordingFactory(), at=now
    )

    assert agreed is False
    assert [consent.given for consent in Consent.objects.order_by("pk")] == [True, False]
    assert ConsentState.objects.get().given is False


@pytest.mark.parametrize("is_sent", [True, False])
def test_who_was_told_of_a_gift_of_others_is_forgotten_there_too(now, mailoutbox, is_sent):
    who = SupporterFactory(email="lea@quixworth.example.org")
    gift, other = GiftFactory(), GiftFactory()
    told = {"kind": "memory", "name": "Rosa", "at": now}
    dedicate(gift=gift, notify_name="Lea Quixworth", notify_email=who.email, **told)
    dedicate(gift=other, notify_name="Jan", notify_email="jan@example.org", **told)
    if is_sent:
        run_jobs()

    leave(who, now)
    run_jobs()

    assert tables_that_name(["quixworth"]) == set()
    assert Tribute.objects.get(gift=gift).name == "Rosa"
    assert Tribute.objects.get(gift=other).notify_email == "jan@example.org"
    notices = [mail.to for mail in mailoutbox if "Rosa" in mail.subject]
    assert sorted(notices) == [["jan@example.org"]] + [[who.email]] * is_sent


def test_others_keep_what_is_theirs(now):
    other = SupporterFactory(given_name="Zeldarine")
    gift = GiftFactory(supporter=other)
    identifier = Identifier.objects.create(supporter=other, system="iban", value="BE1")

    erase(supporter=zelda(), at=now)

    other.refresh_from_db()
    assert (other.given_name, other.erased_at) == ("Zeldarine", None)
    assert Gift.objects.get(pk=gift.pk).supporter == other
    assert Identifier.objects.filter(pk=identifier.pk).exists()


def test_signatures_stay_counted_and_those_never_confirmed_go(now):
    who = zelda()

    erase(supporter=who, at=now)

    assert [signature.status for signature in who.signatures.all()] == ["confirmed"]


def test_mails_that_wait_are_dropped_and_those_sent_are_emptied(now):
    who = zelda()

    erase(supporter=who, at=now)

    [sent] = who.mails.all()
    assert (sent.to, sent.context, sent.sent_at is None) == ("", {}, False)
    assert [bytes(file.content) for file in Attachment.objects.all()] == [b""]


def test_payment_under_way_still_finds_its_way_to_the_accounts(now):
    who = zelda()

    erase(supporter=who, at=now)

    checkout = Checkout.objects.get(state=Checkout.State.OPEN)
    assert (checkout.supporter, checkout.email) == (who, "")


def test_last_word_forgets_its_address_when_it_can_never_be_sent(now, monkeypatch):
    erase_and_fail = SupporterFactory(email="gone@example.org")
    leave(erase_and_fail, now)
    Mail.objects.update(attempts=7)
    monkeypatch.setattr("crm.mailing.delivery.compose", lambda mail: 1 / 0)

    run_jobs()

    mail = Mail.objects.get()
    assert (mail.to, mail.given_up_at is None) == ("", False)


def test_somebody_without_an_address_gets_no_last_word(now):
    leave(SupporterFactory(email=""), now)

    assert Mail.objects.count() == 0


def test_regular_gift_is_ended_first(now):
    who = SupporterFactory()
    plan = PlanFactory(supporter=who, reference="stripe:sub_1")
    PlanFactory(supporter=who, reference="stripe:sub_2", status=Plan.Status.ENDED)

    leave(who, now)

    instruction = Instruction.objects.get()
    assert (instruction.plan, instruction.kind, instruction.state) == (plan, "cancel", "waiting")
    assert next_job()[0] == "payments.carry_out"


def test_who_still_gives_is_not_erased_unless_that_ends_too(now):
    who = SupporterFactory()
    PlanFactory(supporter=who, reference="stripe:sub_1")

    with pytest.raises(StillGiving):
        let_go(supporter=who, end_plans=False, language="en", key=uuid.uuid4(), at=now)

    who.refresh_from_db()
    assert who.erased_at is None


def test_who_has_a_regular_gift_that_cannot_be_ended_is_not_erased(now):
    who = SupporterFactory()
    PlanFactory(supporter=who, reference="paper:1")

    with pytest.raises(CannotInstruct):
        leave(who, now)

    who.refresh_from_db()
    assert who.erased_at is None


def test_page_erases_once_it_is_confirmed_and_its_link_opens_no_more(client, mailoutbox):
    who = SupporterFactory(email="dora@example.org")
    path = page_of(who)

    looked = client.get(path + "erase/")
    answer = confirm(client, who, sure="on")
    meanwhile = client.get(path + "erase/")
    run_jobs()

    assert looked.status_code == 200
    assert (answer.status_code, answer.url) == (302, "/en/me/erased/")
    assert client.get(answer.url).status_code == 200
    assert (looked.context["is_leaving"], meanwhile.context["is_leaving"]) == (False, True)
    assert client.get(path).status_code == 410
    assert confirm(client, who, sure="on").status_code == 410
    assert [mail.to for mail in mailoutbox] == [["dora@example.org"]]


def test_page_does_not_erase_without_the_ticked_box(client):
    who = SupporterFactory()

    answer = confirm(client, who)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["sure"])
    who.refresh_from_db()
    assert who.erased_at is None


def test_page_of_who_gives_regularly_asks_to_end_that_too(client):
    who = SupporterFactory()
    PlanFactory(supporter=who, reference="stripe:sub_1")

    refused = confirm(client, who, sure="on")
    done = confirm(client, who, sure="on", end_plans="on")

    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["end_plans"])
    assert done.status_code == 302
    assert Instruction.objects.get().kind == "cancel"


def test_page_says_so_when_the_regular_gift_cannot_be_ended_from_here(client):
    who = SupporterFactory()
    PlanFactory(supporter=who, reference="paper:1")

    answer = confirm(client, who, sure="on", end_plans="on")

    assert answer.status_code == 422
    assert "Nothing was erased" in answer.content.decode()


def test_page_says_until_when_the_accounts_are_kept(client):
    donor = GiftFactory().supporter

    pages = [client.get(page_of(who, "erase/")) for who in (donor, SupporterFactory())]

    assert "Dec. 31, 2033" in pages[0].content.decode()
    assert [page.context["kept_until"] is None for page in pages] == [False, True]


def test_how_long_accounts_are_kept_depends_on_their_year(settings):
    settings.ACCOUNTS_KEPT = {1900: 7, 2027: 10}

    assert [kept_until(year).isoformat() for year in (2026, 2027)] == ["2033-12-31", "2037-12-31"]
