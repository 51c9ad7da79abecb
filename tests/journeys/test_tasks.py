"""A task from the supporter's page to done, with the keyboard alone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.people.notes import Task
from tests.factories import SupporterFactory


@pytest.mark.django_db(transaction=True)
def test_task_is_written_put_off_and_done_by_keyboard(journey, fundraiser):
    marie = SupporterFactory(given_name="Marie", family_name="Dupont")
    journey.sign_in(fundraiser)
    journey.open(f"{reverse('admin:crm_task_add')}?supporter={marie.pk}")
    page, keys = journey.page, journey.page.keyboard

    page.get_by_label("What to do").focus()
    keys.type("Call back")
    keys.press("Tab")
    keys.type("In the evening.")
    page.get_by_role("button", name="Save").focus()
    keys.press("Enter")
    expect(page.get_by_text("The task is written down.")).to_be_visible()
    journey.open(reverse("admin:crm_task_changelist"))
    row = page.locator(".st-task", has_text="Call back")
    expect(row).to_contain_text("Marie Dupont")
    journey.fits()
    page.get_by_role("button", name="A day later: Call back").focus()
    keys.press("Enter")
    expect(row).to_contain_text("due tomorrow")
    page.get_by_role("button", name="Done: Call back").focus()
    keys.press("Enter")
    expect(page.get_by_text("Nothing is left for you to do.")).to_be_visible()
    page.get_by_label("Which tasks").get_by_role("link", name="Done").focus()
    keys.press("Enter")
    page.get_by_role("button", name="Not done after all: Call back").focus()
    keys.press("Enter")

    expect(page.get_by_text("Nothing was done yet.")).to_be_visible()
    task = Task.objects.get()
    assert (task.title, task.details, task.supporter, task.assigned_to, task.done_at) == (
        "Call back",
        "In the evening.",
        marie,
        fundraiser,
        None,
    )


@pytest.mark.django_db(transaction=True)
def test_tag_is_given_and_taken_on_the_profile_by_keyboard(journey, fundraiser):
    marie = SupporterFactory(given_name="Marie", family_name="Dupont")
    journey.sign_in(fundraiser)
    journey.open(reverse("admin:crm_supporter_change", args=[marie.pk]))
    page, keys = journey.page, journey.page.keyboard

    page.get_by_label("Add a tag").focus()
    keys.type("Volunteer")
    keys.press("Enter")
    remove = page.get_by_role("button", name="Remove the tag Volunteer")
    expect(remove).to_be_visible()
    remove.focus()
    keys.press("Enter")

    expect(page.get_by_text("No tag yet.")).to_be_visible()
    assert marie.taggings.count() == 0
