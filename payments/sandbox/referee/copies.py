"""Copies of JSON values; `copy.deepcopy` takes three times as long over them."""

from typing import Any


def copied(value: Any) -> Any:
    """The same value in new hashes and arrays.

    >>> original = {"a": [{"b": 1}]}
    >>> copied(original) == original, copied(original)["a"] is original["a"]
    (True, False)
    """
    if isinstance(value, dict):
        return {name: copied(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [copied(inner) for inner in value]
    return value
