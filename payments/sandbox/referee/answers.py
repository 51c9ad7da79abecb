"""Holding an answer against the package's own response classes, and making blank objects."""

import functools
from typing import Any

from payments.sandbox.referee import source
from payments.sandbox.referee.shapes import (
    Choice,
    Expandable,
    ListOf,
    MapOf,
    Maybe,
    OneOf,
    PageOf,
    Record,
    Scalar,
    Shape,
    fields,
)
from payments.sandbox.referee.source import ClassRef

PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "bool": (bool,),
    "float": (int, float),
    "Decimal": (str,),
}


@functools.cache
def resource(kind: str) -> ClassRef | None:
    """The class of an object type such as `checkout.session`."""
    known = source.constants("stripe._object_classes")["OBJECT_CLASSES"]
    found = known.get(kind) if isinstance(known, dict) else None
    return ClassRef(*found) if found else None


def problems(body: dict[str, Any]) -> list[str]:
    """Everything in which an answer differs from what the package says it must be."""
    return _object(body, body.get("object") or "answer")


def _object(value: dict[str, Any], at: str) -> list[str]:
    kind = value.get("object")
    if kind == "list":
        return _page(value, at)
    ref = resource(str(kind))
    if ref is None:
        return [f"{at}: unknown object {kind!r}"]
    if value.get("deleted") is True:
        return [] if set(value) == {"id", "object", "deleted"} else [f"{at}: deleted, yet has more"]
    return _record(value, ref, at)


def _page(value: dict[str, Any], at: str) -> list[str]:
    missing = {"data", "has_more", "url"} - set(value)
    if missing:
        return [f"{at}: list without {sorted(missing)}"]
    return [p for i, item in enumerate(value["data"]) for p in _object(item, f"{at}.data[{i}]")]


def _record(value: Any, ref: ClassRef, at: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{at}: not a hash: {value!r}"]
    known = fields(ref)
    found = [f"{at}.{name}: not a field of {ref}" for name in value if name not in known]
    for name, field in known.items():
        if name in value:
            found.extend(_check(value[name], field.shape, f"{at}.{name}"))
        elif not isinstance(field.shape, Maybe):
            found.append(f"{at}.{name}: missing")
    return found


def _check(value: Any, shape: Shape, at: str) -> list[str]:
    match shape:
        case Maybe():
            return [] if value is None else _check(value, shape.inner, at)
        case OneOf():
            return min((_check(value, option, at) for option in shape.options), key=len)
        case Choice():
            return [] if value in shape.values else [f"{at}: {value!r} is not in {shape.values}"]
        case Expandable():
            return [] if isinstance(value, str) else _nested(value, at)
        case Record():
            return _nested(value, at) if _is_object(value) else _record(value, shape.ref, at)
        case ListOf() | MapOf() | PageOf():
            return _several(value, shape, at)
        case Scalar():
            return _scalar(value, shape, at)
    return [f"{at}: no way to check {shape}"]


def _several(value: Any, shape: ListOf | MapOf | PageOf, at: str) -> list[str]:
    if isinstance(shape, PageOf):
        return _page(value, at) if isinstance(value, dict) else [f"{at}: not a list object"]
    if isinstance(shape, MapOf):
        if not isinstance(value, dict):
            return [f"{at}: not a hash"]
        return [p for name, x in value.items() for p in _check(x, shape.value, f"{at}.{name}")]
    if not isinstance(value, list):
        return [f"{at}: not an array"]
    return [p for i, item in enumerate(value) for p in _check(item, shape.item, f"{at}[{i}]")]


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and resource(str(value.get("object"))) is not None


def _nested(value: Any, at: str) -> list[str]:
    return _object(value, at) if isinstance(value, dict) else [f"{at}: neither id nor object"]


def _scalar(value: Any, shape: Scalar, at: str) -> list[str]:
    types = PYTHON_TYPES.get(shape.name)
    if types is None:
        return []
    if isinstance(value, bool) and bool not in types:
        return [f"{at}: a boolean where {shape.name} belongs"]
    return [] if isinstance(value, types) else [f"{at}: {value!r} is not {shape.name}"]
