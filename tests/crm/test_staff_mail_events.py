"""Mails that came back, as staff see them: the line of the home page, the list, the profile."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from crm.access import Role
from crm.mailing.events import MailEvent
from crm.people.addressing import add_email, make_primary
from crm.people.contact_points import EmailAddress
from crm.privacy.suppressing import suppress
from tests.crm.mail_provider import WHEN
from tests.factories import SupporterFactory
from tests.mail_factories import MailFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/mailevent/"


@pytest.fixture
def colleague(client, django_user_model):
    user = django_user_model.objects.create_user("colleague", "c@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name=Role.CAMPAIGNER))
    client.force_login(user)
    return client


def came_back(number, kind="hard_bounce", *, template="already_signed"):
    pia = SupporterFactory(email=f"pia{number}@example.org", family_name=f"Peeters{number}")
    mail = MailFactory(supporter=pia, template=template)
    if kind == "hard_bounce":
        EmailAddress.objects.filter(supporter=pia).update(status="bouncing")
        suppress(addresses=[pia.email], reason="bounced", at=WHEN)
    told = {"mail": mail, "kind": kind, "code": "550 5.1.1", "at": WHEN, "handled_at": WHEN}
    MailEvent.objects.create(event_id=f"Brevo:{number}:{kind}", **told)
    return pia


def test_home_page_leads_to_the_addresses_to_ask_about(colleague):
    pia = came_back(1)
    came_back(2, "soft_bounce")

    home = colleague.get("/staff/", headers={"Accept-Language": "en"})
    found = colleague.get(LIST, {"state": "ask"})

    assertContains(home, f'href="{LIST}?state=ask"')
    assertContains(found, "pia1@example.org")
    assertContains(found, reverse("admin:crm_supporter_new_email", args=[pia.pk]))
    assertNotContains(found, "pia2@example.org")


def test_address_is_done_when_there_is_another_one(colleague):
    pia = came_back(1)

    new = add_email(supporter=pia, address="new@example.org", source="staff", at=WHEN)
    make_primary(email=new, at=WHEN)

    assertNotContains(colleague.get("/staff/"), "state=ask")
    assertNotContains(colleague.get(LIST, {"state": "ask"}), "pia1@example.org")
    assertContains(colleague.get(LIST), "pia1@example.org")


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_as_much_for_three_as_for_one(colleague, django_assert_num_queries, number):
    for each in range(number):
        came_back(each)
    colleague.get(LIST)

    with django_assert_num_queries(5):
        colleague.get(LIST, {"state": "ask"})


def test_list_tells_no_arrivals_and_not_which_mail_it_was(colleague):
    came_back(1, "delivered")
    came_back(2, "refused", template="gift_thanks")

    found = colleague.get(LIST)

    assertNotContains(found, "pia1@example.org")
    assertContains(found, "pia2@example.org")
    assertNotContains(found, "gift_thanks")


def test_list_can_be_had_by_kind(colleague):
    came_back(1, "complained")
    came_back(2, "refused")

    found = colleague.get(LIST, {"kind": "complained"})

    assertContains(found, "pia1@example.org")
    assertNotContains(found, "pia2@example.org")


def test_profile_says_what_became_of_a_mail(colleague, settings):
    settings.LANGUAGE_CODE = "en"
    pia = came_back(1)

    page = colleague.get(f"/staff/crm/supporter/{pia.pk}/change/")

    assertContains(page, MailEvent.Kind.HARD_BOUNCE.label)
    assertContains(page, EmailAddress.Status.BOUNCING.label)


def test_staff_who_hear_that_an_address_works_let_it_be_used(colleague):
    pia = came_back(1)
    email = pia.emails.get()
    address = reverse("admin:crm_emailaddress_edit", args=[email.pk])
    form = colleague.get(address).context["form"]

    colleague.post(address, form.initial | {"status": "good"})

    assert pia.emails.get().status == "good"
    assert not email.suppressions.exists()
