"""Notes: who writes, changes and reads them, and what is no note at all."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.lib.abuse_reports import looks_like_report
from crm.people.notes import Note
from crm.staff import notes
from tests.factories import SupporterFactory
from tests.people_factories import NoteFactory

pytestmark = pytest.mark.django_db
LIST = "/staff/crm/note/"
ENGLISH = {"accept-language": "en"}
REPORT = "Her neighbour says that he molests a girl of 8. The child is afraid."


def add_page(supporter):
    return f"{reverse('admin:crm_note_add')}?supporter={supporter.pk}"


def page_of(note):
    return reverse("admin:crm_note_change", args=[note.pk])


@pytest.fixture
def campaigner(client, staff):
    user = staff(Role.CAMPAIGNER)
    client.force_login(user)
    return user


@pytest.fixture
def supporter():
    return SupporterFactory()


def test_note_is_kept_with_who_wrote_it(client, campaigner, supporter):
    answer = client.post(add_page(supporter), {"text": "Speaks Dutch at home."})

    note = Note.objects.get()
    assert answer.url == reverse("admin:crm_supporter_change", args=[supporter.pk])
    assert (note.supporter, note.text, note.written_by) == (
        supporter,
        "Speaks Dutch at home.",
        campaigner,
    )
    assert AuditEntry.objects.filter(action="note.written").get().details == {"note": note.pk}


def test_empty_note_is_refused_beside_its_field(client, campaigner, supporter):
    page = client.post(add_page(supporter), {"text": "  "})

    assert (page.status_code, list(page.context["form"].errors)) == (200, ["text"])
    assert Note.objects.count() == 0


def test_note_about_nobody_asks_for_somebody(client, campaigner):
    page = client.post(reverse("admin:crm_note_add"), {"text": "Hello."})

    assert list(page.context["form"].errors) == ["supporter"]


def test_merged_or_erased_people_get_no_note(client, campaigner, supporter, now):
    merged = SupporterFactory(merged_into=supporter)
    erased = SupporterFactory(erased_at=now)

    for person in (merged, erased):
        page = client.post(add_page(person), {"text": "Late."})
        assert list(page.context["form"].errors) == ["supporter"]
    assert notes.panel(erased, campaigner)["may_add"] is False


def test_author_changes_their_note(client, campaigner, now):
    note = NoteFactory(written_by=campaigner)

    client.post(page_of(note), {"text": "Prefers letters."})

    note.refresh_from_db()
    assert note.text == "Prefers letters."


def test_another_may_read_a_note_but_not_change_it(client, staff, campaigner):
    note = NoteFactory(written_by=staff(Role.FUNDRAISER))

    page, refused = client.get(page_of(note)), client.post(page_of(note), {"text": "Mine."})

    assert ("evening" in page.content.decode(), refused.status_code) == (True, 403)
    assert "<textarea" not in page.content.decode()
    assert Note.objects.get().text == note.text


def test_administrator_mends_the_note_of_another(client, staff, campaigner):
    note = NoteFactory(written_by=campaigner)
    client.force_login(staff(Role.ADMINISTRATOR))

    client.post(page_of(note), {"text": "Mended."})

    assert Note.objects.get().text == "Mended."


def test_second_of_two_who_change_a_note_is_shown_what_the_first_wrote(client, campaigner):
    note = NoteFactory(written_by=campaigner)
    based_on = client.get(page_of(note)).context["edit"].based_on
    Note.objects.update(text="Written by another.")

    page = client.post(page_of(note), {"text": "Written by me.", "based_on": based_on})

    assert [conflict.theirs for conflict in page.context["edit"].conflicts] == [
        "Written by another."
    ]
    assert Note.objects.get().text == "Written by another."


@pytest.fixture
def secret(supporter):
    return NoteFactory(supporter=supporter, text="In hospital.", is_confidential=True)


def test_confidential_note_is_nowhere_for_who_may_not_see_it(client, campaigner, supporter, secret):
    NoteFactory(supporter=supporter, text="Open to all.")

    panel = notes.panel(supporter, campaigner)
    listed = client.get(f"{LIST}?supporter={supporter.pk}").context["cl"].result_list
    of_it = [client.get(page_of(secret)), client.post(page_of(secret), {"text": "x"})]

    assert [each["note"].text for each in panel["notes"]] == ["Open to all."]
    assert [note.text for note in listed] == ["Open to all."]
    assert [answer.status_code for answer in of_it] == [404, 404]
    assert "In hospital" not in client.get(LIST).content.decode()


def test_author_without_the_right_does_not_see_what_became_confidential(client, campaigner, secret):
    Note.objects.update(written_by=campaigner)

    assert client.get(page_of(secret)).status_code == 404


def test_who_may_not_see_confidential_notes_cannot_write_one(client, campaigner, supporter):
    page = client.get(add_page(supporter))
    client.post(add_page(supporter), {"text": "Hello.", "is_confidential": "on"})

    assert "is_confidential" not in page.context["form"].fields
    assert Note.objects.get().is_confidential is False


def test_change_by_who_sees_no_such_notes_leaves_the_mark_alone(client, staff, supporter):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    client.post(add_page(supporter), {"text": "Ill.", "is_confidential": "on"})

    [shown] = notes.panel(supporter, user)["notes"]

    assert (shown["note"].text, shown["note"].is_confidential) == ("Ill.", True)


def test_panel_shows_the_newest_five_and_says_that_there_are_more(campaigner, supporter, now):
    for day in range(1, 8):
        NoteFactory(supporter=supporter, text=f"Day {day}", written_at=now.replace(day=day))

    panel = notes.panel(supporter, campaigner)

    assert [each["note"].text for each in panel["notes"]] == [f"Day {n}" for n in (7, 6, 5, 4, 3)]
    assert panel["has_more"] is True


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_as_many_queries_for_three_notes_as_for_one(
    client, campaigner, number, django_assert_num_queries
):
    NoteFactory.create_batch(number, written_by=campaigner)
    client.get(LIST)

    with django_assert_num_queries(6):
        client.get(LIST)


def test_report_of_abuse_is_not_stored_before_somebody_says_that_it_is_none(
    client, campaigner, supporter, settings
):
    settings.REPORT_ABUSE_URL = "https://report.example.org"

    asked = client.post(add_page(supporter), {"text": REPORT}, headers=ENGLISH)
    nothing = Note.objects.count()
    client.post(add_page(supporter), {"text": REPORT, "is_no_report": "on"})

    page = asked.content.decode()
    assert nothing == 0
    assert ("href='https://report.example.org'" in page, REPORT in page) == (True, True)
    assert 'type="checkbox" name="is_no_report"' in page
    assert Note.objects.get().text == REPORT


def test_changed_note_is_read_for_reports_too(client, campaigner):
    note = NoteFactory(written_by=campaigner)

    client.post(page_of(note), {"text": REPORT})
    kept = Note.objects.get().text
    client.post(page_of(note), {"text": REPORT, "is_no_report": "on"})

    assert (kept, Note.objects.get().text) == (note.text, REPORT)


@pytest.mark.parametrize(
    "text",
    [
        "Elle dit que son voisin abuse d'une fillette de 8 ans.",
        "Un enfant est battu à la maison",
        "Sa nièce, mineure, a été violée.",
        "Il a montré de la pédopornographie à ses collègues",
        "Zij zegt dat haar dochter werd misbruikt door een leraar.",
        "Een minderjarige wordt uitgebuit in een hotel",
        "Er staat kinderporno op zijn computer",
        "A 12 year old is being groomed online",
        "He is raping a child.",
        "Saw CSAM on a laptop",
        "Bonjour.\nMa fille a subi des attouchements.\nMerci",
    ],
)
def test_reports_of_abuse_are_noticed_in_three_languages(text):
    assert looks_like_report(text)


@pytest.mark.parametrize(
    "text",
    [
        "A signé la pétition contre l'exploitation sexuelle des enfants.",
        "Veut une formation sur les abus envers les mineurs",
        "Tekende tegen misbruik van kinderen.",
        "Heeft twee kinderen.",
        "Wants to hear about our campaign against child abuse",
        "Interested in the fight against child pornography",
        "A trois enfants et préfère le courrier. Déteste les abus de pub.",
        "Called: the payment was an abuse of her card.",
        "Il a une fille qui étudie à Liège.",
        "La violette de son jardin; vit avec un enfant",
        "",
    ],
)
def test_ordinary_notes_are_not_taken_for_reports(text):
    assert not looks_like_report(text)
