"""The pages of segments: building, counting, sharing, explaining; and what is hidden from whom."""

import json

import pytest
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.people.history import SegmentEvent
from crm.people.models import Supporter
from crm.people.segments import Segment
from tests.crm.segments import all_of, is_
from tests.factories import (
    AT,
    CampaignFactory,
    CampaignTextFactory,
    FundFactory,
    GiftFactory,
    SignatureFactory,
    SupporterFactory,
)
from tests.jobs import run_periodic
from tests.people_factories import SegmentFactory, StaffFactory

pytestmark = pytest.mark.django_db
LIST, ADD = "/staff/crm/segment/", "/staff/crm/segment/add/"
COUNT = "/staff/crm/segment/count/"
FRENCH = {"c:match": "all", "c-0:is": "language", "c-0:languages": "fr"}


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


@pytest.fixture
def sign_in(client, staff):
    def make(role=Role.CAMPAIGNER):
        user = staff(role)
        client.force_login(user)
        return user

    return make


def page(segment, name="change"):
    return reverse(f"admin:crm_segment_{name}", args=[segment.pk])


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_segment_is_built_saved_and_shown(client, sign_in):
    user = sign_in()
    SupporterFactory(given_name="Ada")
    SupporterFactory(given_name="Bob", language="nl")

    answer = client.post(ADD, {"name": "French", **FRENCH}, follow=True)

    segment = Segment.objects.get()
    assert (segment.name, segment.owner, segment.is_shared) == ("French", user, False)
    assert segment.conditions == all_of(is_("language", languages=["fr"]))
    assert segment.counted == 1
    assert answer.context["number"] == 1
    assert [each.given_name for each in answer.context["members"]] == ["Ada"]
    assert answer.context["reading"].words == "reads French"
    trail = AuditEntry.objects.filter(action="segment.added").values_list("subject", "by")
    assert list(trail) == [(f"segment:{segment.pk}", user.pk)]


def test_every_input_of_the_form_is_read_back_as_it_was_written(client, sign_in):
    sign_in(Role.FUNDRAISER)
    campaign, fund = CampaignFactory(), FundFactory()
    when = {"kind": "between", "from": "2025-01-01", "to": "2025-12-31"}
    asked = all_of(
        is_(
            "gave",
            least=125050,
            one_most=100000,
            currency="EUR",
            times=2,
            when=when,
            campaigns=[campaign.pk],
            funds=[fund.pk],
            methods=["card", "cash"],
        ),
        {"match": "none", "of": [is_("signed", state="any", when={"kind": "last", "days": 30})]},
    )
    segment = SegmentFactory(owner=client_user(client), conditions=asked)
    form = client.get(page(segment, "edit"))

    client.post(page(segment, "edit"), {**inputs_of(form), "name": "Again"})

    segment.refresh_from_db()
    assert (segment.name, segment.conditions) == ("Again", asked)


def client_user(client):
    return client.get(LIST).context["user"]


def inputs_of(answer):
    """What a browser would send of the form as it is shown."""
    form = answer.context["form"]
    data = {"name": form.initial["name"], "based_on": answer.context["edit"].based_on}
    return data | inputs_in(answer.context["part"])


def inputs_in(part):
    data = {f"{part.name}:is": part.kind} if part.kind else {f"{part.name}:match": part.match}
    for each in [*part.inputs, *part.more]:
        chosen = [value for value, _label, is_chosen in each.choices if is_chosen]
        data[each.name] = chosen if each.choices else each.value
        if each.widget == "when":
            data |= {f"{each.name}_days": each.days, f"{each.name}_from": each.begin}
            data |= {f"{each.name}_to": each.end}
    for child in part.parts:
        data |= inputs_in(child)
    return data


def test_builder_works_by_its_buttons_alone(client, sign_in):
    sign_in()
    typed = {"name": "Half", "c:match": "any", "c:new": "country"}

    first = client.post(ADD, {**typed, "do": "add c"})
    second = client.post(ADD, {**typed, **FRENCH, "c-0:languages": "nl", "do": "group c"})
    nested = {**typed, **FRENCH, "c-1:match": "none", "c-1:new": "household", "do": "add c-1"}
    third = client.post(ADD, nested)
    nested |= {"c-1-0:is": "household", "do": "remove c-0"}
    fourth = client.post(ADD, nested)

    shown = [answer.context["part"] for answer in (first, second, third, fourth)]
    assert [part.kind for part in shown[0].parts] == ["country"]
    assert [part.kind or part.match for part in shown[1].parts] == ["language", "any"]
    assert shown[1].parts[0].inputs[0].choices[1][2] is True
    assert [part.kind for part in shown[2].parts[1].parts] == ["household"]
    assert [part.name for part in shown[3].parts] == ["c-0"]
    assert [part.name for part in shown[3].parts[0].parts] == ["c-0-0"]
    assert [answer.context["form"]["name"].value() for answer in (first, fourth)] == ["Half"] * 2
    assert Segment.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "x", "c:match": "all"}, "There is no condition here yet."),
        ({"name": "x", **FRENCH, "c-0:languages": "xx"}, "This cannot be chosen, or no longer."),
        ({"name": "x", **FRENCH, "c-0:is": "nothing"}, "There is no such condition."),
        ({"name": "", **FRENCH}, "This field is required."),
        ({"name": "x", "holdout": "51", **FRENCH}, "less than or equal to 50"),
        (
            {"name": "x", "c:match": "all", "c-0:is": "known", "c-0:when": "last"},
            "How many days? A whole number, please.",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(client, sign_in, data, said):
    sign_in()

    answer = client.post(ADD, data)

    assert answer.status_code == 200
    assert said in text_of(answer)
    assert Segment.objects.count() == 0


def test_amount_that_is_none_is_said_beside_it(client, sign_in):
    sign_in(Role.FUNDRAISER)
    data = {"name": "x", "c:match": "all", "c-0:is": "gave", "c-0:least": "a lot"}

    part = client.post(ADD, data).context["part"].parts[0]

    told = {each.name: (each.value, each.error) for each in part.inputs if each.error}
    assert told == {"c-0:least": ("a lot", "This is not an amount, such as 25 or 12,50.")}


def test_count_says_the_number_and_the_words(client, sign_in):
    sign_in()
    SupporterFactory.create_batch(2)
    SupporterFactory(language="nl")

    answer = client.post(COUNT, FRENCH)

    assert (answer.context["number"], answer.context["words"]) == (2, "reads French")
    assert "<html" not in answer.content.decode()


def test_second_of_two_editors_is_shown_what_the_first_changed(client, sign_in):
    user = sign_in()
    segment = SegmentFactory(owner=user, name="Before")
    mine = inputs_of(client.get(page(segment, "edit")))
    theirs = inputs_of(client.get(page(segment, "edit")))
    client.post(page(segment, "edit"), {**theirs, "c-0:languages": "nl"})

    answer = client.post(page(segment, "edit"), {**mine, "c-0:languages": "en"})

    segment.refresh_from_db()
    assert segment.conditions == all_of(is_("language", languages=["nl"]))
    told = [(c.label, c.before, c.theirs, c.mine) for c in answer.context["edit"].conflicts]
    assert told == [("Conditions", "reads French", "reads Dutch", "reads English")]
    assert answer.context["part"].parts[0].inputs[0].choices[2][2] is True  # mine is not lost


def test_what_only_the_other_changed_is_kept(client, sign_in):
    segment = SegmentFactory(owner=sign_in(), name="Before")
    mine = inputs_of(client.get(page(segment, "edit")))
    client.post(page(segment, "edit"), {**mine, "name": "Theirs"})

    client.post(page(segment, "edit"), {**mine, "c-0:languages": "en"})

    segment.refresh_from_db()
    assert (segment.name, segment.conditions) == (
        "Theirs",
        all_of(is_("language", languages=["en"])),
    )


def test_versions_tell_what_it_was_and_who_changed_it(client, sign_in):
    user = sign_in()
    segment = SegmentFactory(owner=user, name="Before")
    mine = inputs_of(client.get(page(segment, "edit")))
    client.post(page(segment, "edit"), {**mine, "name": "After", "c-0:languages": "nl"})

    versions = client.get(page(segment, "versions")).context["versions"]

    told = [(each["event"].name, each["words"], each["by"]) for each in versions]
    assert told == [("Before", "reads French", user)]


def test_counting_writes_no_version(client, sign_in):
    segment = SegmentFactory(owner=sign_in(), is_audience=True)
    same = inputs_of(client.get(page(segment, "edit")))

    client.post(page(segment, "edit"), {**same, "is_audience": "on"})
    run_periodic("segments.refresh_all")

    assert SegmentEvent.objects.count() == 0


def test_why_tells_each_condition_and_its_facts(client, sign_in):
    user = sign_in(Role.FUNDRAISER)
    campaign = CampaignFactory()
    CampaignTextFactory(campaign=campaign, title="Je dis STOP !")
    ada = SupporterFactory(given_name="Ada", family_name="Lovelace")
    for amount in (10000, 2000):
        GiftFactory(supporter=ada, amount=amount)
    SignatureFactory(supporter=ada, campaign=campaign, status="confirmed", confirmed_at=AT)
    segment = SegmentFactory(
        owner=user,
        conditions=all_of(
            is_("gave", least=10000, currency="EUR"),
            {"match": "none", "of": [is_("signed"), is_("language", languages=["nl"])]},
        ),
    )

    found = client.get(page(segment, "why"), {"q": "love"})
    verdict = client.get(page(segment, "why"), {"supporter": ada.pk}).context["verdict"]

    assert found.context["found"] == [ada]
    gave, group = verdict.parts
    assert (verdict.holds, gave.holds, group.holds) == (False, True, False)
    assert gave.words == "gave at least €100 in all"
    assert gave.facts == "2 gifts, €120, the last on March 1, 2026"
    assert [(part.holds, part.facts) for part in group.parts] == [
        (True, "signed “Je dis STOP !” on March 1, 2026"),
        (False, "French"),
    ]


@pytest.mark.parametrize("who", ["0", "x", "9" * 30, "-1"])
def test_why_of_nobody_is_not_there(client, sign_in, who):
    segment = SegmentFactory(owner=sign_in())

    assert client.get(page(segment, "why"), {"supporter": who}).status_code == 404


def test_members_are_paged_by_their_keys(client, sign_in):
    segment = SegmentFactory(owner=sign_in())
    people = SupporterFactory.create_batch(51)

    first = client.get(page(segment))
    second = client.get(page(segment), {"after": first.context["more"]})

    assert first.context["members"] == people[:50]
    assert second.context["members"] == people[50:]
    assert (first.context["number"], second.context["more"]) == (51, None)


def test_segment_that_others_are_made_with_is_not_removed(client, sign_in):
    user = sign_in()
    inner = SegmentFactory(owner=user)
    outer = SegmentFactory(
        owner=user, name="Outer", conditions=all_of(is_("segment", segments=[inner.pk]))
    )

    refused = client.post(page(inner, "remove"))
    client.post(page(outer, "remove"))
    client.post(page(inner, "remove"))

    assert "Other segments are made with this one: “Outer”." in text_of(refused)
    assert Segment.objects.count() == 0
    assert Supporter.objects.count() == 0


def test_members_are_exported_with_a_reason(client, sign_in):
    segment = SegmentFactory(owner=sign_in(Role.FUNDRAISER))
    SupporterFactory(given_name="Ada")
    SupporterFactory(given_name="Bob", language="nl")
    asked = {"columns": ["given_name"], "format": "csv", "reason": "Letters of thanks"}

    answer = client.post(page(segment, "take"), asked)

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[1:] == ["Ada"]


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_the_same_queries_for_any_number(
    client, sign_in, number, django_assert_num_queries
):
    user = sign_in()
    for _each in range(number):
        inner = SegmentFactory(owner=StaffFactory(), is_shared=True)
        SegmentFactory(owner=user, conditions=all_of(is_("segment", segments=[inner.pk])))
    client.get(LIST)

    with django_assert_num_queries(9):
        answer = client.get(LIST)

    assert len(answer.context["cl"].result_list) == 2 * number


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_the_same_queries_for_any_number(
    client, sign_in, number, django_assert_num_queries
):
    segment = SegmentFactory(owner=sign_in())
    SupporterFactory.create_batch(number)
    client.get(page(segment))

    with django_assert_num_queries(15):
        answer = client.get(page(segment))

    assert len(answer.context["members"]) == number


def test_stored_conditions_are_what_json_can_hold(client, sign_in):
    sign_in()

    client.post(ADD, {"name": "French", **FRENCH})

    stored = Segment.objects.get().conditions
    assert json.loads(json.dumps(stored)) == stored
