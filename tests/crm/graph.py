"""A Graph API of Facebook's on this machine, and what its webhook posts, as documented."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from crm.campaigns.leads import Lead, LeadForm
from tests.factories import CampaignTextFactory
from tests.jobs import run_jobs

NELE = {
    "full_name": "Nele Van Damme",
    "email": "Nele@Example.org",
    "phone_number": "+32475123456",
    "post_code": "9000",
    "country": "BE",
}
BOXES = {"optin_news": "newsletter", "optin_ask": "appeals"}
SECRET, WORD, TOKEN = "secret-of-the-app", "a word of our own", "token-of-the-page"
ADDRESS = "/webhooks/facebook/leads/"


class Graph:
    """What Facebook knows: answers by the number of a lead, and which requests came."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, object]] = {}
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []

    def has(self, number: str, *, boxes=(), **answers: str) -> None:
        """Let a lead be there, as Graph writes it."""
        self.answers[number] = (
            200,
            {
                "id": number,
                "created_time": "2026-03-14T10:00:00+0000",
                "form_id": "77",
                "field_data": [
                    {"name": name, "values": [value]} for name, value in answers.items()
                ],
                "custom_disclaimer_responses": [
                    {"checkbox_key": key, "is_checked": "1" if is_checked else ""}
                    for key, is_checked in boxes
                ],
            },
        )

    def refuses(self, number: str, status: int, **error) -> None:
        self.answers[number] = (status, {"error": {"message": "No.", **error}})

    def answer(self, path: str, authorization: str) -> tuple[int, object]:
        parts = urlsplit(path)
        number = parts.path.rpartition("/")[2]
        self.asked.append((number, parse_qs(parts.query), authorization))
        gone = {"error": {"message": "Unsupported get request.", "code": 100, "error_subcode": 33}}
        return self.answers.get(number, (400, gone))


@contextmanager
def serving(graph: Graph) -> Iterator[str]:
    """Serve it; yield the address under which the Graph API's version is found."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, told = graph.answer(self.path, self.headers.get("Authorization", ""))
            body = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v25.0"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def announcement(*numbers: str | int, form: str | int = "77") -> dict:
    """What the webhook posts when leads came in."""
    changes = [
        {
            "field": "leadgen",
            "value": {
                "leadgen_id": number,
                "page_id": "5",
                "form_id": form,
                "ad_id": "6",
                "adgroup_id": "6",
                "created_time": 1773482400,
            },
        }
        for number in numbers
    ]
    return {"object": "page", "entry": [{"id": "5", "time": 1773482401, "changes": changes}]}


def post(told: object, *, secret: str = SECRET, **headers: str):
    """Post as Facebook does, which has no cookie of ours. `told`: bytes, or what JSON can say."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Client(enforce_csrf_checks=True).post(
        ADDRESS,
        body,
        content_type="application/json",
        headers={"X-Hub-Signature-256": f"sha256={signature}"} | headers,
    )


@pytest.fixture
def facebook(settings):
    """Facebook with an app of ours, which knows no lead yet."""
    settings.FACEBOOK_APP_SECRET, settings.FACEBOOK_VERIFY_TOKEN = SECRET, WORD
    settings.FACEBOOK_PAGE_TOKEN = TOKEN
    graph = Graph()
    with serving(graph) as address:
        settings.FACEBOOK_GRAPH_URL = address
        yield graph


@pytest.fixture
def lead_form(campaign):
    CampaignTextFactory(campaign=campaign)
    return LeadForm.objects.create(
        form_id="77", name="Spring", campaign=campaign, language="en", boxes=BOXES
    )


def arrives(*numbers: str) -> None:
    """Let leads be announced, and fetched."""
    assert post(announcement(*numbers)).status_code == 200
    run_jobs()


def states() -> list[tuple[str, str, str]]:
    return list(Lead.objects.order_by("pk").values_list("lead_id", "state", "why"))
