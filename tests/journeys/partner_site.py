"""A site of somebody else's, at another host and port than ours, that shows our petition."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "partner.localhost"  # browsers know that it is this machine
PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><title>A partner</title>
<meta name="viewport" content="width=device-width">
<style>body {{ margin: 1rem; }} .before {{ height: {before}px; }}</style></head>
<body><h1>A partner</h1><div class="before"></div>{code}
<p id="end">The end of their page.</p></body>
</html>"""


@contextmanager
def serving(*, code: str, language: str = "en", before: int = 0) -> Iterator[str]:
    """Serve one page with a piece of code; yield its address, whose host is not ours."""
    body = PAGE.format(code=code, language=language, before=before).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_page = self.path.partition("?")[0] == "/"
            self.send_response(200 if is_page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body) if is_page else 0))
            self.end_headers()
            self.wfile.write(body if is_page else b"")

        def log_message(self, *_arguments) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
