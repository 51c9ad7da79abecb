"""Somebody new is written down, looked at and corrected, with the keyboard and on a phone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.people.models import Supporter
from crm.people.operations import correct
from tests.factories import SupporterFactory

BORN = "1980-02-01"


@pytest.mark.django_db(transaction=True)
def test_somebody_new_is_added_and_reached_by_keyboard(journey, fundraiser):
    SupporterFactory(given_name="Marie", family_name="Delvaux", postcode="1000", birth_date=BORN)
    journey.sign_in(fundraiser)
    journey.open(reverse("admin:crm_supporter_add"))
    page, keys = journey.page, journey.page.keyboard

    page.get_by_label("Given name").focus()
    keys.type("Marie")
    keys.press("Tab")
    keys.type("Delvaux")
    page.get_by_label("Date of birth").fill(BORN)
    page.get_by_label("Postcode").focus()
    keys.type("1000")
    keys.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Is it one of these?")
    journey.fits()
    page.get_by_label("Postcode").focus()
    keys.press("Enter")  # looks again, and saves nobody
    expect(page.get_by_role("alert")).to_contain_text("Is it one of these?")
    assert Supporter.objects.count() == 1
    page.get_by_role("button", name="It is somebody else: save").focus()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Marie Delvaux")).to_be_visible()

    page.get_by_role("link", name="Add a telephone").focus()
    keys.press("Enter")
    page.get_by_label("Telephone").focus()
    keys.type("0475 12 34 56")
    keys.press("Enter")
    expect(page.get_by_role("link", name="+32475123456", exact=True)).to_be_visible()
    page.get_by_role("link", name="Timeline").focus()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Timeline")).to_be_in_viewport()
    expect(page.get_by_text("Telephone added")).to_be_visible()
    journey.fits()
    assert Supporter.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_second_of_two_edits_is_shown_the_first_and_decides(journey, fundraiser, now):
    ann = SupporterFactory(given_name="Anne", family_name="Maes")
    journey.sign_in(fundraiser)
    journey.open(reverse("admin:crm_supporter_correct", args=[ann.pk]))
    page = journey.page

    correct(supporter=Supporter.objects.get(), given_name="Anna", postcode="2000", at=now)
    page.get_by_label("Given name").fill("Ann")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved yet.")
    expect(page.get_by_label("Postcode")).to_have_value("2000")
    journey.fits()
    page.get_by_role("radio", name=re.compile("wrote: Anna")).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Anna Maes")).to_be_visible()
    ann.refresh_from_db()
    assert (ann.given_name, ann.postcode) == ("Anna", "2000")
