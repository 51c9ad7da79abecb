"""The donor's own page: gifts, papers, newsletter, transfers; one's own, and nobody else's."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.utils import timezone

from crm.donations.communications import Communication
from crm.donations.models import Entry, Gift
from crm.mailing.models import Mail
from crm.people.models import Change, Supporter
from crm.privacy.models import Consent, ConsentState
from tests.crm.donor_page import page_of
from tests.factories import (
    AT,
    CampaignTextFactory,
    EntryFactory,
    FundFactory,
    GiftFactory,
    PlanFactory,
    ReceiptFactory,
    SupporterFactory,
    WordingFactory,
)

pytestmark = pytest.mark.django_db
QUERIES = 13


@pytest.fixture
def dora():
    return SupporterFactory(given_name="Dora", language="en")


def give(donor, day=date(2026, 3, 1), **fields):
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    if fields.get("status", "paid") != "paid":
        day = None
    return GiftFactory(supporter=donor, given_at=at, received_on=day, **fields)


def send_back(gift, amount, kind=Entry.Kind.REFUND):
    EntryFactory(gift=gift, kind=kind, amount=amount, currency=gift.currency)


def lines(client, donor):
    years = client.get(page_of(donor)).context["years"]
    return [(line.purpose, line.amount, line.note) for year in years for line in year.lines]


def totals(client, donor):
    return [(year.year, year.totals) for year in client.get(page_of(donor)).context["years"]]


def test_gifts_stand_year_by_year_newest_first_with_what_was_kept(client, dora):
    give(dora, date(2025, 12, 31), amount=1000)
    give(dora, date(2026, 1, 1), amount=2500)
    give(dora, date(2026, 2, 1), amount=1250)
    give(dora, date(2026, 2, 2), amount=5000, currency="USD")
    give(SupporterFactory(), amount=99900)

    assert totals(client, dora) == [(2026, ["€37.50", "US$50"]), (2025, ["€10"])]
    assert [amount for _purpose, amount, _note in lines(client, dora)] == [
        "US$50",
        "€12.50",
        "€25",
        "€10",
    ]


def test_each_gift_says_what_it_was_for(client, dora, campaign):
    CampaignTextFactory(campaign=campaign, title="Stop trafficking")
    fund = FundFactory(name="Shelter")
    give(dora, date(2026, 3, 5))
    give(dora, date(2026, 3, 4), plan=PlanFactory(supporter=dora, interval="year"))
    give(dora, date(2026, 3, 3), plan=PlanFactory(supporter=dora))
    give(dora, date(2026, 3, 2), campaign=campaign)
    give(dora, date(2026, 3, 1), campaign=campaign, fund=fund)

    assert [purpose for purpose, _amount, _note in lines(client, dora)] == [
        "Gift",
        "Yearly gift",
        "Monthly gift",
        "Stop trafficking",
        "Shelter",
    ]


def test_each_gift_says_what_became_of_it_and_only_what_stayed_is_summed(client, dora):
    give(dora, date(2026, 3, 7), status=Gift.Status.PROCESSING)
    give(dora, date(2026, 3, 6), status=Gift.Status.FAILED)
    give(dora, date(2026, 3, 5), kind=Gift.Kind.IN_KIND, description="A piano")
    send_back(give(dora, date(2026, 3, 4)), -1000)
    send_back(give(dora, date(2026, 3, 3)), -2500, Entry.Kind.DISPUTE)
    won = give(dora, date(2026, 3, 2))
    send_back(won, -2500, Entry.Kind.DISPUTE)
    send_back(won, 2500, Entry.Kind.REVERSAL)
    EntryFactory(gift=won, kind=Entry.Kind.FEE, amount=-60)

    assert lines(client, dora) == [
        ("Gift", "€25", "On its way: your bank has been asked."),
        ("Gift", "€25", "Did not go through: nothing was charged."),
        ("A piano", "€25", "In kind: the amount is its estimated value."),
        ("Gift", "€25", "€10 of it went back to you."),
        ("Gift", "€25", "Went back to you."),
        ("Gift", "€25", ""),
    ]
    assert totals(client, dora) == [(2026, ["€40"])]


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_same_queries_for_one_of_each_and_for_three(
    client, dora, number, settings, django_assert_num_queries
):
    settings.TAX_CERTIFICATES, settings.ORGANISATION_IBAN = True, "BE68539007547034"
    WordingFactory()
    for day in range(1, number + 1):
        campaign = CampaignTextFactory().campaign
        plan = PlanFactory(supporter=dora, reference=f"stripe:sub_{day}")
        gift = give(dora, date(2026, 3, day), campaign=campaign, plan=plan, fund=None)
        send_back(gift, -100)
        ReceiptFactory(gift=gift)
        ReceiptFactory(gift=None, supporter=dora, of_year=2020 + day, amount=100)
    path = page_of(dora)
    client.get(path)

    with django_assert_num_queries(QUERIES):
        page = client.get(path)

    assert (len(page.context["plans"]), len(page.context["years"][0].lines)) == (number, number)


def test_page_of_who_never_gave_still_stands(client, dora):
    page = client.get(page_of(dora))

    assert page.status_code == 200
    assert "There is no gift under this address yet." in page.content.decode()


def test_looking_at_the_page_changes_nothing(client, dora, settings):
    settings.ORGANISATION_IBAN = "BE68539007547034"
    WordingFactory()
    give(dora)

    client.get(page_of(dora))
    client.get(page_of(dora, "erase/"))

    assert [m.objects.count() for m in (Communication, Consent, Mail, Change)] == [0, 0, 0, 0]


def test_receipt_is_downloaded(client, dora):
    receipt = ReceiptFactory(gift=give(dora), language="en")

    page = client.get(page_of(dora)).content.decode()
    path = page_of(dora, f"receipt/{receipt}/")
    answer = client.get(path)

    assert f'/receipt/{receipt}/"' in page
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert answer["Content-Disposition"] == f'attachment; filename="{receipt}.pdf"'


def test_receipt_that_is_void_or_somebody_elses_is_not_found(client, dora):
    other = ReceiptFactory()
    void = ReceiptFactory(gift=give(dora), voided_at=AT)

    paths = [f"receipt/{number}/" for number in (other, void, "2026-999999")]

    assert [client.get(page_of(dora, path)).status_code for path in paths] == [404, 404, 404]
    assert f"{void}" not in client.get(page_of(dora)).content.decode()


def test_newsletter_is_agreed_to_with_the_words_that_were_shown(client, dora):
    shown = WordingFactory(text="Yes, write to me.")
    page = client.get(page_of(dora)).content.decode()
    WordingFactory(text="Newer words.")

    answer = client.post(page_of(dora, "newsletter/"), {"wording": shown.pk})

    assert "Yes, write to me." in page
    assert answer.status_code == 303
    assert answer["Location"].endswith("/?said=subscribed")
    consent = Consent.objects.get()
    assert (consent.supporter, consent.given, consent.wording) == (dora, True, shown)
    assert client.get(page_of(dora)).context["newsletter"].given is True


def test_child_is_not_told_that_a_yes_holds_which_was_not_taken(client, dora):
    Supporter.objects.update(birth_date=timezone.now().date())

    answer = client.post(page_of(dora, "newsletter/"), {"wording": WordingFactory().pk})

    told = client.get(answer["Location"]).content.decode()
    assert "so young without a parent" in told


def test_newsletter_is_ended_and_ending_it_twice_changes_nothing_more(client, dora):
    client.post(page_of(dora, "newsletter/"), {"wording": WordingFactory().pk})

    for _ in range(2):
        answer = client.post(page_of(dora, "newsletter/"), {"no": "1"})

    assert answer["Location"].endswith("/?said=unsubscribed")
    assert ConsentState.objects.get().given is False


@pytest.mark.parametrize(
    "data",
    [{}, {"wording": "x"}, {"wording": "999"}, {"wording": "9" * 5000}],
    ids=["empty", "letter", "unknown", "endless"],
)
def test_newsletter_without_words_is_not_agreed_to(client, dora, data):
    answer = client.post(page_of(dora, "newsletter/"), data)

    assert answer["Location"].endswith("/?said=unclear")
    assert Consent.objects.count() == 0


def test_communication_is_made_when_asked_for_and_the_same_each_time(client, dora, settings):
    settings.ORGANISATION_IBAN = "BE68539007547034"
    before = client.get(page_of(dora)).content.decode()

    for _ in range(2):
        client.post(page_of(dora, "communication/"))

    communication = Communication.objects.get()
    page = client.get(page_of(dora)).content.decode()
    assert "Show me the account" in before
    assert (communication.supporter, communication.campaign) == (dora, None)
    assert str(communication) in page
    assert "<svg" in page


def test_without_an_account_there_is_no_transfer(client, dora, settings):
    settings.ORGANISATION_IBAN = ""

    assert "transfer-title" not in client.get(page_of(dora)).content.decode()


@pytest.mark.parametrize("path", ["newsletter/", "communication/", "data/"])
def test_what_changes_something_is_not_done_by_looking(client, dora, path):
    assert client.get(page_of(dora, path)).status_code == 405
    assert client.head(page_of(dora, path)).status_code == 405


def test_what_changes_something_needs_the_form_of_our_own_page(dora):
    strict = Client(enforce_csrf_checks=True)

    paths = ["newsletter/", "communication/", "data/", "erase/"]
    assert {strict.post(page_of(dora, path)).status_code for path in paths} == {403}
