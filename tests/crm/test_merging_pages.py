"""What staff see of merges: the screen, the other record, the list, the undoing."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.people.duplicates import Suspicion
from crm.people.merges import Merge
from crm.people.merging import merge
from crm.people.models import Supporter
from crm.privacy.erasure import erase
from crm.privacy.operations import record_consent
from tests.factories import GiftFactory, SupporterFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:crm_merge_changelist")
LIST_QUERIES, CHOOSE_QUERIES = 6, 7


@pytest.fixture
def pair():
    kept = SupporterFactory(given_name="Anna", family_name="Peeters")
    return kept, SupporterFactory(given_name="Ana", family_name="Peeters")


@pytest.fixture
def fundraiser(client, staff):
    user = staff(Role.FUNDRAISER)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def screen(first, second):
    return reverse("admin:crm_supporter_merge", args=[first.pk, second.pk])


def undo_page(done):
    return reverse("admin:crm_merge_undo", args=[done.pk])


def profile(supporter):
    return reverse("admin:crm_supporter_change", args=[supporter.pk])


def test_the_screen_shows_both_and_what_comes_along(client, fundraiser, pair, now):
    kept, lost = pair
    GiftFactory.create_batch(3, supporter=lost)
    record_consent(supporter=kept, given=True, source="form", at=now)
    record_consent(supporter=lost, given=False, source="mail", at=now)

    page = client.get(screen(kept, lost))

    fields = {field["name"]: field for field in page.context["fields"]}
    assert page.context["moves"] == ["3 gifts", "1 consent", "1 e-mail address"]
    assert page.context["ended"] == ["newsletter, e-mail: Ana Peeters said no."]
    assert (fields["given_name"]["side"], fields["given_name"]["differs"]) == ("kept", True)
    assert not fields["family_name"]["differs"]
    assert lost.gifts.count() == 3
    assert f'href="{screen(lost, kept)}"' in page.content.decode()


def test_what_is_chosen_is_merged_and_can_be_undone_at_once(client, fundraiser, pair):
    kept, lost = pair

    answer = client.post(screen(kept, lost), {"given_name": "lost"}, follow=True)

    done = Merge.objects.get()
    kept.refresh_from_db()
    assert answer.redirect_chain == [(profile(kept), 302)]
    assert (kept.given_name, done.merged_by) == ("Ana", fundraiser)
    assert undo_page(done) in answer.content.decode()


def test_the_address_can_hold_choices(client, fundraiser, pair):
    page = client.get(screen(*pair), {"given_name": "lost", "language": "neither"})

    sides = {field["name"]: field["side"] for field in page.context["fields"]}
    assert (sides["given_name"], sides["language"]) == ("lost", "kept")


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_cannot_be_merged_is_told(client, fundraiser, pair, now, method):
    kept, lost = pair
    erase(supporter=lost, at=now)

    page = getattr(client, method)(screen(kept, lost))

    assert page.context["refused"] == "One of the two was erased. What is erased stays so."
    assert not Merge.objects.exists()


@pytest.mark.parametrize("role", [Role.READER, Role.CAMPAIGNER])
def test_others_may_not_merge(client, staff, pair, now, role):
    client.force_login(staff(role))
    done = merge(kept=pair[0], lost=SupporterFactory(), at=now)

    refused = [
        client.post(screen(*pair)),
        client.get(reverse("admin:crm_supporter_merge_with", args=[pair[0].pk])),
        client.post(undo_page(done)),
    ]

    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert Merge.objects.filter(undone_at=None).count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_other_record_is_searched(client, fundraiser, pair, number, django_assert_num_queries):
    SupporterFactory.create_batch(number, family_name="Zomer")
    SupporterFactory(family_name="Zomer", kind="organisation")
    page = reverse("admin:crm_supporter_merge_with", args=[pair[0].pk])

    with django_assert_num_queries(CHOOSE_QUERIES):
        answer = client.get(page, {"q": "zomer"})

    assert len(answer.context["found"]) == number


def test_suspected_records_are_offered_first(client, fundraiser, pair):
    kept, lost = pair
    Suspicion.objects.create(first=kept, second=lost, score=0.8)
    Suspicion.objects.create(first=kept, second=SupporterFactory(), score=0.8, state="different")

    answer = client.get(reverse("admin:crm_supporter_merge_with", args=[kept.pk]))

    assert answer.context["found"] == [lost]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_as_much_for_one_as_for_three(
    client, fundraiser, pair, now, number, django_assert_num_queries
):
    for _each in range(number):
        merge(kept=pair[0], lost=SupporterFactory(), at=now, by=fundraiser)

    with django_assert_num_queries(LIST_QUERIES):
        answer = client.get(LIST)

    assert len(answer.context["cl"].result_list) == number


def test_the_list_says_which_were_undone(client, fundraiser, pair, now):
    merge(kept=pair[0], lost=pair[1], at=now, score=0.987)

    merged, undone = (client.get(LIST, {"undone": which}) for which in ("no", "yes"))

    assert "by the rule, at 98.7 %" in merged.content.decode()
    assert list(undone.context["cl"].result_list) == []


def test_undoing_shows_what_was_edited_since(client, fundraiser, pair, now):
    kept, lost = pair
    done = merge(kept=kept, lost=lost, at=now, choices={"given_name": "lost"})
    Supporter.objects.filter(pk=kept.pk).update(given_name="Annie")
    GiftFactory(supporter=kept)

    page = client.get(undo_page(done))

    (conflict,) = page.context["conflicts"]
    assert conflict["text"] == "Given name was changed since the merge."
    assert (conflict["now"], conflict["before"]) == ("Annie", "Anna")
    assert page.context["added"] == ["1 gift"]


def test_the_editor_chooses_what_undoing_does(client, fundraiser, pair, now):
    kept, lost = pair
    done = merge(kept=kept, lost=lost, at=now, choices={"given_name": "lost"})
    Supporter.objects.filter(pk=kept.pk).update(given_name="Annie")
    (conflict,) = client.get(undo_page(done)).context["conflicts"]

    answer = client.post(undo_page(done), {"restore": conflict["key"]})

    kept.refresh_from_db()
    done.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, profile(kept))
    assert (kept.given_name, done.undone_by) == ("Anna", fundraiser)
    assert Supporter.objects.current().filter(pk=lost.pk).exists()


def test_an_undone_merge_says_so(client, fundraiser, pair, now):
    done = merge(kept=pair[0], lost=pair[1], at=now)
    client.post(undo_page(done))

    page = client.get(undo_page(done))

    assert "This merge was undone on" in page.content.decode()
    assert "Undo the merge" not in page.content.decode()


def test_of_a_chain_the_page_leads_to_the_last(client, fundraiser, pair, now):
    done = merge(kept=pair[0], lost=pair[1], at=now)
    later = merge(kept=SupporterFactory(), lost=pair[0], at=now)

    page = client.get(undo_page(done))

    assert undo_page(later) in page.content.decode()


def test_pages_of_a_merged_record_lead_to_the_one_that_stands(client, fundraiser, pair, now):
    kept, lost = pair
    last = SupporterFactory()
    merge(kept=kept, lost=lost, at=now)
    merge(kept=last, lost=kept, at=now)

    answers = {
        name: client.get(reverse(f"admin:{name}", args=[lost.pk]), follow=True)
        for name in ("crm_supporter_change", "crm_supporter_correct", "crm_supporter_merge_with")
    }

    assert {name: answer.redirect_chain[-1][0] for name, answer in answers.items()} == {
        name: reverse(f"admin:{name}", args=[last.pk]) for name in answers
    }
