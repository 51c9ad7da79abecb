"""Rules of retention: what they find and do, and that nothing about people is without one."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import call_command

from crm.audit import AuditEntry
from crm.campaigns.comments import Comment
from crm.campaigns.models import Signature
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.donations.papers import Receipt, TaxIdentity
from crm.mailing.models import Mail
from crm.people.history import SupporterEvent
from crm.people.models import Supporter
from crm.people.proposals import Proposal
from crm.privacy import keeping
from crm.privacy.belongings import declared, declaring_models
from crm.privacy.retention_rules import RetentionRule, RetentionRun
from crm.programmes.enrolling import ask_to_enrol
from tests.crm.planted import Garden
from tests.factories import (
    AT,
    BankLineFactory,
    GiftFactory,
    InstalmentFactory,
    PlanFactory,
    ReceiptFactory,
    SignatureFactory,
    SupporterFactory,
    TaxIdentityFactory,
)
from tests.jobs import run_jobs, run_periodic
from tests.people_factories import ProposalFactory
from tests.training_factories import SessionFactory

pytestmark = pytest.mark.django_db
LONG_AFTER = AT.replace(year=2060)


def mail(sent_at, key="k", **fields):
    told = {"to": "sam@example.org", "template": "gift_thanks", "language": "fr"}
    return Mail.objects.create(
        key=key, queued_at=sent_at, sent_at=sent_at, context={"name": "Sam"}, **told | fields
    )


def is_reached(model):
    """Whether something ends the keeping of a model's rows, or they say why they stay."""
    data = declared(model)
    ended = hasattr(model, "retention") or data.is_accounting
    emptied = data.erase or data.drop is not None  # with the person, whom a rule forgets
    return bool(ended or emptied or data.proof)


def test_every_model_about_people_has_an_end_or_says_why_not():
    endless = {model._meta.label for model in declaring_models() if not is_reached(model)}

    assert endless == set()


def test_rules_of_one_name_say_the_same():
    for rule in keeping.rules():
        said = {
            (part.declared.title, part.declared.months, part.declared.is_on, part.declared.least)
            for part in rule.parts
        }

        assert len(said) == 1, rule.key


def test_every_rule_empties_only_fields_that_an_erasure_may_empty_too():
    for rule in keeping.rules():
        for part in rule.parts:
            fields = {field.name for field in part.model._meta.concrete_fields}

            assert set(part.declared.empty) <= fields, rule.key


def test_after_every_rule_nothing_is_due_in_any_table():
    Garden().plant_all()
    found = {rule.key: keeping.number_due(rule, LONG_AFTER) for rule in keeping.rules()}

    for rule in keeping.rules():
        keeping.carry_out(rule, LONG_AFTER)

    left = {rule.key: keeping.number_due(rule, LONG_AFTER) for rule in keeping.rules()}
    assert left == dict.fromkeys(found, 0)
    assert sum(found.values()) > len(found)


def test_mails_are_emptied_after_their_term_and_stay_as_rows(now):
    old, new = mail(now - timedelta(days=740)), mail(now - timedelta(days=700), key="new")

    number = keeping.carry_out(keeping.rule("mails"), now)

    old.refresh_from_db()
    new.refresh_from_db()
    assert (number, old.to, old.context) == (1, "", {})
    assert (new.to, new.context) == ("sam@example.org", {"name": "Sam"})


def test_mail_that_still_waits_is_never_emptied(now):
    waiting = mail(now - timedelta(days=900), key="waiting")
    Mail.objects.update(sent_at=None)

    number = keeping.carry_out(keeping.rule("mails"), now)

    waiting.refresh_from_db()
    assert (number, waiting.to) == (0, "sam@example.org")


def test_second_run_finds_nothing(now):
    mail(now - timedelta(days=740))
    keeping.carry_out(keeping.rule("mails"), now)

    assert keeping.carry_out(keeping.rule("mails"), now) == 0
    assert list(RetentionRun.objects.order_by("pk").values_list("rows", flat=True)) == [1, 0]


def test_work_goes_in_steps_and_all_of_it_is_done(now):
    for number in range(5):
        mail(now - timedelta(days=740), key=str(number))

    counts = list(keeping.steps(keeping.rule("mails").parts[0], now, now, 2))

    assert counts == [2, 2, 1]
    assert Mail.objects.exclude(to="").count() == 0


def test_what_was_done_before_something_failed_is_noted(now, monkeypatch):
    for number in range(3):
        mail(now - timedelta(days=740), key=str(number))
    take, calls = keeping.take, []

    def breaks(*args):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError
        return take(*args)

    monkeypatch.setattr(keeping, "take", breaks)

    with pytest.raises(RuntimeError):
        keeping.carry_out(keeping.rule("mails"), now, step=2)

    assert RetentionRun.objects.get().rows == 2


def test_unconfirmed_signature_goes_with_its_comment_and_confirmed_ones_stay(now):
    old = SignatureFactory(signed_at=now - timedelta(days=90))
    Comment.objects.create(signature=old, text="Yes.")
    kept = SignatureFactory(
        signed_at=now - timedelta(days=90), status="confirmed", confirmed_at=now
    )

    keeping.carry_out(keeping.rule("unconfirmed_signatures"), now)

    assert (list(Signature.objects.all()), Comment.objects.count()) == ([kept], 0)


def test_who_asks_again_has_the_term_of_their_new_mail_to_confirm(campaign, now):
    then = now - timedelta(days=90)
    person = {"email": "pia@example.org", "given_name": "Pia", "family_name": "P", "language": "fr"}
    home = {"postcode": "", "country": "", "trail": Trail()}
    session = SessionFactory(is_public=True, begins_at=AT + timedelta(days=200))
    for at in (then, now - timedelta(days=3)):
        sign(campaign=campaign, **person, **home, at=at)
        ask_to_enrol(session=session, **person, at=at)

    numbers = [
        keeping.carry_out(keeping.rule(key), now)
        for key in ("unconfirmed_signatures", "pending_enrolments")
    ]

    assert numbers == [0, 0]


def test_comment_of_a_withdrawn_signature_is_emptied(now):
    gone = SignatureFactory(status="withdrawn", modified_at=now - timedelta(days=40))
    stands = SignatureFactory(
        status="confirmed", confirmed_at=now, modified_at=now - timedelta(days=40)
    )
    for signature in (gone, stands):
        Comment.objects.create(signature=signature, text="Yes.")

    keeping.carry_out(keeping.rule("comments"), now)

    told = dict(Comment.objects.values_list("signature", "text"))
    assert told == {gone.pk: "", stands.pk: "Yes."}


def test_history_is_deleted_after_its_term(now):
    supporter = SupporterFactory()
    Supporter.objects.filter(pk=supporter.pk).update(given_name="Samuel")
    Supporter.objects.filter(pk=supporter.pk).update(given_name="Samira")
    oldest = SupporterEvent.objects.order_by("pk").first()
    SupporterEvent.objects.filter(pk=oldest.pk).update(pgh_created_at=now - timedelta(days=1100))

    keeping.carry_out(keeping.rule("history"), now)

    assert [event.given_name for event in SupporterEvent.objects.all()] == ["Samuel"]


def test_names_leave_the_accounts_when_the_law_lets_them():
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    free = ReceiptFactory(issued_at=datetime(2018, 12, 31, 20, tzinfo=UTC))
    kept = ReceiptFactory(issued_at=datetime(2019, 1, 2, tzinfo=UTC))
    line = BankLineFactory(booked_on=date(2018, 12, 31), payer_name="Sam", communication="Gift")

    keeping.carry_out(keeping.rule("accounts"), moment)

    line.refresh_from_db()
    names = dict(Receipt.objects.values_list("pk", "donor_name"))
    assert names == {free.pk: "", kept.pk: "Sam Supporter"}
    assert (line.payer_name, line.communication, line.amount) == ("", "", 2437)


def test_accounts_are_never_kept_shorter_than_the_law_says(settings, now):
    settings.ACCOUNTS_KEPT = {1900: 10}
    receipt = ReceiptFactory(issued_at=datetime(2017, 6, 1, tzinfo=UTC))

    keeping.carry_out(keeping.rule("accounts"), now)

    receipt.refresh_from_db()
    assert receipt.donor_name == "Sam Supporter"


def test_tax_data_of_who_still_gives_is_kept(now):
    years_ago = datetime(2020, 6, 1, tzinfo=UTC)
    identities = TaxIdentityFactory.create_batch(4, given_at=years_ago)
    gives, pledged, promised, _gone = identities
    GiftFactory(supporter=gives.supporter, given_at=now - timedelta(days=30))
    PlanFactory(supporter=pledged.supporter, status="paused")
    InstalmentFactory(pledge__supporter=promised.supporter)

    number = keeping.carry_out(keeping.rule("tax_identities"), now)

    assert (number, set(TaxIdentity.objects.all())) == (1, {gives, pledged, promised})


def test_decided_proposals_go_and_open_ones_stay(now):
    waits = ProposalFactory()
    ProposalFactory(value="Sami", state="declined", decided_at=now - timedelta(days=400))

    keeping.carry_out(keeping.rule("proposals"), now)

    assert list(Proposal.objects.all()) == [waits]


def test_trail_of_staff_goes_but_not_that_this_is_a_demo(now):
    old = now - timedelta(days=4000)
    for action in ("supporter.corrected", "demo.loaded"):
        AuditEntry.objects.create(action=action, subject="supporter:1", at=old)

    keeping.carry_out(keeping.rule("audit"), now)

    assert [entry.action for entry in AuditEntry.objects.all()] == ["demo.loaded"]


def test_staff_decide_how_long_and_it_is_in_the_trail(staff, now):
    by = staff()

    keeping.decide(key="mails", months=6, is_on=False, by=by, at=now)

    rule, entry = keeping.rule("mails"), AuditEntry.objects.get()
    assert (rule.months, rule.is_on, rule.decided.changed_by) == (6, False, by)
    assert (entry.action, entry.by) == ("retentionrule.changed", by)
    assert entry.details == {"months": 6, "is_on": False, "rule": "mails"}


@pytest.mark.parametrize(
    ("key", "months"), [("accounts", 83), ("mails", 0), ("inactive", 11), ("mails", 601)]
)
def test_term_out_of_bounds_is_refused(now, key, months):
    with pytest.raises(keeping.OutOfBounds):
        keeping.decide(key=key, months=months, is_on=True, by=None, at=now)

    assert RetentionRule.objects.count() == 0


def test_rule_that_nobody_declares_is_refused(now):
    with pytest.raises(keeping.NoSuchRule):
        keeping.decide(key="everything", months=12, is_on=True, by=None, at=now)


def test_every_night_the_rules_that_are_on_are_carried_out():
    mail(AT.replace(year=2010))
    keeping.decide(key="exports", months=36, is_on=False, by=None, at=AT)

    run_periodic("privacy.keep_rules")
    run_periodic("privacy.keep_rules")  # what waits already is not queued twice
    names = run_jobs()

    ran = set(RetentionRun.objects.values_list("key", flat=True))
    assert ran == {rule.key for rule in keeping.rules() if rule.is_on}
    assert len(names) == len(ran)
    assert Mail.objects.get().to == ""


def test_command_shows_first_and_deletes_only_when_told_to(capsys):
    mail(AT.replace(year=2010))

    call_command("retention")
    before = Mail.objects.get().to
    call_command("retention", for_real=True)

    printed = capsys.readouterr().out
    assert (before, Mail.objects.get().to) == ("sam@example.org", "")
    assert "mails: 24 months, on, 1 due" in printed
    assert "mails: 1 done" in printed
    assert "inactive: 60 months, off, 0 due" in printed
