"""Proof of work: a browser computes a while before it may send the form (the ALTCHA protocol).

A challenge is signed, not stored; how much work it is and until when it counts stand in its salt,
which the signature covers.
"""

import base64
import json
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

import altcha
from django.conf import settings
from django.utils.crypto import salted_hmac

VALID = timedelta(minutes=20)
LONGEST = 1000
TEXTS = ("algorithm", "challenge", "salt", "signature")


def challenge(*, work: int, at: datetime) -> dict[str, Any]:
    """Return what a browser has to solve with at most `work` hashes."""
    options = altcha.ChallengeOptions(
        max_number=work, expires=at + VALID, params={"work": str(work)}, hmac_key=signing_key()
    )
    return altcha.create_challenge(options).to_dict()


def solved(payload: str, *, work: int, at: datetime) -> str:
    """Return the challenge that was solved, or "" where none of ours was, worth `work`, in time."""
    solution = read(payload)
    if solution is None:
        return ""
    is_ours, _error = altcha.verify_solution(solution, signing_key(), check_expires=False)
    if not is_ours:
        return ""
    told = parse_qs(solution["salt"].partition("?")[2])
    in_time = int(told["expires"][0]) >= at.timestamp()
    return solution["challenge"] if in_time and int(told["work"][0]) >= work else ""


def read(payload: str) -> Any:
    """Return a solution whose parts have the right types, or None."""
    if len(payload) > LONGEST:
        return None
    try:
        solution = json.loads(base64.b64decode(payload, validate=True))
    except ValueError:
        return None
    is_whole = isinstance(solution, dict) and isinstance(solution.get("number"), int)
    if not is_whole or not all(isinstance(solution.get(name), str) for name in TEXTS):
        return None
    return solution


def signing_key() -> str:
    return key_from(settings.SECRET_KEY)


@lru_cache(maxsize=4)
def key_from(secret: str) -> str:
    return salted_hmac("soutien.proof", "challenge", secret=secret, algorithm="sha256").hexdigest()
