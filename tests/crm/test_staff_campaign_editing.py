"""Campaigners make and change campaigns by themselves."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.campaigns import tallies
from crm.campaigns.models import Campaign
from crm.campaigns.pictures import CampaignPicture
from crm.campaigns.picturing import set_picture
from crm.donations.communications import Communication
from crm.staff.editing import BASIS
from tests.factories import AT, CampaignFactory, CampaignTextFactory, SignatureFactory
from tests.picture_files import picture_file

pytestmark = pytest.mark.django_db
ADD = "/staff/crm/campaign/add/"
NEW = {"kind": "petition", "title": "Stop à la traite !", "language": "fr", "slug": ""}
WHAT = {
    "kind": "petition",
    "slug": "stop",
    "opens_at": "2026-03-01T09:00",
    "closes_at": "",
    "goal": "1000",
    "suggested_amounts": "10 12,50 50",
    "report_url": "",
}
ASKING = {"postcode": "required", "country": "required", "phone": "no", "comment": "asked"}


@pytest.fixture
def campaigner(signed_in):
    return signed_in(Role.CAMPAIGNER)


@pytest.fixture
def draft(db):
    return CampaignFactory(slug="stop", is_public=False, opens_at=AT)


def to(campaign, page):
    return f"/staff/crm/campaign/{campaign.pk}/{page}/"


def errors(answer):
    assert answer.status_code == 200
    return {name: list(told) for name, told in answer.context["form"].errors.items()}


def trail():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "details"))


def test_new_campaign_has_an_address_from_its_title_and_nobody_sees_it(client, campaigner):
    answer = client.post(ADD, NEW)

    campaign = Campaign.objects.get()
    assert answer.url == to(campaign, "change")
    assert (campaign.slug, campaign.kind, campaign.is_public) == (
        "stop-a-la-traite",
        "petition",
        False,
    )
    assert list(campaign.texts.values_list("language", "title")) == [("fr", "Stop à la traite !")]
    assert trail() == [("campaign.added", {})]
    assert Communication.objects.filter(campaign=campaign, supporter=None).exists()


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"title": ""}, {"title": ["This field is required."]}),
        ({"title": "???"}, {"slug": ["No address can be made from this title: write one."]}),
        ({"slug": "stop"}, {"slug": ["Another campaign has this address."]}),
        ({"slug": "Stop"}, {"slug": ["Another campaign has this address."]}),
        (
            {"slug": "stop à"},
            {"slug": ["Letters without accents, digits and hyphens only: stop-traite."]},
        ),
    ],
)
def test_new_campaign_without_title_or_address_is_not_made(
    client, campaigner, draft, changes, wrong
):
    answer = client.post(ADD, NEW | changes, headers={"accept-language": "en"})

    assert errors(answer) == wrong
    assert Campaign.objects.count() == 1


def test_new_campaign_like_another_takes_over_all_but_days_and_signatures(client, campaigner):
    like = CampaignFactory(goal=500, goal_rises=True, asked=["phone"], required=["phone"])
    for language in ("fr", "nl"):
        CampaignTextFactory(campaign=like, language=language, title="Old", body="Body.")
    picture = set_picture(campaign=like, content=picture_file(), at=AT, by=None)
    SignatureFactory(campaign=like)

    client.post(f"{ADD}?like={like.pk}", NEW)

    made = Campaign.objects.exclude(pk=like.pk).get()
    assert (made.goal, made.goal_rises, made.asked, made.required) == (
        500,
        True,
        ["phone"],
        ["phone"],
    )
    assert sorted(made.texts.values_list("language", "title", "body")) == [
        ("fr", "Stop à la traite !", "Body."),
        ("nl", "Old", "Body."),
    ]
    assert CampaignPicture.objects.get(campaign=made).digest == picture.digest
    assert CampaignPicture.objects.count() == 2
    assert (made.is_public, made.closes_at, made.signatures.count()) == (False, None, 0)


def test_change_is_written_dated_and_named_in_the_trail(client, campaigner, draft):
    Campaign.objects.update(modified_at=AT)

    answer = client.post(
        to(draft, "what"), WHAT | {"slug": "halt", "closes_at": "2026-06-01T18:30"}
    )

    draft.refresh_from_db()
    assert answer.url == to(draft, "change")
    assert (draft.slug, draft.suggested_amounts) == ("halt", [1000, 1250, 5000])
    assert draft.opens_at == datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    assert draft.closes_at == datetime(2026, 6, 1, 16, 30, tzinfo=UTC)
    assert draft.modified_at > AT
    fields = ["closes_at", "goal", "is_embeddable", "opens_at", "slug", "suggested_amounts"]
    assert trail() == [("campaign.changed", {"fields": fields})]


def test_what_stays_the_same_leaves_no_line_in_the_trail(client, campaigner, draft):
    shown = client.get(to(draft, "what")).context["form"]
    same = {field.name: field.value() for field in shown}
    same |= {"opens_at": "2026-03-01T10:00", "suggested_amounts": "10 25 50", "closes_at": ""}

    answer = client.post(to(draft, "what"), {n: v for n, v in same.items() if v is not False})

    assert (answer.status_code, trail()) == (302, [])


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"closes_at": "2026-02-01T09:00"}, {"closes_at": ["It closes before it opens."]}),
        ({"closes_at": "2026-03-01T09:00"}, {"closes_at": ["It closes before it opens."]}),
        ({"opens_at": ""}, {"opens_at": ["This field is required."]}),
        ({"goal": "9"}, {"goal": ["Ensure this value is greater than or equal to 10."]}),
        (
            {"goal": "", "goal_rises": "on"},
            {"goal": ["Write the first goal, which then rises."]},
        ),
        ({"slug": "other"}, {"slug": ["Another campaign has this address."]}),
        (
            {"suggested_amounts": "10 ten"},
            {"suggested_amounts": ["Write an amount, such as 25 or 12,50."]},
        ),
        ({"report_url": "not a page"}, {"report_url": ["Enter a valid URL."]}),
    ],
)
def test_what_makes_no_sense_comes_back_beside_its_field(client, campaigner, draft, changes, wrong):
    CampaignFactory(slug="other")
    english = {"accept-language": "en"}

    answer = client.post(to(draft, "what"), WHAT | changes, headers=english)

    assert errors(answer) == wrong
    assert trail() == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"goal": "10"}, 200),
        ({"goal": "10", "goal_rises": "on"}, 302),
        ({"goal": "11"}, 302),
        ({"goal": "5000", "report_url": "https://report.example/"}, 302),
    ],
)
def test_new_goal_that_is_behind_us_must_rise(client, campaigner, draft, now, changes, status):
    row = tallies.delta_of(SignatureFactory(campaign=draft), "confirm", at=now)
    row.number = 10
    row.save()

    answer = client.post(to(draft, "what"), WHAT | changes)

    assert answer.status_code == status


def test_goal_that_was_passed_does_not_keep_anything_else_from_being_changed(
    client, campaigner, draft, now
):
    Campaign.objects.update(goal=10)
    row = tallies.delta_of(SignatureFactory(campaign=draft), "confirm", at=now)
    row.number = 50
    row.save()

    answer = client.post(to(draft, "what"), WHAT | {"goal": "10"})

    assert answer.status_code == 302


@pytest.mark.parametrize("known", ["signed", "public"])
def test_address_and_kind_stay_once_links_are_out(client, campaigner, draft, known):
    if known == "signed":
        SignatureFactory(campaign=draft)
    else:
        Campaign.objects.update(is_public=True)

    answer = client.post(to(draft, "what"), WHAT | {"slug": "halt", "kind": "sign-up"})

    draft.refresh_from_db()
    assert answer.status_code == 302
    assert (draft.slug, draft.kind, draft.goal) == ("stop", "petition", 1000)


def test_appeal_has_no_goal_and_no_form(client, campaigner, draft):
    Campaign.objects.update(kind="appeal")

    fields = client.get(to(draft, "what")).context["form"].fields
    page = client.get(to(draft, "change")).content.decode()

    assert fields.keys() & {"goal", "goal_rises", "is_embeddable"} == set()
    assert to(draft, "asking") not in page


def test_words_of_a_language_are_written_and_named_in_the_trail(client, campaigner, draft):
    words = {"title": "Halt", "body": "Een.\r\n\r\nTwee.", "thanks": "Dank."}

    answer = client.post(to(draft, "words/nl"), words)

    text = draft.texts.get()
    assert answer.url == to(draft, "change")
    assert (text.language, text.title, text.body) == ("nl", "Halt", "Een.\n\nTwee.")
    assert trail() == [("campaign.changed", {"fields": ["nl.body", "nl.thanks", "nl.title"]})]


def test_words_without_a_title_or_too_long_are_not_written(client, campaigner, draft):
    answer = client.post(to(draft, "words/nl"), {"title": "", "summary": "x" * 301})

    assert errors(answer).keys() == {"title", "summary"}
    assert not draft.texts.exists()


def test_words_in_a_language_that_we_do_not_write_are_not_there(client, campaigner, draft):
    assert client.get(to(draft, "words/de")).status_code == 404


def test_page_tells_what_is_missing_in_each_language(client, campaigner, draft):
    CampaignTextFactory(campaign=draft, language="fr", thanks="Merci.")
    CampaignTextFactory(campaign=draft, language="nl", demand="", body="")

    told = client.get(to(draft, "change"), headers={"accept-language": "en"}).context["versions"]

    assert [
        (version.language, str(instead), missing) for version, _name, instead, missing in told
    ] == [
        ("fr", "", ""),
        ("nl", "", "text, what we ask, and of whom, thank-you text"),
        ("en", "French", ""),
    ]


def test_second_who_writes_the_same_words_is_asked_whose_are_kept(client, campaigner, draft):
    CampaignTextFactory(campaign=draft, language="fr", title="Old", demand="", body="", summary="")
    shown = client.get(to(draft, "words/fr")).context["edit"].based_on
    client.post(to(draft, "words/fr"), {"title": "Mine", BASIS: shown})

    answer = client.post(to(draft, "words/fr"), {"title": "Theirs", BASIS: shown})

    conflict = answer.context["edit"].conflicts[0]
    assert (conflict.before, conflict.theirs, conflict.mine) == ("Old", "Mine", "Theirs")
    assert draft.texts.get().title == "Mine"


def test_form_asks_what_was_chosen(client, campaigner, draft):
    answers = ASKING | {"phone": "asked", "country": "no", "purposes": ["appeals", "newsletter"]}

    client.post(to(draft, "asking"), answers)

    draft.refresh_from_db()
    assert (draft.asked, draft.required) == (["postcode", "phone", "comment"], ["postcode"])
    assert draft.purposes == ["newsletter", "appeals"]
    assert trail() == [("campaign.changed", {"fields": ["asked", "purposes", "required"]})]


def test_what_must_be_told_is_always_asked(client, campaigner, draft):
    for answers in (ASKING, ASKING | {"comment": "required", "postcode": "no"}):
        client.post(to(draft, "asking"), answers)
        draft.refresh_from_db()

        assert set(draft.required) <= set(draft.asked)
    assert (draft.asked, draft.purposes) == (["country", "comment"], [])


def press(client, campaign, page, **fields):
    answer = client.post(to(campaign, page), fields)
    campaign.refresh_from_db()
    return answer


def test_campaign_is_published_once_and_hidden_after_a_question(client, campaigner, draft):
    for _twice in range(2):
        press(client, draft, "publish")
    assert draft.is_public

    asked = press(client, draft, "hide")
    assert (asked.templates[0].name, draft.is_public) == ("staff/confirm.html", True)
    press(client, draft, "hide", confirmed="yes")

    assert not draft.is_public
    assert [action for action, _details in trail()] == ["campaign.published", "campaign.hidden"]


def test_campaign_is_archived_after_a_question_and_taken_out_again(client, campaigner, campaign):
    asked = press(client, campaign, "archive")
    assert (asked.templates[0].name, campaign.archived_at) == ("staff/confirm.html", None)

    for _twice in range(2):
        press(client, campaign, "archive", confirmed="yes")
    assert abs(campaign.archived_at - timezone.now()) < timedelta(minutes=1)
    press(client, campaign, "restore")

    assert campaign.archived_at is None
    assert [action for action, _details in trail()] == ["campaign.archived", "campaign.restored"]


def test_what_is_archived_is_not_published(client, campaigner, draft):
    press(client, draft, "archive", confirmed="yes")

    press(client, draft, "publish")

    assert not draft.is_public


PAGES = ["what", "asking", "words/fr", "picture", "picture/remove", "publish", "hide", "archive"]


@pytest.mark.parametrize("role", [Role.READER, Role.FUNDRAISER])
@pytest.mark.parametrize("page", [*PAGES, "restore"])
def test_who_may_only_look_changes_nothing(client, signed_in, campaign, role, page):
    signed_in(role)
    before = Campaign.objects.values().get()

    answers = [client.post(to(campaign, page), {"confirmed": "yes"} | WHAT).status_code]
    answers.append(client.get(to(campaign, page)).status_code)

    assert (answers, Campaign.objects.values().get()) == ([403, 403], before)


def test_who_may_only_look_sees_the_campaign_without_a_way_to_change_it(
    client, signed_in, campaign
):
    CampaignTextFactory(campaign=campaign)
    signed_in(Role.READER)

    html = client.get(to(campaign, "change")).content.decode()

    assert "Stop child trafficking" in html
    assert [page for page in PAGES if f'"{to(campaign, page)}"' in html] == []


def test_page_of_a_campaign_takes_as_many_queries_with_three_texts_and_a_picture(
    client, campaigner, draft, django_assert_max_num_queries
):
    client.get(to(draft, "change"))
    with django_assert_max_num_queries(99) as bare:
        client.get(to(draft, "change"))
    for language in ("fr", "nl", "en"):
        CampaignTextFactory(campaign=draft, language=language)
    set_picture(campaign=draft, content=picture_file(), at=AT, by=None)

    with django_assert_max_num_queries(99) as full:
        client.get(to(draft, "change"))

    assert len(full) == len(bare) == 7
