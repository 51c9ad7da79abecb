"""A list of people: dropped, looked at, checked, imported, undone, with the keyboard alone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from crm.people.models import Supporter

PEOPLE = "Prénom;Nom;E-mail\nAnne;Dupont;anne@example.org\nSam;Sans;pas-une-adresse\n"


@pytest.mark.django_db(transaction=True)
def test_list_is_imported_and_undone_by_keyboard(journey, fundraiser):
    page, keys = journey.page, journey.page.keyboard
    journey.sign_in(fundraiser)
    journey.open(reverse("admin:crm_import_add"))

    def press(role, name):
        page.get_by_role(role, name=name).focus()
        keys.press("Enter")

    people = {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode("cp1252")}
    page.get_by_label("File", exact=False).first.set_input_files(people)
    press("button", "Look at the file")
    expect(page.get_by_role("cell", name="Anne", exact=True)).to_be_visible()
    expect(page.get_by_label("Encoding")).to_have_value("cp1252")
    journey.fits()
    press("button", "Go on to the columns")
    expect(page.get_by_label("Prénom")).to_have_value("given_name")
    journey.fits()
    press("button", "Show what would change")
    expect(page.get_by_text("Waiting for its turn …")).to_be_visible()
    journey.work()
    # Without being asked, the page says when the work has ended.
    expect(page.get_by_text("2 rows were read. Nothing was imported yet.")).to_be_visible()
    expect(page.get_by_text("“E-mail” holds no e-mail address.")).to_be_visible()
    journey.fits()
    assert Supporter.objects.count() == 0
    press("button", "Import now")
    expect(page.get_by_text("Waiting for its turn …")).to_be_visible()
    journey.work()
    press("link", "added (1)")
    press("link", "Anne Dupont")
    expect(page.get_by_text("anne@example.org").first).to_be_visible()
    page.go_back()
    press("link", "Undo this import")
    press("button", "Undo it")
    expect(page.get_by_text("Taking the import back …")).to_be_visible()
    journey.work()

    expect(page.get_by_text("This import was taken back. Everything is as it was.")).to_be_visible()
    assert Supporter.objects.count() == 0
