"""Every address of the dashboard, for everybody."""

import gzip

import pytest
from django.test import Client
from django.urls import get_resolver

from dashboard import ids
from dashboard.app import plotly_bundle
from dashboard.pages import PAGES
from tests.dashboard.conftest import body_for

pytestmark = pytest.mark.django_db

SUITE = "_dash-component-suites/dash/dcc/dash_core_components.js"
SIGNATURES = ["", "_dash-layout", "_dash-dependencies", SUITE]
SIGNATURES += [f"export/{chart}.csv" for chart in PAGES[ids.SIGNATURES].titles]
DONATIONS = ["donations/", "donations/_dash-layout", "donations/_dash-dependencies"]
DONATIONS += [f"donations/{SUITE}"]
DONATIONS += [f"donations/export/{chart}.csv" for chart in PAGES[ids.DONATIONS].titles]
CALLBACKS = {"": "signatures", "donations/": "donations"}


def get(client, address):
    return client.get(f"/dashboard/{address}").status_code


def post(client, below, page):
    url = f"/dashboard/{below}_dash-update-component"
    return client.post(url, body_for(page, ""), content_type="application/json").status_code


@pytest.mark.parametrize("address", SIGNATURES + DONATIONS)
def test_stranger_is_sent_to_sign_in_or_told_so_in_json(client, address):
    response = client.get(f"/dashboard/{address}")

    if "_dash-" in address:
        assert (response.status_code, response.json()) == (401, {"error": "sign in"})
    else:
        assert response.status_code == 302
        assert response["Location"] == f"/accounts/login/?next=/dashboard/{address}"


@pytest.mark.parametrize("address", SIGNATURES + DONATIONS)
def test_user_without_the_right_is_refused(client, django_user_model, address):
    client.force_login(django_user_model.objects.create_user("guest", is_staff=True))

    assert get(client, address) == 403


@pytest.mark.parametrize("role", ["reader", "campaigner"])
def test_who_may_not_see_money_sees_signatures_only(client, staff, role):
    client.force_login(staff(role))

    assert {address: get(client, address) for address in SIGNATURES + DONATIONS} == {
        **dict.fromkeys(SIGNATURES, 200),
        **dict.fromkeys(DONATIONS, 403),
    }


@pytest.mark.parametrize("role", ["fundraiser", "administrator"])
def test_who_may_see_money_sees_everything(client, staff, role):
    client.force_login(staff(role))

    answers = {address: get(client, address) for address in SIGNATURES + DONATIONS}

    assert answers == dict.fromkeys(SIGNATURES + DONATIONS, 200)


@pytest.mark.parametrize("below", CALLBACKS)
def test_callbacks_are_closed_to_strangers(client, below):
    assert post(client, below, CALLBACKS[below]) == 401


def test_reader_is_refused_money_at_whichever_address_the_callback_is_called(client, staff):
    client.force_login(staff("reader"))

    assert post(client, "", "signatures") == 200
    assert post(client, "", "donations") == 403
    assert post(client, "donations/", "donations") == 403


def test_reader_is_not_offered_the_page_of_donations(client, staff):
    client.force_login(staff("reader"))

    page = client.get("/dashboard/").content.decode()

    assert 'href="/dashboard/"' in page
    assert 'href="/dashboard/donations/"' not in page


def test_callback_without_a_csrf_token_is_refused(staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff())

    assert post(client, "", "signatures") == 403


def test_callback_with_the_pages_csrf_token_is_answered(staff):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff())
    client.get("/dashboard/")

    response = client.post(
        "/dashboard/_dash-update-component",
        body_for("signatures", ""),
        content_type="application/json",
        headers={"X-CSRFToken": client.cookies["csrftoken"].value},
    )

    assert response.status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "nothing",
        "_reload-hash",
        "_favicon.ico",
        "_dash-component-suites/nothing/nothing.js",
        "_dash-component-suites/dash/nothing.js",
        "_dash-component-suites/dash/dcc/../../../settings.py",
        "export/nothing.csv",
        "export/gross-and-net.csv",
        "donations/export/signatures-by-source.csv",
    ],
)
def test_nothing_else_is_answered(client, staff, address):
    client.force_login(staff())

    assert get(client, address) == 404


def test_no_address_of_the_dashboard_is_forgotten_here():
    routes = [
        str(pattern.pattern)
        for resolver in get_resolver().url_patterns
        if getattr(resolver, "app_name", None) == "dashboard"
        for pattern in resolver.url_patterns
    ]

    dash = "_dash-(?P<endpoint>layout|dependencies|update-component)$"
    assert routes == [
        "",
        "donations/",
        f"^{dash}",
        f"^donations/{dash}",
        "_dash-component-suites/<path:path>",
        "donations/_dash-component-suites/<path:path>",
        "export/<slug:chart>.csv",
        "donations/export/<slug:chart>.csv",
    ]


def test_figures_are_never_kept_by_a_cache(client, staff):
    client.force_login(staff())

    for address in ("", "_dash-layout", "donations/", "export/signatures-by-source.csv"):
        response = client.get(f"/dashboard/{address}")
        assert response["Cache-Control"] == "private, no-store"


def test_scripts_of_dash_are_compressed_and_kept_for_a_year(client, staff):
    client.force_login(staff())
    page = client.get("/dashboard/").content.decode()
    start = page.index('src="/dashboard/_dash-component-suites/dash/dcc/') + len('src="')
    url = page[start : page.index('"', start)]

    plain = client.get(url)
    packed = client.get(url, headers={"Accept-Encoding": "gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Accept-Encoding" in packed["Vary"].split(", ")


def test_every_script_of_the_page_carries_the_nonce_of_its_policy(client, staff):
    client.force_login(staff())

    response = client.get("/dashboard/")

    policy = response["Content-Security-Policy"]
    nonce = policy.split("'nonce-")[1].split("'")[0]
    page = response.content.decode()
    assert page.count("<script") == page.count(f'<script nonce="{nonce}"') > 5
    assert "unsafe" not in policy


@pytest.mark.parametrize("is_built", [True, False])
def test_page_works_with_and_without_plotlys_small_bundle(client, staff, settings, is_built):
    settings.STATICFILES_DIRS = [("plotly", "node_modules")] if is_built else []
    client.force_login(staff())

    page = client.get("/dashboard/").content.decode()

    assert ("/static/plotly/plotly-basic.min.js" in page) == is_built


def test_bundle_that_was_not_collected_is_done_without(settings):
    settings.STATICFILES_DIRS = [("plotly", "node_modules")]
    manifest = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": manifest}}

    assert plotly_bundle() is None
