"""Mail that comes back, or is called spam, takes signatures out of the count."""

from datetime import timedelta

import pytest

from crm.audit import AuditEntry
from crm.campaigns import tallies
from crm.campaigns.counting import DayTally
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.operations import confirm
from crm.lib.periods import local_day
from crm.people.addressing import add_email, make_primary
from crm.people.models import Change
from tests.crm.mail_provider import SECRET, TO, WHEN, brevo, post
from tests.crm.signer_pages import to_confirm
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
    return SupporterFactory(email=TO)


@pytest.fixture
def mail(pia):
    return MailFactory(supporter=pia)


def signed(pia, *, counted=True, at=WHEN - DAY, **fields):
    signature = SignatureFactory(supporter=pia, signed_at=at, modified_at=at, **fields)
    return confirm(signature=signature, at=at) if counted else signature


def hear(event, mail, at=WHEN):
    assert post("brevo", brevo(event, mail, at=at)).status_code == 200
    run_jobs()


def states():
    return list(Signature.objects.order_by("pk").values_list("status", "ended"))


@pytest.mark.parametrize(("event", "why"), [("hard_bounce", "bounced"), ("spam", "complained")])
def test_bounce_and_complaint_take_out_what_counts_and_what_waits(pia, mail, event, why):
    counted, waiting = signed(pia), signed(pia, counted=False)
    tallies.fold()

    hear(event, mail)
    tallies.fold()

    assert states() == [("withdrawn", why)] * 2
    assert tallies.count(counted.campaign) == 0
    [(day, number)] = DayTally.objects.values_list("day", "number")
    assert (day, number) == (local_day(WHEN - DAY), 0)
    told = AuditEntry.objects.filter(action="signature.withdrawn").order_by("pk")
    assert list(told.values_list("subject", "by", "details")) == [
        (f"signature:{each.pk}", None, {"why": why}) for each in (counted, waiting)
    ]
    assert Change.objects.filter(kind="signature.withdrawn", supporter=pia).count() == 2


@pytest.mark.parametrize("event", ["soft_bounce", "unsubscribe", "delivered", "blocked"])
def test_nothing_else_takes_anything_out(pia, mail, event):
    signed(pia)

    hear(event, mail)

    assert states() == [("confirmed", "")]


def test_five_days_of_soft_bounces_are_a_hard_one(pia, mail):
    signed(pia)

    for day in range(5):
        hear("soft_bounce", mail, WHEN + day * DAY)

    assert states() == [("withdrawn", "bounced")]


def test_what_is_closed_or_was_not_signed_online_or_by_another_stays(pia, mail):
    ended = {"closes_at": WHEN - timedelta(hours=1)}
    signed(pia, campaign=CampaignFactory(**ended))
    signed(pia, campaign=CampaignFactory(archived_at=WHEN))
    signed(pia, way="paper")
    signed(SupporterFactory())

    hear("hard_bounce", mail)

    assert states() == [("confirmed", "")] * 4


def test_what_was_proved_after_the_event_stays(pia, mail):
    signed(pia, at=WHEN + DAY)
    signed(pia, at=WHEN + DAY, counted=False)

    hear("hard_bounce", mail)

    assert states() == [("confirmed", ""), ("pending", "")]


def test_address_that_is_only_one_of_theirs_takes_nothing_out(pia, mail):
    signed(pia)
    new = add_email(supporter=pia, address="pia2@example.org", source="staff", at=WHEN)
    make_primary(email=new, at=WHEN)

    hear("hard_bounce", mail)

    assert states() == [("confirmed", "")]


def test_complaint_of_whom_a_donor_had_told_is_not_the_donors(pia):
    signed(pia)

    hear("spam", MailFactory(supporter=pia, template="tribute", to="told@example.org"))

    assert states() == [("confirmed", "")]


def test_events_again_take_out_once(pia, mail):
    other = signed(SupporterFactory())
    mine = signed(pia, campaign=other.campaign)

    for event in ("hard_bounce", "spam", "hard_bounce"):
        hear(event, mail)

    assert (tallies.count(mine.campaign), states()[-1]) == (1, ("withdrawn", "bounced"))


def test_link_that_is_followed_after_a_bounce_proves_that_mail_arrives(client, pia, mail, now):
    signature = signed(pia, counted=False)
    hear("hard_bounce", mail)

    answer = client.post(to_confirm(signature))

    assert "/thanks/" in answer.url
    assert (states(), tallies.count(signature.campaign)) == ([("confirmed", "")], 1)


def test_link_does_not_undo_a_complaint(client, pia, mail):
    signature = signed(pia, counted=False)
    hear("spam", mail)

    assert client.post(to_confirm(signature)).status_code == 410
    assert states() == [("withdrawn", "complained")]


def test_signatures_of_an_erased_person_stay_as_they_were_counted(pia, mail):
    signature = signed(pia)
    type(pia).objects.update(erased_at=WHEN)

    hear("spam", mail)

    assert tallies.count(signature.campaign) == 1


def test_campaigns_that_are_open_are_those_that_take_signatures(now):
    soon = CampaignFactory(opens_at=now + DAY)
    closed = CampaignFactory(closes_at=now)
    forever, until = CampaignFactory(), CampaignFactory(closes_at=now + DAY)

    found = set(Campaign.objects.open(now))

    assert found == {forever, until}
    assert [each.is_open(now) for each in (soon, closed, forever, until)] == [0, 0, 1, 1]
