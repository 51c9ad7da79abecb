"""Files into the database and out of it, a piece at a time."""

import hashlib
import tempfile
from collections.abc import Iterable
from datetime import datetime
from typing import IO, Any

from django.db import transaction

from crm.people.files import FileChunk, StoredFile
from crm.people.models import Supporter

PIECE = 1 << 20


class TooLarge(Exception):
    """The file is larger than it may be. Nothing was kept."""


@transaction.atomic
def store(
    *,
    name: str,
    content_type: str,
    chunks: Iterable[bytes],
    at: datetime,
    by: Any = None,
    supporter: Supporter | None = None,
    is_confidential: bool = False,
    limit: int | None = None,
) -> StoredFile:
    """Keep a file. Raises TooLarge beyond `limit` bytes."""
    stored = StoredFile.objects.create(
        supporter=supporter,
        name=name,
        content_type=content_type,
        size=0,
        sha256="",
        is_confidential=is_confidential,
        added_at=at,
        added_by=by,
    )
    seen = hashlib.sha256()
    for position, piece in enumerate(pieces(chunks)):
        seen.update(piece)
        stored.size += len(piece)
        if limit is not None and stored.size > limit:
            raise TooLarge(limit)
        FileChunk.objects.create(file=stored, position=position, data=piece)
    stored.sha256 = seen.hexdigest()
    stored.save(update_fields=["size", "sha256"])
    return stored


def pieces(chunks: Iterable[bytes]) -> Iterable[bytes]:
    """Yield the same bytes in pieces of a megabyte."""
    kept = bytearray()
    for chunk in chunks:
        kept += chunk
        while len(kept) >= PIECE:
            yield bytes(kept[:PIECE])
            del kept[:PIECE]
    if kept:
        yield bytes(kept)


def contents(stored: StoredFile) -> Iterable[bytes]:
    """Yield a file's bytes, of which one piece at a time is in memory."""
    parts = stored.chunks.order_by("position").values_list("data", flat=True)
    return (bytes(part) for part in parts.iterator(chunk_size=1))


def opened(stored: StoredFile) -> IO[bytes]:
    """Return a copy of a file on disk, open at its beginning, which is gone when it is closed."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    for part in contents(stored):
        copy.write(part)
    copy.seek(0)
    return copy
