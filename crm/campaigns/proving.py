"""Facts that anybody can check: one way to write them, and a signature under it (Ed25519)."""

import base64
import binascii
import hashlib
import json
from functools import cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

Facts = dict[str, Any]
SEED = 32  # bytes


class BadKey(ValueError):
    """DELIVERY_SIGNING_KEY is not 32 bytes in base64."""


def canonical(facts: Facts) -> bytes:
    """Write facts in the one way that is signed: keys sorted, no spaces, UTF-8.

    >>> canonical({"b": 1, "a": {"é": "x"}}).decode()
    '{"a":{"é":"x"},"b":1}'
    """
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def as_file(facts: Facts, signed: str) -> str:
    """Write facts and their signature as a file, which `manage.py verify_delivery` reads."""
    pack = {"facts": facts, "signature": signed}
    return json.dumps(pack, indent=1, sort_keys=True, ensure_ascii=False)


def identity_of(facts: Facts) -> UUID:
    """Return the identifier that follows from facts: the same facts have the same."""
    return UUID(bytes=hashlib.sha256(canonical(facts)).digest()[:16], version=4)


def sign(facts: Facts) -> str:
    """Return the organisation's signature of facts in base64; "" without a key."""
    key = own_key()
    return base64.b64encode(key.sign(canonical(facts))).decode() if key else ""


def is_signed(facts: Facts, signed: str, public: str) -> bool:
    """Whether the owner of a public key signed exactly these facts."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signed, validate=True), canonical(facts))
    except (InvalidSignature, ValueError):
        return False
    return True


def own_public_key() -> str:
    """Return the organisation's public key in base64; "" without a key."""
    key = own_key()
    return base64.b64encode(key.public_key().public_bytes_raw()).decode() if key else ""


def fingerprint_of(public: str) -> str:
    """Return the SHA-256 of a public key in groups of four, as people compare it.

    >>> fingerprint_of("AAAA")
    '709e 80c8 8487 a241 1e1e e4df b9f2 2a86 1492 d20c 4765 150c 0c79 4abd 70f8 147c'
    """
    digest = hashlib.sha256(base64.b64decode(public)).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def own_key() -> Ed25519PrivateKey | None:
    """Return the organisation's key, if it has one. Raises BadKey."""
    return key_from(settings.DELIVERY_SIGNING_KEY) if settings.DELIVERY_SIGNING_KEY else None


@cache
def key_from(text: str) -> Ed25519PrivateKey:
    try:
        seed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadKey from error
    if len(seed) != SEED:
        raise BadKey
    return Ed25519PrivateKey.from_private_bytes(seed)
