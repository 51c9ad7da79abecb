"""The HTTP server: API, pages and controls at one address."""

import json
import logging
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from payments.sandbox import schedule
from payments.sandbox.account import Account
from payments.sandbox.api.door import Answer, ConnectionDropped, Door, Request
from payments.sandbox.controls import money, payments, registry, state, webhooks
from payments.sandbox.deliveries import Postman
from payments.sandbox.errors import StripeError
from payments.sandbox.pages import home, hosted, invoice, portal
from payments.sandbox.pages.layout import Reply, page, redirect

logger = logging.getLogger(__name__)

TICK = 0.5
CONTROLS = (money, payments, state, webhooks)  # importing them is what fills the registry
OBJECT_PAGES = re.compile(r"/_sandbox/(?:objects|receipts|mandates|invoices)/([^/]+)(?:/pdf)?")


class Sandbox(ThreadingHTTPServer):
    """The server, its door, and what works in the background."""

    daemon_threads = True
    # A burst of callers must not be turned away.
    request_queue_size = 128

    def __init__(self, host: str, port: int) -> None:
        super().__init__((host, port), Handler)
        self.account: Account
        self.door: Door
        self.postman: Postman
        self._stopping = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    @property
    def address(self) -> str:
        """Where it can be reached."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def open(self, account: Account) -> None:
        """Begin to work for an account."""
        self.account = account
        self.door = Door(account)
        self.postman = Postman(account)
        self.postman.wake()
        self._ticker.start()

    def close(self) -> None:
        """Let everything go."""
        self._stopping.set()
        self.postman.stop()
        self._ticker.join(timeout=1)
        self.server_close()
        self.account.store.close()

    def _tick(self) -> None:
        while not self._stopping.wait(TICK):
            try:
                if schedule.run_due(self.account):
                    self.postman.wake()
            except Exception:
                logger.exception("What was due could not be done")


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Sandbox
    protocol_version = "HTTP/1.1"
    server_version = "LocalStripe"
    # Headers and body leave in one packet, or every answer waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60

    def do_GET(self) -> None:
        """Answer a GET."""
        self._serve("GET")

    def do_POST(self) -> None:
        """Answer a POST."""
        self._serve("POST")

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self._serve("DELETE")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Keep the terminal for what matters."""
        logger.debug(format, *args)

    def _serve(self, method: str) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length).decode("utf-8", "replace")
        parts = urlsplit(self.path)
        try:
            if parts.path.startswith("/v1/"):
                self._api(method, parts.path, text if method == "POST" else parts.query)
            elif parts.path.startswith("/_sandbox/") and not OBJECT_PAGES.fullmatch(parts.path):
                self._control(method, parts.path, text, parts.query)
            else:
                self._page(method, parts.path, dict(parse_qsl(text, keep_blank_values=True)))
        except ConnectionDropped:
            self.close_connection = True
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            if method != "GET":
                self.server.postman.wake()

    def _api(self, method: str, path: str, form: str) -> None:
        request = Request(method, path, form, self.headers)
        try:
            answer = self.server.door.answer(request)
        except ConnectionDropped:
            raise
        except Exception:
            logger.exception("%s %s failed", method, path)
            error = StripeError("The local Stripe is broken; see its log.", status=500,
                                kind="api_error", retry=False)  # fmt: skip
            answer = Answer(error.status, error.body(), error.headers())
        self._send_json(answer.status, answer.body, answer.headers)

    def _control(self, method: str, path: str, text: str, query: str) -> None:
        is_form = "form" in self.headers.get("Content-Type", "")
        try:
            given = _given(text, query, is_form=is_form)
            result = registry.perform(self.server.account, method, path, given)
        except StripeError as error:
            self._send_json(error.status, error.body(), {})
            return
        if is_form:
            self._send_page(redirect("/"))
        else:
            self._send_json(200, result, {})

    def _page(self, method: str, path: str, form: dict[str, str]) -> None:
        accepted = self.headers.get("Accept-Language", "")
        try:
            with self.server.account.store.transaction():
                reply = _reply(self.server.account, method, path, form, accepted)
        except StripeError as error:
            reply = Reply(error.status, page("Error", f"<h1>{error.message}</h1>"))
        self._send_page(reply)

    def _send_json(self, status: int, body: Any, headers: dict[str, str]) -> None:
        text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
        self._send(status, text, "application/json", headers)

    def _send_page(self, reply: Reply) -> None:
        headers = {**reply.headers, **({"Location": reply.location} if reply.location else {})}
        self._send(reply.status, reply.html, "text/html; charset=utf-8", headers)

    def _send(self, status: int, text: str, kind: str, headers: dict[str, str]) -> None:
        payload = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(payload)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)
        self.wfile.flush()


def _given(text: str, query: str, *, is_form: bool) -> Any:
    if is_form:
        return dict(parse_qsl(text))
    if not text:
        return dict(parse_qsl(query))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise StripeError(f"That is not JSON: {error}") from error


PageAnswer = Callable[..., Reply]
SESSION = r"/p/session/([^/]+)"
PAGES: list[tuple[str, re.Pattern[str], PageAnswer]] = [
    ("GET", re.compile(r"/"), home.show),
    ("GET", OBJECT_PAGES, home.show_object),
    ("GET", re.compile(r"/c/pay/([^/]+)"), hosted.show_checkout),
    ("POST", re.compile(r"/c/pay/([^/]+)"), hosted.pay),
    ("GET", re.compile(r"/_bank/([^/]+)"), hosted.show_bank),
    ("POST", re.compile(r"/_bank/([^/]+)"), hosted.answer_bank),
    ("GET", re.compile(r"/i/([^/]+)"), invoice.show),
    ("POST", re.compile(r"/i/([^/]+)"), invoice.pay),
    ("GET", re.compile(SESSION), portal.show),
    ("POST", re.compile(SESSION), portal.change),
    ("GET", re.compile(SESSION + "/payment_method"), portal.show_method),
    ("GET", re.compile(SESSION + "/cancel/([^/]+)"), portal.show_cancel),
]


def _reply(account: Account, method: str, path: str, form: dict[str, str], lang: str) -> Reply:
    """The answer of a page: it is given the ids in its address, the form and the language."""
    for known, pattern, answer in PAGES:
        found = pattern.fullmatch(path)
        if found and known == method:
            return answer(account, *found.groups(), form, lang)
    raise StripeError("There is no such page here.", status=404)
