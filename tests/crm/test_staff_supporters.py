"""Finding supporters, reading all of one, and correcting how they are reached."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from crm import audit
from crm.access import Role
from crm.audit import AuditEntry
from crm.campaigns.operations import confirm
from crm.campaigns.signing import sign
from crm.campaigns.sources import Trail
from crm.donations import receipts
from crm.donations.models import Entry
from crm.donations.operations import record_entry, record_gift
from crm.people.addressing import add_address
from crm.people.models import Supporter
from crm.privacy.operations import record_consent
from tests.factories import (
    CampaignTextFactory,
    EntryFactory,
    GiftFactory,
    PlanFactory,
    SignatureFactory,
    SupporterFactory,
    WordingFactory,
)

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/supporter/"


def page_of(supporter):
    return reverse("admin:crm_supporter_change", args=[supporter.pk])


@pytest.fixture
def administrator(client, staff):
    user = staff(Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def found(client, query):
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return [supporter.given_name for supporter in answer.context["cl"].result_list]


@pytest.mark.parametrize(
    "text", ["Hélène", "helene", "HELENE d", "d'hond", "h.dhondt@example.org", "5000", "dhondt"]
)
def test_search_finds_a_name_an_address_or_a_postcode(client, administrator, text):
    SupporterFactory(given_name="Tom", family_name="Maes", postcode="1000")
    SupporterFactory(
        given_name="Hélène", family_name="D'Hondt", postcode="5000", email="h.dhondt@example.org"
    )

    assert found(client, f"q={text}") == ["Hélène"]


def test_list_shows_the_newest_first_and_neither_merged_nor_erased(client, administrator, now):
    old = SupporterFactory(given_name="Old")
    SupporterFactory(given_name="New", created_at=now)
    SupporterFactory(given_name="Merged", merged_into=old)
    SupporterFactory(given_name="Erased", erased_at=now)

    assert found(client, "") == ["New", "Old"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("given=yes", ["Giver"]),
        ("given=no", ["Reader", "French", "Failed"]),
        ("newsletter=yes", ["Reader"]),
        ("country=FR", ["French"]),
        ("language__exact=nl", ["Reader"]),
        ("country=BE&given=yes&newsletter=yes", []),
    ],
)
def test_filters_narrow_the_list(client, administrator, now, query, names):
    GiftFactory(supporter__given_name="Failed", status="failed", received_on=None)
    SupporterFactory(given_name="French", country="FR")
    reader = SupporterFactory(given_name="Reader", language="nl")
    record_consent(supporter=reader, given=True, source="paper", at=now)
    GiftFactory(supporter__given_name="Giver")

    assert found(client, query) == names


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_as_many_queries_for_three_as_for_one(
    client, administrator, now, number, django_assert_num_queries
):
    for supporter in SupporterFactory.create_batch(number):
        record_consent(supporter=supporter, given=True, source="paper", at=now)
    client.get(LIST)  # whether this is a demo is asked once a minute

    with django_assert_num_queries(9):
        client.get(LIST)


@pytest.mark.parametrize("number", [1, 3])
def test_profile_takes_as_many_queries_for_three_of_each_as_for_one(
    client, administrator, now, campaign, number, django_assert_num_queries
):
    supporter = SupporterFactory()
    for _ in range(number):
        EntryFactory(gift=GiftFactory(supporter=supporter, campaign=campaign))
        PlanFactory(supporter=supporter, campaign=campaign)
        record_consent(
            supporter=supporter, given=True, source="x", at=now, wording=WordingFactory()
        )
    client.get(page_of(supporter))

    with django_assert_num_queries(59):
        client.get(page_of(supporter))


@pytest.fixture
def pia(campaign, now):
    """Somebody who signed, gave, changed her mind and was corrected."""
    CampaignTextFactory(campaign=campaign, language="fr")
    signature = sign(
        campaign=campaign,
        email="pia@example.org",
        given_name="Pia",
        family_name="Peeters",
        postcode="2000",
        country="BE",
        language="fr",
        trail=Trail(utm_source="facebook"),
        at=now.replace(day=1),
        newsletter=WordingFactory(version=7, text="Oui, écrivez-moi."),
        comment="Pour eux.",
    )
    confirm(signature=signature, at=now.replace(day=2))
    supporter = signature.supporter
    gift = record_gift(
        reference="test:1",
        supporter=supporter,
        amount=2500,
        currency="EUR",
        method="card",
        status="paid",
        given_at=now.replace(day=3),
        at=now.replace(day=3),
        campaign=campaign,
        thank=False,
    )
    record_entry(gift=gift, reference="f", kind="fee", amount=-63, at=now.replace(day=3))
    record_consent(supporter=supporter, given=False, source="mail:1", at=now.replace(day=4))
    receipts.issue(gift=gift, at=now.replace(day=5))
    return supporter


def test_timeline_tells_everything_newest_first_with_its_source(client, administrator, pia):
    events = client.get(page_of(pia), headers={"accept-language": "en"}).context["events"]

    told = [(event.at.day, event.title, event.source) for event in events]
    title = pia.signatures.get().campaign.text("en").title
    assert told == [
        (4, "Consent withdrawn: newsletter", "by a link in a mail"),
        (3, "Gift of €25", ""),
        (2, "Mail: Thanks for signing", "Soutien"),
        (2, f"Signed “{title}”", "Facebook"),
        (2, "Agreed: newsletter", "when signing"),
        (1, "Mail: request to confirm a signature", "Soutien"),
        (1, "Recorded for the first time", "when signing"),
    ]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([False], ["Refused"]),
        ([True, False], ["Agreed", "Consent withdrawn"]),
        ([True, False, False], ["Agreed", "Consent withdrawn", "Refused"]),
        ([False, True], ["Refused", "Agreed"]),
    ],
)
def test_timeline_tells_a_refusal_from_a_consent_taken_back(
    client, administrator, now, answers, told
):
    supporter = SupporterFactory()
    for number, given in enumerate(answers, 1):
        at = now.replace(day=number)
        record_consent(supporter=supporter, given=given, source="x", at=at)

    events = client.get(page_of(supporter), headers={"accept-language": "en"}).context["events"]

    assert [event.title for event in reversed(events)] == [f"{word}: newsletter" for word in told]


@pytest.mark.parametrize(
    ("kind", "is_confirmed", "told"),
    [
        ("petition", True, ("Signed “Stop child trafficking”", ("confirmed",))),
        ("petition", False, ("Signed “Stop child trafficking”, not yet confirmed", ())),
        ("sign-up", True, ("Joined “Stop child trafficking”", ("confirmed",))),
        ("sign-up", False, ("Joined “Stop child trafficking”, not yet confirmed", ())),
    ],
)
def test_timeline_tells_signing_from_joining_and_whether_it_was_confirmed(
    client, administrator, now, kind, is_confirmed, told
):
    text = CampaignTextFactory(campaign__kind=kind)
    signature = SignatureFactory(campaign=text.campaign)
    if is_confirmed:
        confirm(signature=signature, at=now)

    page = client.get(page_of(signature.supporter), headers={"accept-language": "en"})

    events = [event for event in page.context["events"] if event.kind == "signature"]
    assert [(event.title, event.details) for event in events] == [told]


def test_timeline_shows_the_wording_the_comment_and_the_net_of_a_gift(client, administrator, pia):
    events = client.get(page_of(pia), headers={"accept-language": "en"}).context["events"]

    quoted = {event.kind: event for event in events if event.quote}
    consent, signature = quoted["consent"], quoted["signature"]
    gift = next(event for event in events if event.kind == "gift")
    assert (consent.quote, consent.details) == ("Oui, écrivez-moi.", ("wording 7 (en)",))
    assert signature.quote == "Pour eux."
    assert gift.details[-1] == "net €24.37"
    assert gift.receipt == reverse("admin:crm_gift_receipt", args=[pia.gifts.get().pk])


def test_totals_count_what_was_given_and_not_what_went_back(client, administrator, pia, now):
    gift = pia.gifts.get()
    record_entry(gift=gift, reference="r", kind=Entry.Kind.REFUND, amount=-1000, at=now)

    giving = client.get(page_of(pia), headers={"accept-language": "en"}).context["giving"]

    assert (giving["number"], giving["total"]) == (1, "€15")


def test_who_may_not_see_money_sees_no_amount(client, staff, pia):
    user = staff(Role.CAMPAIGNER)
    user.user_permissions.add(Permission.objects.get(codename="view_gift"))
    client.force_login(user)

    page = client.get(page_of(pia), headers={"accept-language": "en"})

    assert page.context["giving"] is None
    assert "€" not in page.content.decode()
    assert [event.title for event in page.context["events"] if event.kind == "gift"] == ["Gift"]


def test_campaigner_sees_no_gift_at_all(client, staff, pia):
    client.force_login(staff(Role.CAMPAIGNER))

    events = client.get(page_of(pia)).context["events"]

    assert {event.kind for event in events} == {"signature", "consent", "mail", "change"}


def test_receipt_is_the_same_pdf_that_was_sent(client, administrator, pia):
    gift = pia.gifts.get()

    answer = client.get(reverse("admin:crm_gift_receipt", args=[gift.pk]))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content == receipts.pdf(gift.receipts.get())


def test_page_of_a_merged_supporter_leads_to_the_one_they_are_now(client, administrator):
    current = SupporterFactory()
    merged = SupporterFactory(merged_into=current)

    assert client.get(page_of(merged)).url == page_of(current)


def test_unknown_supporter_is_not_found(client, administrator):
    assert client.get("/staff/crm/supporter/0/change/").status_code == 404
    assert client.get("/staff/crm/supporter/abc/change/").status_code == 404


CONTACT = {
    "kind": "person",
    "given_name": "Ann",
    "family_name": "Maes",
    "language": "nl",
    "postcode": "2018",
    "country": "BE",
}


def correct_address(supporter):
    return reverse("admin:crm_supporter_correct", args=[supporter.pk])


def test_correction_is_written_found_and_in_the_trail(client, administrator):
    supporter = SupporterFactory(given_name="Anne", family_name="Maes", country="BE")

    answer = client.post(correct_address(supporter), CONTACT)

    assert answer.url == page_of(supporter)
    supporter.refresh_from_db()
    assert (supporter.given_name, supporter.region) == ("Ann", "BE-VAN")
    assert list(Supporter.objects.search("ann maes")) == [supporter]
    entry = AuditEntry.objects.get(action="supporter.corrected")
    assert (entry.by, entry.subject) == (administrator, audit.subject_of(supporter))
    assert entry.details == {"fields": ["given_name", "language", "postcode"]}


def test_correction_shows_in_the_timeline_with_who_made_it(client, administrator):
    supporter = SupporterFactory()
    client.post(correct_address(supporter), CONTACT)

    events = client.get(page_of(supporter)).context["events"]

    assert [event.source for event in events] == ["administrator"]


def test_correction_that_changes_nothing_leaves_no_trace(client, administrator):
    supporter = SupporterFactory(**CONTACT)

    client.post(correct_address(supporter), CONTACT)

    assert not AuditEntry.objects.exists()
    assert not supporter.changes.exists()


def test_correction_to_a_postcode_that_is_none_names_the_field(client, administrator):
    supporter = SupporterFactory()

    wrong = {**CONTACT, "postcode": "20"}
    answer = client.post(correct_address(supporter), wrong, headers={"accept-language": "en"})

    assert answer.context["form"].errors == {"postcode": ["A Belgian postcode has four digits."]}
    supporter.refresh_from_db()
    assert supporter.given_name == "Sam"


def test_who_may_not_see_birth_dates_neither_sees_nor_empties_them(client, staff):
    client.force_login(staff(Role.CAMPAIGNER))
    supporter = SupporterFactory(birth_date=date(1980, 2, 1))

    page = client.get(correct_address(supporter))
    client.post(correct_address(supporter), {**CONTACT, "birth_date": "1999-01-01"})

    assert "1980" not in page.content.decode()
    supporter.refresh_from_db()
    assert (supporter.given_name, supporter.birth_date) == ("Ann", date(1980, 2, 1))


@pytest.mark.parametrize("state", ["merged", "erased"])
def test_who_is_no_supporter_any_more_is_not_corrected(client, administrator, now, state):
    gone = {"merged": {"merged_into": SupporterFactory()}, "erased": {"erased_at": now}}[state]
    supporter = SupporterFactory(given_name="Gone", **gone)

    answer = client.post(correct_address(supporter), CONTACT)

    assert answer.status_code == 404
    supporter.refresh_from_db()
    assert supporter.given_name == "Gone"


def test_where_letters_go_is_corrected_there_and_not_here(client, administrator, now):
    supporter = SupporterFactory(postcode="", country="")
    add_address(
        supporter=supporter, street="Rue Haute 1", postcode="1000", country="BE", source="", at=now
    )

    page = client.get(correct_address(supporter))
    client.post(correct_address(supporter), CONTACT)

    assert not {"postcode", "country"} & set(page.context["form"].fields)
    supporter.refresh_from_db()
    assert (supporter.given_name, supporter.postcode) == ("Ann", "1000")
