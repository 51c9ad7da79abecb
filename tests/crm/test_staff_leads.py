"""Lead forms and leads as staff see them, and the page with the code for other sites."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.audit import AuditEntry
from crm.campaigns.leads import Lead, LeadForm
from crm.campaigns.models import Campaign, Signature
from tests.crm.graph import BOXES, NELE, arrives, states
from tests.factories import CampaignFactory, CampaignTextFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
FORMS, LEADS = "/staff/crm/leadform/", "/staff/crm/lead/"
ADD = f"{FORMS}add/"


@pytest.fixture
def carla(signed_in):
    return signed_in(Role.CAMPAIGNER)


def told(of, **fields):
    return {
        "form_id": "77",
        "name": "Spring",
        "campaign": of.pk,
        "language": "nl",
        "newsletter_box": "optin_news",
        "appeals_box": "",
        "is_active": "on",
        **fields,
    }


def change(form):
    return reverse("admin:crm_leadform_change", args=[form.pk])


def test_form_that_is_unknown_is_written_down_and_its_leads_are_fetched(
    client, carla, facebook, campaign
):
    facebook.has("1", **NELE)
    arrives("1")
    page = client.get(FORMS)
    assert page.context["unknown"] == [{"form_id": "77", "number": 1}]
    assert f'href="{ADD}?form=77"' in page.content.decode()
    assert client.get(f"{ADD}?form=77").context["form"].initial["form_id"] == "77"

    answer = client.post(ADD, told(campaign))
    run_jobs()

    form = LeadForm.objects.get()
    assert answer.url == FORMS
    assert (form.name, form.campaign, form.language) == ("Spring", campaign, "nl")
    assert form.boxes == {"optin_news": "newsletter"}
    assert states() == [("1", "done", "")]
    assert AuditEntry.objects.filter(action="leadform.added", by=carla).count() == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"form_id": ""}, "form_id"),
        ({"form_id": "spring"}, "form_id"),
        ({"form_id": "١٢"}, "form_id"),
        ({"name": ""}, "name"),
        ({"campaign": ""}, "campaign"),
        ({"campaign": 0}, "campaign"),
        ({"language": "de"}, "language"),
        ({"appeals_box": "optin_news"}, "appeals_box"),
    ],
)
def test_form_is_checked(client, carla, campaign, fields, wrong):
    answer = client.post(ADD, told(campaign, **fields))

    assert answer.context["form"].errors.keys() == {wrong}
    assert LeadForm.objects.count() == 0


def test_form_is_written_down_once(client, carla, lead_form, campaign):
    answer = client.post(ADD, told(campaign))

    assert answer.context["form"].errors.keys() == {"form_id"}
    assert LeadForm.objects.count() == 1


def test_leads_of_an_appeal_sign_nothing(client, carla):
    appeal = CampaignFactory(kind=Campaign.Kind.APPEAL)

    assert client.post(ADD, told(appeal)).context["form"].errors.keys() == {"campaign"}


def test_form_is_changed(client, carla, lead_form, campaign):
    page = client.get(change(lead_form))
    first = page.context["form"].initial
    assert (first["newsletter_box"], first["appeals_box"]) == tuple(BOXES)

    client.post(change(lead_form), told(campaign, is_active=""))

    lead_form.refresh_from_db()
    assert (lead_form.language, lead_form.is_active) == ("nl", False)
    assert lead_form.boxes == {"optin_news": "newsletter"}


@pytest.mark.parametrize("number", [1, 3])
def test_lists_ask_as_much_for_one_as_for_three(
    client, carla, campaign, number, django_assert_num_queries
):
    CampaignTextFactory(campaign=campaign)
    for each in range(number):
        LeadForm.objects.create(form_id=str(each), name="F", campaign=campaign)
        Lead.objects.create(lead_id=str(each), form_id=str(each), state="refused", why="closed")
        Lead.objects.create(lead_id=f"9{each}", form_id=f"9{each}")
    client.get(FORMS)

    with django_assert_num_queries(8):
        forms = client.get(FORMS)
    with django_assert_num_queries(6):
        leads = client.get(LEADS)

    assert len(forms.context["forms"]) == len(forms.context["unknown"]) == number
    assert len(leads.context["cl"].result_list) == number * 2


def test_lead_says_why_it_is_no_signature(client, carla, facebook, lead_form):
    Lead.objects.create(lead_id="1", form_id="77", state="refused", why="closed")
    Lead.objects.create(lead_id="2", form_id="77", why="token")
    Lead.objects.create(lead_id="3", form_id="88")

    page = client.get(LEADS, headers={"accept-language": "en"}).content.decode()

    assert "the campaign takes no signatures now" in page
    assert "Facebook does not accept our token: it has to be renewed" in page
    assert "88, not written down yet" in page


def test_lead_that_was_refused_is_fetched_again(client, carla, facebook, lead_form):
    arrives("1")
    assert states() == [("1", "refused", "unknown")]
    facebook.has("1", **NELE)

    client.post(LEADS, {"action": "again", "_selected_action": Lead.objects.get().pk})
    run_jobs()

    assert states() == [("1", "done", "")]
    assert Signature.objects.count() == 1


# The page with the code


def embed(campaign, language="nl"):
    return reverse("admin:crm_campaign_embed", args=[campaign.pk]) + f"?language={language}"


def test_code_for_other_sites_is_there_in_each_language(client, carla, campaign, settings):
    settings.SITE_URL = "https://soutien.example"
    CampaignTextFactory(campaign=campaign, language="nl", title="Stop “dit”")

    page = client.get(embed(campaign))

    site, slug = "https://soutien.example", campaign.slug
    assert page.context["script"] == (
        f'<script src="{site}/embed.js" data-petition="{slug}" data-language="nl" async></script>'
    )
    assert page.context["iframe"].startswith(f'<iframe src="{site}/nl/embed/{slug}/?utm_source=')
    assert f'src="/nl/embed/{slug}/"' in page.content.decode()
    assert page.context["has_text"] is True
    assert client.get(embed(campaign, "en")).context["has_text"] is False
    assert client.get(embed(campaign, "xx")).status_code == 200


@pytest.mark.parametrize("fields", [{"is_embeddable": False}, {"is_public": False}])
def test_page_with_the_code_says_that_no_site_shows_it(client, carla, campaign, fields):
    Campaign.objects.update(**fields)

    page = client.get(embed(campaign))

    assert page.context["is_shown"] is False
    assert "<iframe class" not in page.content.decode()


def test_appeal_has_no_code(client, carla, campaign):
    Campaign.objects.update(kind=Campaign.Kind.APPEAL)

    assert client.get(embed(campaign)).status_code == 404
