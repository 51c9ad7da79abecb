"""What a merge did, step by step, so that it can be undone from the last step to the first."""

from dataclasses import asdict, dataclass
from typing import Any

from django.apps import apps
from django.db.models import Field, Model


@dataclass(frozen=True)
class Moved:
    """Rows that pointed to the lost record by `field`, and now point to the kept one."""

    model: str
    field: str
    rows: list[int]


@dataclass(frozen=True)
class Changed:
    """Fields of one row: what they were and what they became, as text; None is nothing."""

    model: str
    row: int
    values: dict[str, list[str | None]]


@dataclass(frozen=True)
class Dropped:
    """A row that was one too many, as it was."""

    model: str
    row: dict[str, Any]


@dataclass(frozen=True)
class Swapped:
    """Two rows of which either record had one: the kept record took the other's."""

    model: str
    field: str
    taken: int
    left: int


@dataclass(frozen=True)
class Stayed:
    """A row that stayed with the lost record."""

    model: str
    row: int


@dataclass(frozen=True)
class Joined:
    """What a module of its own did, and wants to know to undo it."""

    module: str
    model: str
    data: Any


Step = Moved | Changed | Dropped | Swapped | Stayed | Joined
KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (Moved, Changed, Dropped, Swapped, Stayed, Joined)
}


def written(step: Step) -> dict[str, Any]:
    return {"step": type(step).__name__, **asdict(step)}


def read(noted: dict[str, Any]) -> Step:
    fields = dict(noted)
    return KINDS[fields.pop("step")](**fields)


def model_of(step: Step) -> type[Model]:
    return apps.get_model(step.model)


def as_text(row: Model, field: Field) -> str | None:
    """A field's value as the journal holds it.

    `from_text` is the way back.
    """
    if getattr(row, field.attname) is None:
        return None
    return field.value_to_string(row)


def from_text(field: Field, text: str | None) -> Any:
    return None if text is None else field.to_python(text)
