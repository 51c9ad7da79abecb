"""Writing down gifts that came by hand, and reading gifts."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.models import Entry, Gift
from crm.lib.periods import local_day
from crm.mailing.models import Mail
from crm.people.models import Supporter
from tests.factories import CampaignTextFactory, EntryFactory, GiftFactory, SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
ADD = "/staff/crm/gift/add/"


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


def filled(**changes):
    fields = {
        "key": str(uuid.uuid4()),
        "supporter": "",
        "email": "Cash@Example.org",
        "given_name": "Carl",
        "family_name": "Cash",
        "language": "nl",
        "amount": "12,50 €",
        "received_on": "2026-03-01",
        "method": "cash",
        "campaign": "",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def test_gift_by_hand_is_paid_on_its_day_and_audited(client, fundraiser, campaign):
    answer = client.post(ADD, filled(campaign=campaign.pk))

    gift = Gift.objects.get()
    donor = gift.supporter
    assert answer.url == reverse("admin:crm_supporter_change", args=[donor.pk])
    assert (gift.amount, gift.status, gift.method) == (1250, "paid", "cash")
    assert gift.campaign == campaign
    assert (str(gift.received_on), gift.reference[:6]) == ("2026-03-01", "staff:")
    assert (donor.email, donor.given_name, donor.language) == ("cash@example.org", "Carl", "nl")
    assert list(Entry.objects.values_list("kind", "amount")) == [("payment", 1250)]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by) == ("gift.recorded", fundraiser)
    assert entry.subject == f"gift:{gift.pk}"


def test_gift_from_somebody_we_know_needs_no_address(client, fundraiser):
    donor = SupporterFactory()

    client.post(ADD, filled(supporter=donor.pk, email="", given_name="", family_name=""))

    assert Gift.objects.get().supporter == donor


def test_same_form_sent_twice_is_one_gift(client, fundraiser):
    form = filled()

    client.post(ADD, form)
    client.post(ADD, form)

    assert (Gift.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_thank_you_mail_goes_out_only_when_asked_for(client, fundraiser):
    client.post(ADD, filled())
    client.post(ADD, filled(email="two@example.org", thank="on"))
    run_jobs()

    assert list(Mail.objects.values_list("to", flat=True)) == ["two@example.org"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "twelve"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "9999999999"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"email": "not an address"}, "email"),
        ({"received_on": "3026-01-01"}, "received_on"),
        ({"received_on": "yesterday"}, "received_on"),
        ({"method": "card"}, "method"),
        ({"supporter": "0"}, "supporter"),
    ],
)
def test_bad_input_comes_back_filled_with_the_error_and_writes_nothing(
    client, fundraiser, changes, field
):
    answer = client.post(ADD, filled(**changes))

    assert list(answer.context["form"].errors) == [field]
    assert 'value="Carl"' in answer.content.decode()
    assert (Gift.objects.count(), Supporter.objects.count()) == (0, 0)


def test_form_begins_with_the_supporter_it_was_opened_from_and_today(client, fundraiser):
    donor = SupporterFactory()

    form = client.get(f"{ADD}?supporter={donor.pk}").context["form"]

    assert form["supporter"].value() == str(donor.pk)
    assert form["received_on"].value() == local_day(timezone.now())


def test_autocomplete_finds_supporters_by_their_words(client, fundraiser):
    donor = SupporterFactory(given_name="Hélène")
    SupporterFactory(given_name="Tom")

    answer = client.get(
        "/staff/autocomplete/?app_label=crm&model_name=gift&field_name=supporter&term=helene"
    )

    assert [row["id"] for row in answer.json()["results"]] == [str(donor.pk)]


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_gifts_takes_as_many_queries_for_three_as_for_one(
    client, fundraiser, campaign, number, django_assert_num_queries
):
    CampaignTextFactory(campaign=campaign)
    GiftFactory.create_batch(number, campaign=campaign)
    client.get("/staff/crm/gift/")

    with django_assert_num_queries(9):
        client.get("/staff/crm/gift/")


def test_page_of_a_gift_shows_what_became_of_the_money_and_no_button(client, fundraiser):
    gift = GiftFactory(amount=2500)
    EntryFactory(gift=gift, amount=2500)
    EntryFactory(gift=gift, kind="fee", amount=-63)

    page = client.get(
        reverse("admin:crm_gift_change", args=[gift.pk]), headers={"accept-language": "en"}
    ).content.decode()

    assert [text in page for text in ("€25", "-€0.63", "€24.37")] == [True, True, True]
    assert 'name="_save"' not in page


def test_posting_to_a_gift_changes_nothing(client, fundraiser):
    gift = GiftFactory(amount=2500)

    answer = client.post(reverse("admin:crm_gift_change", args=[gift.pk]), {"amount": "1"})

    gift.refresh_from_db()
    assert (answer.status_code, gift.amount) == (403, 2500)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("crm/gift/²/change/", 404),
        ("crm/plan/²/change/", 404),
        ("crm/supporter/²/change/", 404),
        ("crm/matchinggift/²/change/", 404),
        ("crm/taxcertificate/issue/?year=²", 404),
        ("crm/gift/add/?answers=²", 200),
    ],
)
def test_what_only_looks_like_a_number_finds_nothing(client, staff, path, code):
    client.force_login(staff())

    assert client.get(f"/staff/{path}").status_code == code
