"""What a measure yields."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Result:
    """One measured figure; `ratio` compares it with what `against` names."""

    name: str
    value: float
    unit: str
    against: str
    ratio: float | None
    details: dict[str, float] = field(default_factory=dict)
