"""What is written into the log: never the address of a page, which may hold the token of a link,
and never what a row was to say."""

import logging
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import Error


class RoutesOnly(logging.Filter):
    """Names the route of a page in the place of its address."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        path = getattr(request, "path", "")
        if path and isinstance(record.args, tuple):
            match = getattr(request, "resolver_match", None)
            route = match.route if match else "?"
            record.args = tuple(route if each == path else each for each in record.args)
        return True


class WithoutValues(logging.Formatter):
    """Leaves out the database's own words for an error: they quote the values of rows."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging calls it so)
        text = super().formatException(ei)
        for error in chain(ei[1]):
            if isinstance(error, Error | psycopg.Error) and str(error):
                text = text.replace(str(error), "…")
        return text


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, and those because of which, or beside which, it came."""
    waiting, seen = [error], set()
    while waiting:
        found = waiting.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        waiting += [found.__cause__, found.__context__, *getattr(found, "exceptions", ())]
