"""The switch that closes the donation form."""

import pytest
from django.contrib.auth.models import Permission

from crm.access import Role
from crm.audit import AuditEntry
from crm.donations.communications import Communication, number_campaigns
from payments import shield
from payments.defence import FormSwitch
from payments.models import Checkout
from tests.factories import CampaignFactory
from tests.jobs import run_periodic

pytestmark = pytest.mark.django_db
PAGE = "/staff/payments/formswitch/"


@pytest.fixture
def fundraiser(client, staff):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    return user


def close(by, now):
    return shield.switch_form(is_open=False, reason="Card testing", by=by, at=now)


def test_staff_close_the_form_and_open_it_again(client, fundraiser):
    closed = client.post(PAGE, {"to": "closed", "reason": "Card testing"}, follow=True)
    assert "The donation form is closed." in closed.content.decode()
    assert client.get("/en/give/").status_code == 503

    opened = client.post(PAGE, {"to": "open", "reason": ""}, follow=True)

    assert "The donation form is open." in opened.content.decode()
    assert client.get("/en/give/").status_code == 200
    trail = AuditEntry.objects.order_by("pk").values_list("action", "by")
    assert list(trail) == [("form.closed", fundraiser.pk), ("form.opened", fundraiser.pk)]


def test_closing_needs_a_reason(client, fundraiser):
    answer = client.post(PAGE, {"to": "closed", "reason": " "})

    assert "reason" in answer.context["form"].errors
    assert FormSwitch.objects.count() == 0


def test_closing_twice_is_closing_once(staff, now):
    user = staff()

    switches = {close(user, now).pk for _ in range(2)}

    assert len(switches) == AuditEntry.objects.count() == 1


@pytest.mark.parametrize("role", [Role.READER, Role.CAMPAIGNER])
def test_who_may_not_switch_the_form_does_not(client, staff, role):
    client.force_login(staff(role))

    assert client.post(PAGE, {"to": "closed", "reason": "x"}).status_code == 403
    assert FormSwitch.objects.count() == 0


def test_who_may_only_look_sees_no_switch(client, django_user_model):
    user = django_user_model.objects.create_user("rita", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_formswitch"))
    client.force_login(user)

    assert 'name="reason"' not in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"to": "closed", "reason": "x"}).status_code == 403
    assert FormSwitch.objects.count() == 0


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_closed_form_takes_nothing_and_tells_how_to_give(donor, staff, now, settings, language):
    settings.ORGANISATION_IBAN = "BE68539007547034"
    close(staff(), now)
    campaign = CampaignFactory()
    number_campaigns(at=now)

    pages = [
        donor.client.get(f"/{language}/give/"),
        donor.client.get(f"/{language}/give/?campaign={campaign.slug}"),
        donor.fill_in(language, campaign=campaign.slug),
    ]

    assert [page.status_code for page in pages] == [503, 503, 503]
    assert len({page.context["transfer"]["communication"] for page in pages}) == 2
    assert ["BE68 5390 0754 7034" in page.content.decode() for page in pages] == [True] * 3
    assert "Card testing" not in pages[0].content.decode()
    assert Checkout.objects.count() == 0


def test_closed_form_without_an_account_names_the_address(client, staff, now, settings):
    settings.ORGANISATION_IBAN = ""
    close(staff(), now)

    page = client.get("/en/give/").content.decode()

    assert page.count(f"mailto:{settings.ORGANISATION_EMAIL}") == 2  # in the text, in the footer
    assert 'id="transfer"' not in page


def test_form_offers_a_transfer_with_the_campaigns_communication(client, settings, now):
    settings.ORGANISATION_IBAN = "BE68539007547034"
    campaign = CampaignFactory()
    run_periodic("donations.number_campaigns")

    pages = [
        client.get(f"/en/give/?campaign={slug}") for slug in ("", campaign.slug, campaign.slug)
    ]

    told = [page.context["transfer"]["communication"] for page in pages]
    assert told[0] != told[1] == told[2]
    assert told[1] in pages[1].content.decode()
    assert "<svg" in pages[1].content.decode()


def test_campaign_without_a_number_offers_the_transfer_to_the_whole(client, settings, now):
    settings.ORGANISATION_IBAN = "BE68539007547034"
    before = client.get("/en/give/").context["transfer"]
    number_campaigns(at=now)
    new = CampaignFactory()

    pages = [client.get(f"/en/give/?campaign={slug}") for slug in ("", new.slug)]

    assert before is None
    assert len({page.context["transfer"]["communication"] for page in pages}) == 1
    assert Communication.objects.count() == 1
    assert number_campaigns(at=now) == 1
    assert number_campaigns(at=now) == 0


def test_form_offers_no_transfer_without_an_account(client, settings):
    settings.ORGANISATION_IBAN = ""

    page = client.get("/en/give/")

    assert page.context["transfer"] is None
    assert 'id="transfer"' not in page.content.decode()


def test_staff_see_what_goes_on(client, fundraiser):
    page = client.get(PAGE)

    spans = [tried for _title, tried in page.context["spans"]]
    assert spans == [{"started": 0, "refused": 0, "declined": 0}] * 3
    assert page.context["guard_until"] is None
