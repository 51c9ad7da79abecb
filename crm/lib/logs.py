"""What is written into the log: never the address of a page, which may hold the token of a link."""

import logging


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
