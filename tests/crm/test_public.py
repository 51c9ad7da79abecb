"""The home page, what all public pages share, the counter, and the mails of a developer."""

import json
import re
from datetime import date

import pytest
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.filebased import EmailBackend
from django.test import Client

from crm.audit import DEMO_LOADED, AuditEntry
from crm.campaigns import operations
from crm.campaigns.counting import DayTally
from crm.campaigns.models import Campaign
from crm.programmes.models import ImpactFigure
from crm.public.devmail_views import FILE_BACKEND
from crm.public.trail import trail_from, trail_query
from tests.factories import CampaignFactory, CampaignTextFactory, SignatureFactory

pytestmark = pytest.mark.django_db


def count_url(campaign, language="en"):
    return f"/{language}/petition/{campaign.slug}/count/"


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_root_leads_to_the_readers_language(client, language):
    response = client.get("/", headers={"accept-language": f"{language}-BE,{language};q=0.9"})

    assert (response.status_code, response.url) == (302, f"/{language}/")


def test_home_shows_the_newest_open_petition_and_the_other_open_campaigns(client, now):
    old = CampaignFactory(opens_at=now.replace(year=2021))
    newest = CampaignFactory(opens_at=now.replace(year=2024))
    joined = CampaignFactory(kind=Campaign.Kind.SIGN_UP, opens_at=now.replace(year=2025))
    CampaignFactory(is_public=False)
    CampaignFactory(closes_at=now.replace(year=2022))
    operations.confirm(signature=SignatureFactory(campaign=newest), at=now)

    page = client.get("/en/").context

    assert (page["petition"], page["others"]) == (newest, [joined, old])
    assert (page["counter"].count, page["counter"].goal) == (1, 100)


def test_home_shows_each_figure_of_its_newest_year(client):
    for year, value in ((2016, 380), (2017, 410)):
        ImpactFigure.objects.create(key=ImpactFigure.Key.TRAINED, year=year, value=value)
    ImpactFigure.objects.create(key=ImpactFigure.Key.NETWORK_MEMBERS, year=2015, value=102)

    figures = client.get("/en/").context["figures"]

    assert [(figure.key, figure.value) for figure in figures] == [
        ("network_members", 102),
        ("trained", 410),
    ]


def test_home_without_any_campaign_still_stands(client):
    response = client.get("/en/")

    assert (response.status_code, response.context["petition"]) == (200, None)


@pytest.mark.parametrize("number", [1, 3])
def test_home_asks_the_same_queries_for_one_campaign_and_for_three(
    client, number, django_assert_num_queries
):
    for text in CampaignTextFactory.create_batch(number):
        ImpactFigure.objects.create(key="trained", year=2000 + text.pk, value=1)

    with django_assert_num_queries(7):
        response = client.get("/en/")

    assert len(response.context["others"]) == number - 1


@pytest.mark.parametrize("path", ["newsletter/", "petition/{slug}/"])
def test_language_links_keep_page_and_source(client, campaign, path):
    path = path.format(slug=campaign.slug)

    html = client.get(f"/en/{path}?utm_source=fb&ref=plan.be")

    links = re.findall(r'<li><a href="([^"]*)" lang="(\w\w)"', html.content.decode())
    assert links == [
        (f"/{code}/{path}?utm_source=fb&amp;ref=plan.be", code) for code in ("fr", "nl", "en")
    ]


@pytest.mark.parametrize("path", ["", "petition/{slug}/", "petition/{slug}/thanks/", "no/page/"])
def test_every_page_leads_to_the_reporting_site(client, campaign, settings, path):
    settings.REPORT_ABUSE_URL = "https://report.example.org"

    html = client.get("/en/" + path.format(slug=campaign.slug)).content.decode()

    assert html.count('href="https://report.example.org"') == 1


def test_campaign_may_have_a_reporting_site_of_its_own(client):
    campaign = CampaignFactory(report_url="https://own.example.org/?a=1&b=2")

    html = client.get(f"/en/petition/{campaign.slug}/").content.decode()

    assert html.count('href="https://own.example.org/?a=1&amp;b=2"') == 1


@pytest.mark.parametrize(("loaded", "banners"), [(True, 1), (False, 0)])
def test_demo_is_told_on_the_page_when_it_was_loaded(client, loaded, banners):
    if loaded:
        AuditEntry.objects.create(action=DEMO_LOADED, subject="demo")

    html = client.get("/en/").content.decode()

    assert html.count('class="demo"') == banners


def test_public_page_has_no_inline_script_style_or_foreign_source(client, campaign):
    CampaignTextFactory(campaign=campaign)

    html = client.get(f"/en/petition/{campaign.slug}/").content.decode()

    assert re.findall(r"\sstyle=|\son\w+=|<style|<script>", html) == []
    assert {source.split("/")[1] for source in re.findall(r'src="([^"]*)"', html)} == {"static"}


def test_trail_keeps_the_host_only_and_prefers_what_was_told_first(rf):
    request = rf.get(
        "/en/?utm_source=a&ref=first.example.org",
        headers={"referer": "https://second.example.org/secret?q=1"},
    )

    assert trail_query(trail_from(request)) == "?utm_source=a&ref=first.example.org"


def test_coming_back_from_paying_is_no_source(rf):
    request = rf.get("/en/", headers={"referer": "https://checkout.stripe.com/c/pay/1"})

    assert trail_query(trail_from(request)) == ""


def test_counter_is_exact_and_may_be_cached_for_seconds(client, campaign, now):
    operations.confirm(signature=SignatureFactory(campaign=campaign), at=now)

    response = client.get(count_url(campaign))

    shown = {"count": 1, "filled": 1, "text": "1", "goal": 100, "goal_text": "100"}
    assert json.loads(response.content) == shown
    assert response["Cache-Control"] == "public, max-age=1"
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies


def test_counter_that_has_not_moved_is_not_sent_again(client, campaign, now):
    etag = client.get(count_url(campaign))["ETag"]
    same = client.get(count_url(campaign), headers={"if-none-match": etag})
    operations.confirm(signature=SignatureFactory(campaign=campaign), at=now)

    moved = client.get(count_url(campaign), headers={"if-none-match": etag})

    assert (same.status_code, same.content) == (304, b"")
    assert (moved.status_code, json.loads(moved.content)["count"]) == (200, 1)


@pytest.mark.parametrize(
    ("language", "text"), [("fr", "1\xa0234"), ("nl", "1.234"), ("en", "1,234")]
)
def test_counter_is_written_as_the_language_writes_numbers(client, campaign, language, text):
    DayTally.objects.create(campaign=campaign, day=date(2026, 3, 1), number=1234)

    answer = json.loads(client.get(count_url(campaign, language)).content)

    assert (answer["text"], answer["filled"]) == (text, 100)
    page = client.get(f"/{language}/petition/{campaign.slug}/").content.decode()
    assert f'data-count="1234">{text}<' in page


def test_form_without_its_cookie_is_refused_kindly(campaign):
    response = Client(enforce_csrf_checks=True).post("/en/newsletter/", {})

    assert response.status_code == 403
    assert "Please send the form once more" in response.content.decode()


@pytest.fixture
def mail_folder(settings, tmp_path):
    settings.DEBUG = True
    settings.EMAIL_BACKEND = FILE_BACKEND
    settings.MAIL_FOLDER = tmp_path / "mail"
    return settings.MAIL_FOLDER


def file_mails(folder, *subjects):
    backend = EmailBackend(file_path=folder)
    mails = []
    for subject in subjects:
        text = f"Text of {subject} http://x.example/"
        mail = EmailMultiAlternatives(subject, text, to=["pia@example.org"])
        mail.attach_alternative(f"<html><head></head><b>{subject}</b></html>", "text/html")
        mail.attach("réçu.pdf", b"%PDF-1.7", "application/pdf")
        mails.append(mail)
    backend.send_messages(mails)


def test_developers_mails_are_listed_newest_first(client, mail_folder):
    file_mails(mail_folder, "First", "Second")

    mails = client.get("/dev/mail/").context["mails"]

    assert [mail.subject for mail in mails] == ["Second", "First"]


def test_no_mail_yet_is_said(client, mail_folder):
    assert "No mail yet" in client.get("/dev/mail/").content.decode()


def test_developers_mail_is_shown_with_text_html_and_attachment(client, mail_folder):
    file_mails(mail_folder, "First <1>")
    [mail] = client.get("/dev/mail/").context["mails"]

    shown = client.get(mail.url).content.decode()
    html = client.get(f"{mail.url}html/")
    file = client.get(f"{mail.url}attachment/0/")

    assert "First &lt;1&gt;" in shown
    assert '<a href="http://x.example/" rel="nofollow">' in shown
    assert html.content == b'<html><head><base target="_blank"></head><b>First <1></b></html>'
    assert html["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert html["X-Frame-Options"] == "SAMEORIGIN"
    assert (file.content, file["Content-Type"]) == (b"%PDF-1.7", "application/pdf")
    assert file["Content-Disposition"] == "attachment; filename*=utf-8''r%C3%A9%C3%A7u.pdf"


@pytest.mark.parametrize("path", ["", "{file}/0/", "{file}/0/html/", "{file}/0/attachment/0/"])
@pytest.mark.parametrize(
    ("debug", "backend"),
    [(False, FILE_BACKEND), (True, "django.core.mail.backends.smtp.EmailBackend")],
)
def test_mails_are_not_shown_where_mails_are_sent(
    client, mail_folder, settings, path, debug, backend
):
    file_mails(mail_folder, "First")
    settings.DEBUG, settings.EMAIL_BACKEND = debug, backend
    [file] = mail_folder.iterdir()

    assert client.get("/dev/mail/" + path.format(file=file.name)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../secret.log/0/",
        "..%2Fsecret.log/0/",
        "secret.log/0/",
        "notes.txt/0/",
        "{file}/1/",
        "{file}/1/html/",
        "{file}/0/attachment/1/",
    ],
)
def test_only_mails_of_the_folder_are_shown(client, mail_folder, path):
    file_mails(mail_folder, "First")
    [file] = mail_folder.iterdir()
    for other in (mail_folder.parent / "secret.log", mail_folder / "notes.txt"):
        other.write_text("Subject: secret\n\nsecret")

    assert client.get("/dev/mail/" + path.format(file=file.name)).status_code == 404
