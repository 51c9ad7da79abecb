"""OSDI's error body, the only shape in which the API refuses anything."""

from collections.abc import Iterator
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

WHOLE = "non_field_errors"  # DRF's name for what concerns no field in particular


def answer(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception into an answer; None for one that nobody expected."""
    response = exception_handler(exc, context)
    if response is None:
        return None
    problems = response.data if isinstance(exc, ValidationError) else [response.data["detail"]]
    resource = getattr(context["view"], "resource", "osdi:aep")
    response.data = body(resource, response.status_code, list(found_in(problems)))
    return response


def body(resource: str, status: int, errors: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "request_type": "atomic",
        "response_code": status,
        "resource_status": [{"resource": resource, "response_code": status, "errors": errors}],
    }


def found_in(problems: Any, path: str = "") -> Iterator[dict[str, Any]]:
    """List the errors in DRF's nested lists and dicts, each with the path of its field."""
    if isinstance(problems, ErrorDetail):
        yield {
            "code": problems.code,
            "description": str(problems),
            "properties": [path] if path else [],
        }
    elif isinstance(problems, dict):
        for name, below in problems.items():
            yield from found_in(below, deeper(path, name))
    else:
        for position, below in enumerate(problems):
            leaf = isinstance(below, ErrorDetail)
            yield from found_in(below, path if leaf else f"{path}[{position}]")


def deeper(path: str, name: str | int) -> str:
    """The path of a field, as OSDI writes it.

    >>> deeper("", "person"), deeper("person", "given_name"), deeper("languages_spoken", 0)
    ('person', 'person.given_name', 'languages_spoken[0]')
    """
    if name == WHOLE:
        return path
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name
