"""Annotations of the Stripe package as shapes a value can be held against."""

import ast
import functools
from collections.abc import Callable
from dataclasses import dataclass

from payments.sandbox.referee import source
from payments.sandbox.referee.source import ClassRef

# Names the package reserves in Python and spells otherwise on the wire.
RESERVED = {"in_": "in", "is_": "is", "from_": "from"}


@dataclass(frozen=True)
class Scalar:
    """A plain value: `str`, `int`, `float`, `Decimal`, `bool` or `Any`."""

    name: str


@dataclass(frozen=True)
class Choice:
    """One of a closed set of literals."""

    values: tuple[object, ...]


@dataclass(frozen=True)
class ListOf:
    """A JSON array."""

    item: "Shape"


@dataclass(frozen=True)
class MapOf:
    """A hash with free keys."""

    value: "Shape"


@dataclass(frozen=True)
class Record:
    """A hash with the fields of a class."""

    ref: ClassRef


@dataclass(frozen=True)
class PageOf:
    """Stripe's list object."""

    item: "Shape"


@dataclass(frozen=True)
class Expandable:
    """An id, or the object itself once expanded."""

    target: "Shape"


@dataclass(frozen=True)
class Maybe:
    """May be null."""

    inner: "Shape"


@dataclass(frozen=True)
class OneOf:
    """Any of several shapes."""

    options: tuple["Shape", ...]


Shape = Scalar | Choice | ListOf | MapOf | Record | PageOf | Expandable | Maybe | OneOf

ANYTHING = Scalar("Any")
TEXT = Scalar("str")
SCALARS = {"str", "int", "float", "Decimal", "bool", "Any", "None"}

WRAPPERS: dict[str, Callable[[Shape], Shape]] = {
    "Optional": Maybe,
    "List": ListOf,
    "Dict": MapOf,
    "UntypedStripeObject": MapOf,
    "ListObject": PageOf,
    "ExpandableField": Expandable,
}


@dataclass(frozen=True)
class Field:
    """One field of a record."""

    shape: Shape
    required: bool


@functools.cache
def fields(ref: ClassRef) -> dict[str, Field]:
    """The fields of a class by their name on the wire."""
    return {
        RESERVED.get(name, name): _field(annotation, ref)
        for name, annotation in source.annotations(ref).items()
    }


def _field(annotation: ast.expr, home: ClassRef) -> Field:
    annotation = _unquoted(annotation)
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "NotRequired":
        return Field(read(annotation.slice, home), required=False)
    return Field(read(annotation, home), required=True)


def read(annotation: ast.expr, home: ClassRef) -> Shape:
    """The shape an annotation written inside class `home` stands for."""
    annotation = _unquoted(annotation)
    if isinstance(annotation, ast.BinOp):
        return _one_of([annotation.left, annotation.right], home)
    if isinstance(annotation, ast.Subscript):
        return _generic(ast.unparse(annotation.value), annotation.slice, home)
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return Scalar("None")
    name = ast.unparse(annotation)
    if name in SCALARS:
        return Scalar(name)
    ref = home.resolve(name)
    return Record(ref) if ref and ref.node() else ANYTHING


def _generic(head: str, inside: ast.expr, home: ClassRef) -> Shape:
    if head == "Union":
        return _one_of(_parts(inside), home)
    if head == "Literal":
        return Choice(tuple(ast.literal_eval(part) for part in _parts(inside)))
    wrapper = WRAPPERS.get(head)
    # Of `Dict[str, X]` only the values matter; the others have one part.
    return wrapper(read(_parts(inside)[-1], home)) if wrapper else ANYTHING


def _one_of(parts: list[ast.expr], home: ClassRef) -> Shape:
    options: list[Shape] = []
    for part in parts:
        shape = read(part, home)
        options.extend(shape.options if isinstance(shape, OneOf) else [shape])
    # The package writes `Literal[...] | str` so that new values do not break old code; for a
    # test double the set is closed. `Literal[""] | str` is different: text that may be unset.
    if any(isinstance(o, Choice) and o.values != ("",) for o in options):
        options = [o for o in options if o != TEXT]
    return options[0] if len(options) == 1 else OneOf(tuple(options))


def _parts(inside: ast.expr) -> list[ast.expr]:
    return list(inside.elts) if isinstance(inside, ast.Tuple) else [inside]


def _unquoted(annotation: ast.expr) -> ast.expr:
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return ast.parse(annotation.value, mode="eval").body
    return annotation
