"""What follows of bounces, complaints and unsubscribes: what ends, what goes on, what does not."""

from datetime import timedelta

import pytest

from crm.campaigns.operations import confirm
from crm.mailing import outbox
from crm.mailing.events import MailEvent
from crm.mailing.models import Mail
from crm.people.addressing import add_email, change_email, make_primary
from crm.people.contact_points import EmailAddress
from crm.privacy.arriving import arrives_again
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.consenting import ask_for_consent, confirm_consent
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from crm.privacy.suppressing import suppressed
from crm.privacy.suppressions import Suppression
from tests.crm.mail_provider import SECRET, TO, WHEN, brevo, post
from tests.factories import CampaignFactory, SignatureFactory, SupporterFactory
from tests.jobs import run_jobs
from tests.mail_factories import MailFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def provider(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


@pytest.fixture
def pia():
    supporter = SupporterFactory(email=TO)
    for purpose in ("newsletter", "appeals"):
        at = WHEN - 30 * DAY
        record_consent(supporter=supporter, given=True, purpose=purpose, source="test", at=at)
    return supporter


@pytest.fixture
def mail(pia):
    return MailFactory(supporter=pia)


def hear(event, mail, at=WHEN):
    assert post("brevo", brevo(event, mail, at=at)).status_code == 200
    run_jobs()


def status(address=TO):
    return EmailAddress.objects.get(address=address).status


def held(supporter):
    states = ConsentState.objects.filter(supporter=supporter).order_by("purpose")
    return dict(states.values_list("purpose", "given"))


def may_be_mailed():
    return list(ConsentState.objects.may_be_mailed().values_list("supporter", flat=True))


def sent_now(supporter, template, now, mailoutbox):
    """Whether a mail that is written now leaves."""
    before = len(mailoutbox)
    context = {"title": "T", "slug": "t", "token": "x", "amount": "€1", "number": "2026-000001"}
    key = f"{template}:{before}"
    outbox.queue(template, key=key, to=supporter, language="en", at=now, context=context)
    run_jobs()
    return len(mailoutbox) > before


BOTH, NEITHER = {"appeals": True, "newsletter": True}, {"appeals": False, "newsletter": False}


def test_hard_bounce_ends_all_mail_to_an_address_and_no_consent(pia, mail, now, mailoutbox):
    hear("hard_bounce", mail)

    assert (status(), held(pia), may_be_mailed()) == ("bouncing", BOTH, [])
    assert suppressed([TO]) == {TO: "bounced"}
    assert not sent_now(pia, "gift_thanks", now, mailoutbox)


def test_refusal_of_an_address_that_does_not_exist_is_a_hard_bounce(mail):
    hear("invalid_email", mail)

    assert status() == "bouncing"


@pytest.mark.parametrize("event", ["soft_bounce", "blocked", "error", "delivered"])
def test_what_is_no_hard_bounce_ends_nothing(pia, mail, event):
    hear(event, mail)

    assert (status(), held(pia), may_be_mailed()) == ("good", BOTH, [pia.pk])
    assert not Suppression.objects.exists()


def test_soft_bounces_on_five_days_are_a_hard_one(mail):
    for day in range(4):
        hear("soft_bounce", mail, WHEN + day * DAY)
        hear("soft_bounce", mail, WHEN + day * DAY + timedelta(hours=1))
    before = status()
    hear("soft_bounce", mail, WHEN + 4 * DAY)

    assert (before, status()) == ("good", "bouncing")


def test_soft_bounces_long_ago_do_not_count(mail):
    for day in (0, 10, 20, 31, 40):
        hear("soft_bounce", mail, WHEN + day * DAY)

    assert status() == "good"


def test_mail_that_arrives_begins_a_new_count_also_when_it_is_told_late(mail):
    for day in (0, 1, 3, 4):
        hear("soft_bounce", mail, WHEN + day * DAY)
    hear("delivered", mail, WHEN + 2 * DAY)
    hear("soft_bounce", mail, WHEN + 5 * DAY)
    before = status()
    for day in (6, 7):
        hear("soft_bounce", mail, WHEN + day * DAY)

    assert (before, status()) == ("good", "bouncing")


def test_hard_bounce_that_is_older_than_an_arrival_changes_nothing(mail):
    hear("delivered", mail, WHEN + DAY)
    hear("hard_bounce", mail, WHEN)

    assert status() == "good"


def test_complaint_ends_marketing_and_no_receipt(pia, mail, now, mailoutbox):
    hear("spam", mail)

    assert (status(), held(pia), may_be_mailed()) == ("complained", NEITHER, [])
    assert suppressed([TO]) == {TO: "complained"}
    assert sent_now(pia, "gift_thanks", now, mailoutbox)
    assert not sent_now(pia, "already_signed", now, mailoutbox)
    said = Consent.objects.filter(source="complaint")
    assert (
        list(said.values_list("given", "evidence")) == [(False, {"mail": str(mail.public_id)})] * 2
    )


def test_unsubscribe_at_the_provider_ends_marketing_only(pia, mail, now, mailoutbox):
    hear("unsubscribe", mail)

    assert (status(), held(pia), may_be_mailed()) == ("good", NEITHER, [])
    assert set(suppressed([TO], purpose="newsletter").values()) == {"unsubscribed"}
    assert sent_now(pia, "gift_thanks", now, mailoutbox)


def test_events_again_and_in_another_order_change_nothing_more(pia, mail):
    for event in ("spam", "hard_bounce", "delivered", "unsubscribe", "spam", "hard_bounce"):
        hear(event, mail)
    said = Consent.objects.count()
    hear("soft_bounce", mail, WHEN - DAY)
    MailEvent.objects.all().delete()
    hear("spam", mail)

    assert (status(), held(pia), Consent.objects.count()) == ("bouncing", NEITHER, said)


def test_complaint_that_is_older_than_a_confirmed_yes_ends_only_the_rest(pia, mail, mailoutbox):
    ask_for_consent(
        email=TO, purpose="newsletter", wording=None, language="en", source="test", at=WHEN + DAY
    )
    confirm_consent(request=ConsentRequest.objects.get(), at=WHEN + 2 * DAY)

    hear("spam", mail, WHEN)

    assert held(pia) == {"appeals": False, "newsletter": True}
    assert (status(), may_be_mailed()) == ("good", [pia.pk])


def test_complaint_is_newer_than_an_imported_yes(pia, mail):
    record_consent(
        supporter=pia, given=True, source="import:1", said_by_supporter=False, at=WHEN + DAY
    )

    hear("spam", mail, WHEN)

    assert held(pia) == NEITHER


def test_address_is_its_present_owners_and_consents_are_of_whom_the_mail_was_for(pia, mail):
    other = SupporterFactory(email="new@example.org")
    for purpose in ("newsletter", "appeals"):
        record_consent(supporter=other, given=True, purpose=purpose, source="test", at=WHEN)
    new = add_email(supporter=pia, address="pia2@example.org", source="staff", at=WHEN)
    make_primary(email=new, at=WHEN)
    EmailAddress.objects.filter(address=TO).update(supporter=other)
    type(other).objects.filter(pk=other.pk).update(email=TO)

    hear("spam", mail, WHEN + DAY)

    assert (status(), EmailAddress.objects.get(address=TO).supporter) == ("complained", other)
    assert (held(pia), held(other), may_be_mailed()) == (NEITHER, BOTH, [])


def test_bounce_of_an_address_that_nobody_has_is_remembered_for_who_gets_it(db):
    post("brevo", brevo("hard_bounce", to="ghost@example.org"))
    run_jobs()

    assert suppressed(["ghost@example.org"]) == {"ghost@example.org": "bounced"}
    assert list(MailEvent.objects.values_list("mail", "address")) == [(None, "")]


def test_address_that_is_no_longer_theirs_stays_so(pia, mail):
    change_email(email=pia.emails.get(), status="old", at=WHEN)

    hear("hard_bounce", mail)

    assert status() == "old"


def test_answering_a_mail_of_ours_lets_an_address_be_used_again(pia, mail, now):
    signature = SignatureFactory(supporter=pia, campaign=CampaignFactory(), status="pending")
    hear("hard_bounce", mail)

    confirm(signature=signature, at=now)

    assert (status(), suppressed([TO]), may_be_mailed()) == ("good", {}, [pia.pk])


def test_answering_a_mail_does_not_undo_a_complaint(pia, mail, now):
    hear("spam", mail)
    hear("hard_bounce", mail)

    for _time in range(2):
        arrives_again(address=TO, at=now)

    assert (status(), suppressed([TO]), may_be_mailed()) == ("complained", {TO: "complained"}, [])


def test_mail_that_nobody_is_written_to_by_name_changes_the_address_only(now):
    mail = Mail.objects.create(key="x", to=TO, template="confirm_consent", language="en")

    hear("spam", mail)

    assert suppressed([TO]) == {TO: "complained"}
    assert not Consent.objects.exists()


def test_complaint_of_whom_a_donor_had_told_is_not_the_donors(pia, now):
    told = MailFactory(supporter=pia, template="tribute", to="told@example.org")

    hear("spam", told)

    assert held(pia) == {"appeals": True, "newsletter": True}
    assert suppressed(["told@example.org"], purpose="appeals") == {"told@example.org": "complained"}
