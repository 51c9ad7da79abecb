"""The form encoding of Stripe's API."""

import re
from typing import Any
from urllib.parse import parse_qsl

PART = re.compile(r"[^\[\]]+|(?<=\[)(?=\])")


def decode(text: str) -> dict[str, Any]:
    """Nested hashes and arrays out of `a[b][0]=c&x[]=1`.

    >>> decode("items[0][price]=p&expand[]=a&expand[]=b&metadata[k]=v")
    {'items': [{'price': 'p'}], 'expand': ['a', 'b'], 'metadata': {'k': 'v'}}
    """
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        _plant(tree, PART.findall(name), value)
    return {name: _with_arrays(value) for name, value in tree.items()}


def _plant(tree: dict[str, Any], path: list[str], value: str) -> None:
    *way, last = path or [""]
    for part in way:
        inner = tree.setdefault(part or str(len(tree)), {})
        tree = inner if isinstance(inner, dict) else {}
    tree[last or str(len(tree))] = value


def _with_arrays(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdigit() for name in value):
        return [_with_arrays(value[name]) for name in sorted(value, key=int)]
    return {name: _with_arrays(inner) for name, inner in value.items()}
