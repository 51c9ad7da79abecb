"""Holding the parameters of a request against what the route takes."""

import re
from dataclasses import dataclass
from typing import Any

from payments.sandbox.referee.routes import Route
from payments.sandbox.referee.shapes import (
    Choice,
    ListOf,
    MapOf,
    OneOf,
    Record,
    Scalar,
    Shape,
    fields,
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one parameter, in Stripe's words."""

    param: str
    message: str
    code: str | None = None


Reading = tuple[Any, list[Problem]]

DECIMAL = r"-?\d+(\.\d+)?"
PATTERNS = {"bool": "true|false", "int": r"-?\d+", "float": DECIMAL, "Decimal": DECIMAL}
WORDS = {"bool": "boolean", "int": "integer", "float": "decimal", "Decimal": "decimal"}


def read(route: Route, params: dict[str, Any]) -> Reading:
    """The parameters with their types (text became numbers and booleans), and what is wrong."""
    ref = route.params()
    if ref is None:
        return {}, [_unknown(name) for name in params]
    return _record(params, Record(ref), "")


def _read(value: Any, shape: Shape, at: str) -> Reading:
    match shape:
        case OneOf():
            return _best(value, shape, at)
        case Choice():
            return _choice(value, shape, at)
        case Record():
            return _record(value, shape, at)
        case ListOf():
            return _list(value, shape, at)
        case MapOf():
            return _map(value, shape, at)
        case Scalar():
            return _scalar(value, shape, at)
    return value, [Problem(at, f"Invalid value for {at}")]


def _best(value: Any, shape: OneOf, at: str) -> Reading:
    readings = [_read(value, option, at) for option in shape.options]
    return min(readings, key=lambda reading: len(reading[1]))


def _choice(value: Any, shape: Choice, at: str) -> Reading:
    for allowed in shape.values:
        if value == allowed or value == str(allowed).lower():
            return allowed, []
    listed = ", ".join(str(allowed) for allowed in shape.values if allowed != "")
    return value, [Problem(at, f"Invalid {at}: must be one of {listed}")]


def _record(value: Any, shape: Record, at: str) -> Reading:
    if not isinstance(value, dict):
        return value, [Problem(at, "Invalid object", "parameter_invalid_type")]
    known = fields(shape.ref)
    typed, problems = {}, []
    for name, inner in value.items():
        if name not in known:
            problems.append(_unknown(_inside(at, name)))
            continue
        typed[name], found = _read(inner, known[name].shape, _inside(at, name))
        problems.extend(found)
    problems.extend(
        _missing(_inside(at, name))
        for name, field in known.items()
        if field.required and name not in value
    )
    return typed, problems


def _list(value: Any, shape: ListOf, at: str) -> Reading:
    if not isinstance(value, list):
        return value, [Problem(at, "Invalid array", "parameter_invalid_type")]
    readings = [_read(inner, shape.item, f"{at}[{i}]") for i, inner in enumerate(value)]
    return [typed for typed, _ in readings], [p for _, found in readings for p in found]


def _map(value: Any, shape: MapOf, at: str) -> Reading:
    if not isinstance(value, dict):
        return value, [Problem(at, "Invalid object", "parameter_invalid_type")]
    typed, problems = {}, []
    for name, inner in value.items():
        # An empty value in a free hash unsets the key, so it is never wrong.
        typed[name], found = (
            ("", []) if inner == "" else _read(inner, shape.value, _inside(at, name))
        )
        problems.extend(found)
    return typed, problems


def _scalar(value: Any, shape: Scalar, at: str) -> Reading:
    if shape.name == "Any":
        return value, []
    if not isinstance(value, str):
        return value, [Problem(at, "Invalid string: " + _sketch(value), "parameter_invalid_type")]
    if value == "":
        return value, [_empty(at)]
    if shape.name in PATTERNS and not re.fullmatch(PATTERNS[shape.name], value):
        word = WORDS[shape.name]
        return value, [Problem(at, f"Invalid {word}: {value}", f"parameter_invalid_{word}")]
    return _typed(value, shape.name), []


def _typed(value: str, name: str) -> Any:
    if name == "bool":
        return value == "true"
    return int(value) if name == "int" else value


def _sketch(value: Any) -> str:
    return "{...}" if isinstance(value, dict) else "[...]"


def _inside(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _unknown(param: str) -> Problem:
    return Problem(param, f"Received unknown parameter: {param}", "parameter_unknown")


def _missing(param: str) -> Problem:
    return Problem(param, f"Missing required param: {param}.", "parameter_missing")


def _empty(param: str) -> Problem:
    message = (
        f"You passed an empty string for '{param}'. We assume empty values are an attempt to"
        f" unset a parameter; however '{param}' cannot be unset. You should remove '{param}'"
        " from your request or supply a non-empty value."
    )
    return Problem(param, message, "parameter_invalid_empty")
