"""What may happen to the files of a supporter."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction

from crm import audit
from crm.people.file_kinds import kind_of
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.storing import TooLarge, contents, store

LONGEST = 120
# What separates folders, what no system takes in a name, and what turns the order of letters.
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]')


class KindRefused(Exception):
    """The file is of no kind that is kept here, or not what its name says."""


class EmptyFile(Exception):
    """There is nothing in the file."""


class Upload(Protocol):
    """A file as a form hands it over."""

    name: Any
    size: Any

    def chunks(self) -> Iterable[bytes]: ...


@transaction.atomic
def attach(
    *,
    supporter: Supporter,
    upload: Any,
    at: datetime,
    by: Any,
    is_confidential: bool = False,
) -> StoredFile:
    """Keep a file with a supporter, and note who added it.

    Raises KindRefused, EmptyFile, or TooLarge; then nothing was kept.
    """
    if not upload.size:
        raise EmptyFile
    if upload.size > settings.FILE_MAX_BYTES:  # before anything of it is read
        raise TooLarge(settings.FILE_MAX_BYTES)
    name = safe_name(upload.name)
    kind = kind_of(upload, name)
    if kind is None:
        raise KindRefused
    stored = store(
        name=name,
        content_type=kind.content_type,
        chunks=upload.chunks(),
        at=at,
        by=by,
        supporter=supporter,
        is_confidential=is_confidential,
        limit=settings.FILE_MAX_BYTES,
    )
    audit.log("file.added", stored, by=by, at=at, supporter=supporter.pk, size=stored.size)
    return stored


@transaction.atomic
def take_out(*, stored: StoredFile, at: datetime, by: Any) -> Iterable[bytes]:
    """Return a file's bytes, and note who took them."""
    audit.log("file.downloaded", stored, by=by, at=at, supporter=stored.supporter_id)
    return contents(stored)


@transaction.atomic
def remove(*, stored: StoredFile, at: datetime, by: Any) -> None:
    """Delete a file for good. Removing it twice changes nothing."""
    if not StoredFile.objects.select_for_update().filter(pk=stored.pk).exists():
        return
    audit.log("file.removed", stored, by=by, at=at, supporter=stored.supporter_id)
    stored.delete()


def safe_name(name: str) -> str:
    r"""Return a file's name without folders and without letters that play tricks.

    >>> safe_name("..\\..\\etc/Attestation  fiscale.PDF"), safe_name("x\u202efdp.exe")
    ('Attestation fiscale.PDF', 'xfdp.exe')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    cleaned = " ".join(NOT_IN_NAMES.sub("", last).split()).strip(". ")
    path = PurePosixPath(cleaned or "file")
    return path.stem[: LONGEST - len(path.suffix[:10])] + path.suffix[:10]
