"""A fundraiser makes one record of two, by keyboard, and takes them apart again."""

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import expect

from crm.access import Role
from crm.people.merges import Merge
from crm.people.models import Supporter
from crm.privacy.operations import record_consent
from tests.factories import GiftFactory, SupporterFactory
from tests.journeys.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pair(journey):
    kept = SupporterFactory(given_name="Anna", family_name="Peeters", postcode="2000")
    lost = SupporterFactory(given_name="Ana", family_name="Peeters", postcode="9000")
    GiftFactory.create_batch(3, supporter=lost)
    record_consent(supporter=kept, given=True, source="form", at=timezone.now())
    record_consent(supporter=lost, given=False, source="mail", at=timezone.now())
    return kept, lost


def test_two_records_become_one_and_two_again(journey, staff, pair):
    kept, lost = pair
    user = staff(Role.FUNDRAISER)
    user.set_password(PASSWORD)
    user.save()
    assert user.groups.get() == Group.objects.get(name=Role.FUNDRAISER)
    page = journey.page
    page.set_viewport_size({"width": 390, "height": 844})
    journey.sign_in(user)

    journey.open(f"/staff/crm/supporter/{kept.pk}/merge/")
    page.get_by_label("Find the other record").fill("peeters")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ana Peeters").click()
    expect(page.get_by_text("newsletter, e-mail: Ana Peeters said no.")).to_be_visible()
    expect(page.get_by_text("3 gifts")).to_be_visible()
    page.locator("input[name=given_name][value=kept]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("tr:has([name=given_name]) .st-of-lost")).to_be_visible()
    expect(page.locator("tr:has([name=given_name]) .st-of-kept")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Merge", exact=True).press("Enter")
    page.get_by_role("link", name="Undo").wait_for()
    kept.refresh_from_db()
    assert (kept.given_name, kept.gifts.count()) == ("Ana", 3)

    page.get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Undo the merge").press("Enter")
    page.get_by_text("There are two records again.").wait_for()

    assert Merge.objects.get().undone_by == user
    names = Supporter.objects.current().filter(pk__in=[kept.pk, lost.pk]).order_by("pk")
    assert list(names.values_list("given_name", flat=True)) == ["Anna", "Ana"]
    assert lost.gifts.count() == 3
