"""Files as answers that no browser opens here, and no cache keeps."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header


def download(
    pieces: Iterable[bytes], *, name: str, content_type: str, size: int
) -> StreamingHttpResponse:
    """Return a file a piece at a time."""
    answer = StreamingHttpResponse(pieces, content_type=content_type)
    answer["Content-Disposition"] = str(content_disposition_header(True, name))
    answer["Content-Length"] = str(size)
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
