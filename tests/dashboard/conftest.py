"""Asking the dashboard as its script does."""

import json

import pytest
from django.utils import translation

from dashboard.app import app


@pytest.fixture(autouse=True)
def in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


def body_for(page, address):
    """What the browser posts when a page's filters have changed."""
    output = next(key for key in app.callback_map if f"{page}-headline.children" in key)
    names = [name.rsplit(".", 1) for name in output.strip(".").split("...")]
    filters = {"id": f"{page}-filters", "property": "data", "value": address}
    return json.dumps(
        {
            "output": output,
            "outputs": [{"id": part, "property": name} for part, name in names],
            "inputs": [filters],
            "changedPropIds": [f"{page}-filters.data"],
        }
    )


@pytest.fixture
def draw(client, staff):
    """A function that lets a fundraiser's page be drawn, and returns its parts by their ids."""
    client.force_login(staff("fundraiser"))

    def answer(page, address=""):
        response = client.post(
            f"/dashboard/{'' if page == 'signatures' else 'donations/'}_dash-update-component",
            body_for(page, address),
            content_type="application/json",
        )
        assert response.status_code == 200
        return response.json()["response"]

    return answer


def text_of(component):
    """All words of a part of a page, one after the other."""
    if isinstance(component, list):
        return [word for each in component for word in text_of(each)]
    if isinstance(component, dict):
        return text_of(component["props"].get("children"))
    return [] if component is None else [component]
