"""Facebook's lead forms: who is let in, what is kept, and what it becomes."""

from datetime import UTC, datetime

import pytest

from crm.campaigns import graph as api
from crm.campaigns import tallies
from crm.campaigns.lead_operations import fetch_again, write_form
from crm.campaigns.leads import Lead
from crm.campaigns.models import Signature
from crm.mailing.models import Mail
from crm.people.models import Supporter
from tests.conftest import NOW
from tests.crm.graph import NELE, TOKEN, announcement, arrives, post, states
from tests.crm.lists import counts, imported
from tests.jobs import run_jobs, run_periodic

pytestmark = pytest.mark.django_db


def test_lead_becomes_a_signature_that_is_confirmed_by_mail(facebook, lead_form, campaign):
    facebook.has("1", **NELE)

    arrives("1")

    signature = Signature.objects.get()
    nele = signature.supporter
    assert states() == [("1", "done", "")]
    assert Lead.objects.get().signature == signature
    assert (signature.status, signature.campaign, signature.language) == ("pending", campaign, "en")
    assert (signature.source.channel, signature.source.utm_medium) == ("facebook", "lead")
    assert (nele.email, nele.given_name, nele.family_name) == (
        "nele@example.org",
        "Nele",
        "Van Damme",
    )
    assert (nele.postcode, nele.country, nele.region) == ("9000", "BE", "BE-VOV")
    assert tallies.count(campaign) == 0
    assert list(Mail.objects.values_list("template", "to")) == [
        ("confirm_signature", "nele@example.org")
    ]


def test_facebook_is_asked_with_the_token_in_the_head_and_its_proof(facebook, lead_form):
    facebook.has("1", **NELE)

    arrives("1")

    ((number, query, authorization),) = facebook.asked
    assert (number, authorization) == ("1", f"Bearer {TOKEN}")
    assert query["appsecret_proof"] == [api.proof_of(TOKEN)]
    assert "custom_disclaimer_responses" in query["fields"][0]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"first_name": "Anne", "last_name": "Dupont"}, ("Anne", "Dupont", "", "")),
        (
            {"full_name": "Mado", "zip": "1050", "country": "Belgium"},
            ("", "Mado", "1050", "BE"),
        ),
        ({"country": "Atlantis", "post_code": "1" * 13}, ("", "", "", "")),
        ({"full_name": "Win www.example.com"}, ("Win", "", "", "")),
        ({"first_name": "An\x00ne", "x": "y"}, ("Anne", "", "", "")),
    ],
)
def test_answers_are_read_as_far_as_they_are_clear(facebook, lead_form, told, expected):
    facebook.has("1", email="a@example.org", **told)

    arrives("1")

    who = Supporter.objects.get()
    assert (who.given_name, who.family_name, who.postcode, who.country) == expected


@pytest.mark.parametrize("told", [{}, {"email": ""}, {"email": "nobody"}])
def test_lead_without_an_address_is_refused(facebook, lead_form, told):
    facebook.has("1", full_name="Nele Van Damme", **told)

    arrives("1")

    assert states() == [("1", "refused", "address")]
    assert Supporter.objects.count() == 0


def test_lead_for_a_campaign_that_is_closed_is_refused(facebook, lead_form, campaign):
    campaign.closes_at = campaign.opens_at
    campaign.save()
    facebook.has("1", **NELE)

    arrives("1")

    assert states() == [("1", "refused", "closed")]


def test_lead_that_facebook_does_not_know_is_refused(facebook, lead_form):
    arrives("1")

    assert states() == [("1", "refused", "unknown")]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, {}),
        (503, {"code": 2, "is_transient": True}),
        (400, {"code": 4}),
        (403, {"code": 613}),
        (429, {}),
    ],
)
def test_lead_waits_while_facebook_is_busy(facebook, lead_form, status, error):
    facebook.refuses("1", status, **error)
    post(announcement("1"))

    with pytest.raises(api.TryLater):
        run_jobs()
    assert states() == [("1", "waiting", "")]
    facebook.has("1", **NELE)
    run_periodic("campaigns.fetch_waiting_leads")

    assert states() == [("1", "done", "")]


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[1]", {"id": "1"}])
def test_answer_that_is_no_lead_is_asked_for_again(facebook, lead_form, answer):
    facebook.answers["1"] = (200, answer)
    post(announcement("1"))

    with pytest.raises(api.TryLater):
        run_jobs()


def test_lead_waits_while_facebook_cannot_be_reached(settings, facebook, lead_form):
    settings.FACEBOOK_GRAPH_URL = "http://127.0.0.1:9/v25.0"
    post(announcement("1"))

    with pytest.raises(api.TryLater):
        run_jobs()
    run_periodic("campaigns.fetch_waiting_leads")

    assert states() == [("1", "waiting", "")]


def test_redirect_is_not_followed_with_our_token(facebook, lead_form):
    facebook.answers["1"] = (302, {})
    post(announcement("1"))

    with pytest.raises(api.TryLater):
        run_jobs()
    assert len(facebook.asked) == 1


@pytest.mark.parametrize(("status", "code"), [(400, 190), (403, 200), (401, None)])
def test_lead_waits_for_a_new_token_and_says_so(facebook, lead_form, status, code):
    facebook.refuses("1", status, code=code)
    post(announcement("1", "2"))

    with pytest.raises(api.NotAllowed):
        run_jobs()
    assert states()[0] == ("1", "waiting", "token")
    facebook.has("1", **NELE)
    facebook.has("2", **NELE)
    run_periodic("campaigns.fetch_waiting_leads")

    assert states() == [("1", "done", ""), ("2", "done", "")]


def test_hourly_round_ends_at_the_first_that_facebook_does_not_answer(facebook, lead_form):
    for number in ("1", "2"):
        Lead.objects.create(lead_id=number, form_id="77")
        facebook.refuses(number, 400, code=190)

    run_periodic("campaigns.fetch_waiting_leads")

    assert [number for number, *_rest in facebook.asked] == ["1"]


def test_lead_of_an_unknown_form_waits_unread_until_the_form_is_written_down(facebook, campaign):
    facebook.has("1", **NELE)
    arrives("1")
    assert (states(), facebook.asked) == ([("1", "waiting", "")], [])

    write_form(
        form_id="77",
        name="Spring",
        campaign=campaign,
        language="nl",
        boxes={},
        is_active=True,
        at=NOW,
        by=None,
    )
    run_jobs()

    assert states() == [("1", "done", "")]
    assert Signature.objects.get().language == "nl"


def test_lead_of_a_form_out_of_use_waits(facebook, lead_form):
    lead_form.is_active = False
    lead_form.save()

    arrives("1")
    run_periodic("campaigns.fetch_waiting_leads")

    assert (states(), facebook.asked) == ([("1", "waiting", "")], [])


def test_refused_lead_is_fetched_again_and_one_that_was_taken_over_is_not(facebook, lead_form):
    arrives("1")
    facebook.has("1", **NELE)
    lead = Lead.objects.get()

    assert fetch_again(lead=lead, at=NOW, by=None)
    run_jobs()
    assert states() == [("1", "done", "")]

    assert not fetch_again(lead=lead, at=NOW, by=None)
    assert run_jobs() == []


def test_same_person_by_two_leads_and_by_facebooks_list_is_one(facebook, lead_form, campaign):
    facebook.has("1", **NELE)
    facebook.has("2", **NELE)
    arrives("1", "2")
    text = (
        "id\tcreated_time\tad_id\tad_name\tadset_id\tadset_name\tcampaign_id\tcampaign_name\t"
        "form_id\tform_name\tis_organic\tplatform\temail\tfull_name\n"
        "l:1\t2026-03-14T10:00:00+01:00\tag:1\tAd\tas:1\tSet\tc:1\tC\tf:77\tSpring\tfalse\tfb\t"
        "nele@example.org\tNele Van Damme\n"
    )

    batch = imported(text.encode("utf-16"))

    assert states() == [("1", "done", ""), ("2", "done", "")]
    assert (Supporter.objects.count(), Signature.objects.count()) == (1, 1)
    assert counts(batch) == {"unchanged": 1}


def test_facebooks_list_may_be_one_of_signatures(facebook, lead_form, campaign):
    """Who came by the webhook too has signed once."""
    facebook.has("1", **NELE)
    arrives("1")
    lines = ["nele@example.org\tNele Van Damme", "anne@example.org\tAnne Dupont"]
    columns = "id\tcreated_time\tad_id\tadset_id\tform_id\temail\tfull_name\n"
    rows = [f"l:1\t2026-03-14T10:00:00+01:00\tag:1\tas:1\tf:77\t{line}\n" for line in lines]

    batch = imported(
        (columns + "".join(rows)).encode("utf-16"), kind="signatures", campaign=campaign.pk
    )

    anne = Signature.objects.get(supporter__email="anne@example.org")
    assert sum(counts(batch).values()) == 2
    assert Signature.objects.count() == 2
    assert anne.signed_at == datetime(2026, 3, 14, 9, 0, tzinfo=UTC)


def test_erased_lead_is_gone_before_its_job_comes(facebook, lead_form):
    post(announcement("1"))
    Lead.objects.all().delete()

    run_jobs()

    assert facebook.asked == []
