"""The routes of the pinned API version, read out of the package's service modules."""

import functools
import re
from dataclasses import dataclass

from payments.sandbox.referee import source
from payments.sandbox.referee.source import ClassRef

METHOD = re.compile(r"^    def (\w+)\(", re.MULTILINE)
REQUEST = re.compile(r'self\._request\(\s*"(\w+)",\s*"(/v1/[^"]*)"')
PARAMS = re.compile(r'\bparams: .*?"(\w+)"')
IMPORT = r"from (stripe\.[\w.]+) import \(?\s*{name}\b"


@dataclass(frozen=True)
class Route:
    """One method and path of the API."""

    method: str
    path: str
    service: str
    params_name: str | None

    def params(self) -> ClassRef | None:
        """The class that describes the parameters, if the route takes any."""
        if not self.params_name:
            return None
        text = source.module_text(self.service)
        found = re.search(IMPORT.format(name=self.params_name), text)
        return ClassRef(found[1], self.params_name) if found else None


@functools.cache
def routes() -> dict[tuple[str, str], Route]:
    """Every v1 route by (method, path template)."""
    folder = source.package_folder()
    found = {}
    for file in folder.rglob("_*_service.py"):
        inside = file.relative_to(folder).with_suffix("")
        if inside.parts[0] == "v2":
            continue
        module = ".".join(("stripe", *inside.parts))
        for route in _routes_in(module, file.read_text(encoding="utf-8")):
            found[route.method, route.path] = route
    return found


def _routes_in(module: str, text: str) -> list[Route]:
    pieces = METHOD.split(text)[2::2]
    found = []
    for piece in pieces:
        request = REQUEST.search(piece)
        if request:
            params = PARAMS.search(piece.split("->", 1)[0])
            name = params[1] if params else None
            found.append(Route(request[1].upper(), request[2], module, name))
    return found


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], Route]]:
    # Fixed paths come before those with a hole: /v1/customers/search is not a customer.
    ordered = sorted(routes().values(), key=lambda route: route.path.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "([^/]+)", r.path)), r) for r in ordered]


def match(method: str, path: str) -> tuple[Route, list[str]] | None:
    """The route for a request, with the ids in its path; None when Stripe has no such route."""
    for pattern, route in _patterns():
        if route.method == method:
            found = pattern.fullmatch(path)
            if found:
                return route, list(found.groups())
    return None
