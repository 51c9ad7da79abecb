"""The donation form: what it offers, refuses, and keeps."""

from uuid import uuid4

import pytest
from django.test import Client

from crm.people.models import Supporter
from payments.models import Checkout
from tests.factories import CampaignFactory, CampaignTextFactory, SourceFactory

pytestmark = pytest.mark.django_db


def form_of(answer):
    return answer.context["form"]


def ticked(answer):
    form = form_of(answer)
    return {name: form[name].value() for name in ("frequency", "amount", "campaign")}


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_page_offers_the_usual_amounts(client, language):
    answer = client.get(f"/{language}/give/")

    assert answer.status_code == 200
    choices = [value for value, _label in form_of(answer).fields["amount"].widget.choices]
    assert choices == ["1000", "2500", "5000", "10000", "other"]
    assert ticked(answer) == {"frequency": "once", "amount": "2500", "campaign": None}


def test_page_offers_what_the_campaign_suggests(client):
    campaign = CampaignFactory(suggested_amounts=[700, 50, 1500])
    CampaignTextFactory(campaign=campaign, title="Stop trafficking")

    answer = client.get(f"/en/give/?campaign={campaign.slug}&amount=15&frequency=monthly")

    choices = [label for _value, label in form_of(answer).fields["amount"].widget.choices]
    assert choices == ["€7", "€15", "Other"]
    assert ticked(answer) == {
        "frequency": "monthly",
        "amount": "1500",
        "campaign": campaign.slug,
    }
    assert "Stop trafficking" in answer.content.decode()


@pytest.mark.parametrize(("language", "written"), [("fr", "12,50"), ("en", "12.50")])
def test_other_amount_of_a_link_is_written_as_its_reader_does(client, language, written):
    answer = client.get(f"/{language}/give/?amount=12.50")

    assert ticked(answer)["amount"] == "other"
    assert form_of(answer)["other_amount"].value() == written


@pytest.mark.parametrize(
    "query",
    ["amount=abc", "amount=0", "amount=99999999", "amount=%00", "campaign=%00", "frequency=x"],
)
def test_link_that_makes_no_sense_leads_to_the_plain_form(client, query):
    answer = client.get(f"/en/give/?{query}")

    assert answer.status_code == 200
    assert ticked(answer) == {"frequency": "once", "amount": "2500", "campaign": None}


def test_hidden_campaign_is_not_offered(client):
    hidden = CampaignFactory(is_public=False)

    answer = client.get(f"/en/give/?campaign={hidden.slug}")

    assert [value for value, _ in form_of(answer).fields["campaign"].choices] == [""]


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
@pytest.mark.parametrize(
    "written", ["abc", "0,50", "-5", "10000,01", "1.2.3", "12,505", "٢٥€x", "1e3", "0"]
)
def test_bad_amount_comes_back_beside_its_field_and_writes_nothing(donor, language, written):
    answer = donor.fill_in(language, other_amount=written)

    assert answer.status_code == 422
    form = form_of(answer)
    assert list(form.errors) == ["other_amount"]
    assert form["other_amount"].value() == written
    assert form["email"].value() == "dora@example.org"
    page = answer.content.decode()
    assert 'aria-invalid="true"' in page
    assert 'id="id_other_amount_error"' in page
    assert (Checkout.objects.count(), Supporter.objects.count()) == (0, 0)


@pytest.mark.parametrize("value", ["", "other", "99", "1000001", "abc", "²"])
def test_bad_tick_is_an_error_of_the_amount(donor, value):
    answer = donor.fill_in(amount=value)

    assert (answer.status_code, list(form_of(answer).errors)) == (422, ["amount"])
    assert Checkout.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("email", ""),
        ("given_name", ""),
        ("family_name", "x" * 101),
        ("frequency", "weekly"),
        ("campaign", "no-such-campaign"),
    ],
)
def test_bad_answer_comes_back_beside_its_field(donor, field, value):
    answer = donor.fill_in(**{field: value})

    assert (answer.status_code, list(form_of(answer).errors)) == (422, [field])
    assert Checkout.objects.count() == 0


@pytest.mark.parametrize(
    ("written", "cents"), [("12,50", 1250), ("1", 100), (" 1 234,5 €", 123450), ("10000", 1000000)]
)
def test_written_amount_counts_before_the_ticked_one(donor, written, cents):
    donor.choose(other_amount=written)

    assert Checkout.objects.get().amount == cents


def test_form_leads_to_the_payment_page_in_the_donors_language(donor):
    campaign = CampaignFactory()

    session_id = donor.choose(language="nl", campaign=campaign.slug, frequency="monthly")

    checkout = Checkout.objects.get()
    assert (checkout.session_id, checkout.state, checkout.language) == (session_id, "open", "nl")
    session = donor.stripe.client().v1.checkout.sessions.retrieve(session_id)
    assert (session.mode, session.locale, session.submit_type) == ("subscription", "nl", "donate")
    assert session.client_reference_id == str(checkout.public_id)
    assert session.customer_email == "dora@example.org"
    assert session.success_url.endswith("/nl/give/thanks/?session={CHECKOUT_SESSION_ID}")
    assert session.cancel_url.endswith(
        f"/nl/give/?amount=25.00&frequency=monthly&back=1&campaign={campaign.slug}"
    )


def test_double_click_is_one_checkout_and_one_payment_page(donor):
    token = str(uuid4())

    sessions = {donor.choose(token=token) for _ in range(3)}

    assert len(sessions) == 1
    assert Checkout.objects.count() == 1


def test_same_form_with_another_amount_is_another_checkout(donor):
    token = str(uuid4())

    donor.choose(token=token)
    donor.choose(token=token, other_amount="30")

    assert sorted(Checkout.objects.values_list("amount", flat=True)) == [2500, 3000]


def test_form_sent_again_after_paying_leads_to_the_thanks(donor):
    token = str(uuid4())
    session = donor.give(token=token)
    donor.hear()

    answer = donor.fill_in(token=token)

    assert answer.status_code == 303
    assert answer["Location"] == f"/en/give/thanks/?session={session}"


def test_form_whose_token_was_lost_still_works(donor):
    donor.choose(token="")
    donor.choose(token="x")

    assert Checkout.objects.count() == 2


def test_form_refuses_another_site(stripe):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/en/give/", {}).status_code == 403


@pytest.mark.parametrize(
    "fault", [{"drop": True, "times": 3}, {"status": 500, "times": 3}, {"status": 400}]
)
def test_stripe_out_of_reach_is_told_and_the_form_stays_filled(donor, fault):
    token = str(uuid4())
    donor.stripe.faults({"method": "POST", "path": "/v1/checkout/sessions", **fault})

    answer = donor.fill_in(token=token, other_amount="31")

    assert answer.status_code == 503
    assert "Nothing was charged" in answer.content.decode()
    assert form_of(answer)["other_amount"].value() == "31"
    assert form_of(answer)["email"].value() == "dora@example.org"
    assert Checkout.objects.get().state == Checkout.State.FAILED
    donor.stripe.clear_faults()
    assert donor.fill_in(token=token, other_amount="31").status_code == 303


def test_answer_lost_on_the_way_opens_no_second_page(donor):
    donor.stripe.faults(
        {"method": "POST", "path": "/v1/checkout/sessions", "drop_after": True, "times": 1}
    )

    donor.choose()

    assert len(donor.stripe.client().v1.checkout.sessions.list().data) == 1


@pytest.mark.parametrize("number", [1, 3])
def test_page_asks_the_database_as_often_for_many_campaigns(
    client, django_assert_num_queries, number
):
    for text in CampaignTextFactory.create_batch(number):
        assert text.campaign.is_public
    client.get("/en/give/")

    # the switch, campaigns, their texts, the newsletter's wording, the alarm, the communication
    with django_assert_num_queries(6):
        client.get("/en/give/")


def test_source_of_the_first_page_is_kept(donor):
    SourceFactory()

    donor.choose(utm_source="newsletter", utm_medium="email", utm_campaign="march", ref="")

    assert Checkout.objects.get().source.channel == "newsletter"
