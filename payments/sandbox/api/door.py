"""The door of the API: who asks, what for, whether it is right, and what the answer is."""

import base64
import binascii
import logging
import re
import time
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import unquote

from payments.sandbox import errors, faults, wire
from payments.sandbox.account import Account, Cause
from payments.sandbox.api import idempotency, reads, writes
from payments.sandbox.api.calls import ANSWERERS, Call
from payments.sandbox.api.presentation import expand
from payments.sandbox.errors import StripeError
from payments.sandbox.faults import Fault
from payments.sandbox.referee import answers, requests, routes
from payments.sandbox.store import Body

logger = logging.getLogger(__name__)

TEST_KEY = re.compile(r"(sk|rk)_test_\w+")
MODULES = (reads, writes)  # importing them is what fills ANSWERERS


class ConnectionDropped(Exception):
    """The caller gets no answer."""


@dataclass(frozen=True)
class Request:
    """What came over the wire."""

    method: str
    path: str
    form: str
    headers: Message


@dataclass
class Answer:
    """What goes back."""

    status: int
    body: Body
    headers: dict[str, str] = field(default_factory=dict)


class Door:
    """Answers requests to /v1."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.keys_in_use = idempotency.KeysInUse()

    def answer(self, request: Request) -> Answer:
        """The answer to a request, with the faults that were asked for."""
        request_id = self.account.new_id("req", 14)
        with self.account.store.transaction():
            fault = faults.take(self.account.store, request.method, request.path)
        if fault.drop:
            raise ConnectionDropped
        answer = self._answer(request, request_id, fault)
        _wait(fault.delay_after)
        if fault.drop_after:
            raise ConnectionDropped
        answer.headers["Request-Id"] = request_id
        return answer

    def _answer(self, request: Request, request_id: str, fault: Fault) -> Answer:
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        try:
            _check_key(request.headers.get("Authorization", ""))
            early = fault.error()
            if early and not fault.stored:
                raise early
            with self.keys_in_use.holding(key):
                _wait(fault.delay)
                return self._once(request, request_id, key, fault)
        except StripeError as error:
            return Answer(error.status, error.body(), error.headers())

    def _once(self, request: Request, request_id: str, key: str | None, fault: Fault) -> Answer:
        store = self.account.store
        if key is None:
            with store.transaction():
                return self._perform(request, request_id, key, fault)
        asked = idempotency.fingerprint(request.method, request.path, request.form)
        with store.transaction():
            before = idempotency.replay(store, key, asked)
            if before:
                return Answer(*before, {"Idempotent-Replayed": "true"})
        try:
            with store.transaction():
                answer = self._perform(request, request_id, key, fault)
                idempotency.keep(store, key, asked, answer.status, answer.body)
                return answer
        except StripeError as error:
            with store.transaction():
                idempotency.keep(store, key, asked, error.status, error.body())
            raise

    def _perform(self, request: Request, request_id: str, key: str | None, fault: Fault) -> Answer:
        error = fault.error()
        if error:
            raise error
        self.account.cause = Cause(request_id, key)
        try:
            return Answer(200, _body(self.account, request))
        finally:
            self.account.cause = Cause()


def _body(account: Account, request: Request) -> Body:
    found = routes.match(request.method, request.path)
    if found is None:
        raise StripeError(
            f"Unrecognized request URL ({request.method}: {request.path}). Please see"
            " https://stripe.com/docs or we can help at https://support.stripe.com/.",
            status=404,
        )
    route, ids = found
    params, problems = requests.read(route, wire.decode(request.form))
    if problems:
        first = problems[0]
        raise StripeError(first.message, code=first.code, param=first.param)
    answerer = ANSWERERS.get((route.method, route.path))
    if answerer is None:
        raise errors.not_covered(f"{route.method} {route.path}")
    paths: list[str] = params.pop("expand", [])
    body = answerer(Call(account, request.path, [unquote(part) for part in ids], params))
    return _checked(expand(account, body, paths))


def _wait(seconds: float) -> None:
    if seconds:
        time.sleep(seconds)


def _checked(body: Body) -> Body:
    findings = answers.problems(body)
    if findings:
        logger.error("An answer that is not Stripe's: %s", "; ".join(findings))
        raise errors.broken(findings)
    return body


def _check_key(header: str) -> None:
    key = _key_in(header)
    if TEST_KEY.fullmatch(key):
        return
    if not key:
        message = "You did not provide an API key."
    elif "_live_" in key:
        message = "The local Stripe takes no live keys: this one should not be here at all."
    else:
        message = f"Invalid API Key provided: {key[:7]}***"
    raise StripeError(message, status=401)


def _key_in(header: str) -> str:
    scheme, _, rest = header.partition(" ")
    if scheme == "Bearer":
        return rest.strip()
    try:
        return base64.b64decode(rest).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
