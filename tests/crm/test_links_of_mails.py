"""Mail scanners open every link of every mail, in any order and twice: that changes no row.

The mails come from what really happens where that can be made to happen here; the links of the
others are made as the operations make them. A new kind of mail is caught.
"""

import html
import random
import re
import uuid

import pytest
from django.db import connection
from django.utils import timezone

from crm.campaigns import operations, signing
from crm.campaigns.sources import Trail
from crm.donations import receipts
from crm.donations.farewell import let_go
from crm.mailing import outbox
from crm.mailing.kinds import BY_TEMPLATE, KINDS, sample_of, scope_of
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.privacy import requesting
from crm.privacy.consenting import ask_for_consent
from crm.programmes import telling
from crm.public import donor_link
from payments.failures import card_path, give_path
from tests.crm.pia import PIA
from tests.factories import (
    CampaignTextFactory,
    GiftFactory,
    PlanFactory,
    SupporterFactory,
    WordingFactory,
)
from tests.jobs import run_jobs
from tests.training_factories import EnrolmentFactory, TrainingFactory

pytestmark = pytest.mark.django_db
SITE = "https://give.example.org"
LINK = re.compile(rf'{SITE}(/[^\s"<>]*)')
HREF = re.compile(r'href="(/[^"#]*)')
NOBODYS = ("/static/", "/staff/", "/accounts/", "/i18n/")
WORKS, SIGN_IN = 200, 302


@pytest.fixture
def sent(client, campaign, mailoutbox, settings):
    """One mail of every kind at least, as it left."""
    settings.SITE_URL = SITE
    at = timezone.now()
    CampaignTextFactory(campaign=campaign)
    sign_twice(campaign, at)
    ask_for_everything(at)
    take_part(at)
    fail_to_pay(at)
    run_jobs()
    known = set(Mail.objects.values_list("template", flat=True))
    for kind in KINDS:
        if kind.template not in known:
            about = {"to": SupporterFactory(), "language": "en", "at": at, "key": kind.template}
            outbox.queue(kind.template, context=sample_of(kind, "en"), **about)
    run_jobs()
    return mailoutbox


def sign_twice(campaign, at):
    words = {"campaign": campaign, "language": "en", "trail": Trail(), "at": at}
    newsletter = WordingFactory()
    signing.sign(**PIA | {"email": "new@example.org"} | words, newsletter=newsletter)
    operations.confirm(signature=signing.sign(**PIA | words), at=at)
    signing.sign(**PIA | words)


def ask_for_everything(at):
    box = {"purpose": "newsletter", "wording": WordingFactory(), "language": "en"}
    box |= {"source": "newsletter page", "at": at}
    ask_for_consent(email="ask@example.org", **box)
    ask_for_consent(
        email="child@example.org", parent_name="Ann", parent_email="ann@example.org", **box
    )
    donor = SupporterFactory(language="en")
    receipts.thank(gift_id=GiftFactory(supporter=donor).pk, at=at)
    donor_link.send(supporter_id=donor.pk, language="en", at=at)
    request = requesting.ask(
        supporter=donor, kind="access", source="own page", language="en", at=at
    )
    requesting.begin(request=request, at=at)
    gone = SupporterFactory(language="en")
    let_go(supporter=gone, end_plans=False, language="en", key=uuid.uuid4(), at=at)


def take_part(at):
    enrolment = EnrolmentFactory(supporter=SupporterFactory(language="en"))
    telling.ask_to_confirm(enrolment, to=enrolment.supporter.email, language="en", at=at)
    for kind in KINDS:
        if kind.link == "training_leave_link":
            telling.tell(enrolment, kind.template, key="test", at=at)
    TrainingFactory()


def fail_to_pay(at):
    plan = PlanFactory(reference="stripe:sub_test")
    paths = {
        "card_path": card_path(plan, language="en"),
        "give_path": give_path(plan, language="en"),
    }
    context = sample_of(BY_TEMPLATE["payment_failed"], "en") | paths
    for has_ended in (False, True):
        about = {"to": plan.supporter, "language": "en", "at": at, "key": f"failed:{has_ended}"}
        outbox.queue("payment_failed", context=context | {"has_ended": has_ended}, **about)


def links_of(mails):
    """Every address of our site in all mails: text, HTML and headers."""
    texts = [
        text
        for mail in mails
        for text in (
            mail.body,
            *(html.unescape(alternative.content) for alternative in mail.alternatives),
            *mail.extra_headers.values(),
        )
    ]
    return sorted({link for text in texts for link in LINK.findall(text)})


def fingerprint():
    """The number of rows of each table, and a hash of what stands in them."""
    with connection.cursor() as cursor:
        return {name: contents(cursor, name) for name in connection.introspection.table_names()}


def contents(cursor, name):
    quoted = connection.ops.quote_name(name)
    cursor.execute(
        f"SELECT count(*), md5(string_agg(row::text, '' ORDER BY row::text)) FROM {quoted} row"
    )
    return cursor.fetchone()


def changed(before, after):
    return {name for name in before if before[name] != after[name]}


def test_following_every_link_of_every_mail_in_any_order_changes_no_row(client, sent):
    links = links_of(sent)
    before = fingerprint()

    for seed in range(3):
        random.Random(seed).shuffle(links)
        for link in links:
            answers = [client.head(link), client.get(link)]
            expected = SIGN_IN if link.startswith("/staff/") else WORKS
            assert [answer.status_code for answer in answers] == [expected] * 2, link

    assert changed(before, fingerprint()) == set()
    # And the reader can still do what a link is for.
    to_new = [mail for mail in sent if mail.to == ["new@example.org"]]
    [confirm] = [link for link in links_of(to_new) if link.startswith("/en/confirm/")]
    client.post(confirm)
    assert Supporter.objects.with_email("new@example.org").get().consents.get().given


def test_following_the_links_of_those_pages_too_changes_no_row(client, sent):
    pages = [link for link in links_of(sent) if not link.startswith("/staff/")]
    before = fingerprint()

    for page in pages:
        found = set(HREF.findall(html.unescape(client.get(page).content.decode())))
        for link in sorted(link for link in found if not link.startswith(NOBODYS)):
            assert client.get(link).status_code in (200, 302), link

    assert changed(before, fingerprint()) == set()


def test_every_kind_of_mail_is_here_and_has_the_headers_exactly_when_its_scope_says_so(sent):
    templates = dict(Mail.objects.values_list("public_id", "template"))

    told = {
        templates[uuid.UUID(mail.extra_headers["Message-ID"][1:37])]: [
            name for name in mail.extra_headers if name.startswith("List-")
        ]
        for mail in sent
    }

    assert Mail.objects.filter(sent_at=None).count() == 0
    both = ["List-Unsubscribe", "List-Unsubscribe-Post"]
    assert told == {name: both if scope_of(name) == "other" else [] for name in BY_TEMPLATE}
