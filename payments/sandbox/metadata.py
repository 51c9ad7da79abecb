"""Stripe's rules about metadata."""

from typing import Any

from payments.sandbox.errors import StripeError

KEYS, KEY_LENGTH, VALUE_LENGTH = 50, 40, 500


def merged(kept: dict[str, str] | None, given: Any) -> dict[str, str]:
    """What is kept after an update: an empty value unsets a key, an empty text unsets all.

    >>> merged({"a": "1", "b": "2"}, {"a": "", "c": "3"})
    {'b': '2', 'c': '3'}
    >>> merged({"a": "1"}, "")
    {}
    """
    if given is None:
        return dict(kept or {})
    if given == "":
        return {}
    result = {**(kept or {}), **given}
    result = {name: value for name, value in result.items() if value != ""}
    _check(result)
    return result


def _check(values: dict[str, str]) -> None:
    if len(values) > KEYS:
        raise StripeError(
            f"Metadata can have at most {KEYS} keys; you passed {len(values)}.", param="metadata"
        )
    for name, value in values.items():
        if len(name) > KEY_LENGTH:
            raise StripeError(
                f"Metadata key {name!r} is longer than {KEY_LENGTH} characters.", param="metadata"
            )
        if len(value) > VALUE_LENGTH:
            raise StripeError(
                f"Metadata values can have up to {VALUE_LENGTH} characters, but you passed in a"
                f" value that is {len(value)} characters.",
                param=f"metadata[{name}]",
            )
