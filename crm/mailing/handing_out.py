"""Answering who asks for their data: an archive and its pages, behind a link that expires."""

import tempfile
from datetime import datetime
from typing import IO

from babel.dates import format_date
from django.db import transaction
from django.utils import translation

from crm.lib import tokens
from crm.lib.money import LOCALES
from crm.lib.periods import local_day
from crm.mailing import outbox
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.standing import standing
from crm.people.storing import PIECE, store
from crm.privacy import access_pages, requesting
from crm.privacy.access import Package, hand_out
from crm.privacy.packing import pack
from crm.privacy.requests import PrivacyRequest

TEMPLATE = "data_ready"
PURPOSE = "data"
NAME = "my-data-%s.%s"


@transaction.atomic
def answer_access(*, request_id: int, at: datetime) -> None:
    """Put the package of a request together, and write that it is there. Twice changes nothing."""
    request = requesting.working(request_id, PrivacyRequest.Kind.ACCESS)
    if request is None:
        return
    supporter = standing(request.supporter)
    if supporter.erased_at is not None:
        requesting.finish(request, at=at, outcome={"erased": True})
        return
    with translation.override(request.language):
        package = hand_out(supporter=supporter, at=at)
        files = keep(package, supporter, at=at)
    told = {"parts": len(package.parts), "rows": sum(len(part.rows) for part in package.parts)}
    until = at + requesting.LINK_WORKS
    requesting.finish(request, at=at, outcome=told, expires_at=until, **files)
    if supporter.email:
        write_to(supporter, request, until=until, at=at)


def keep(package: Package, supporter: Supporter, *, at: datetime) -> dict[str, StoredFile]:
    """Keep the archive and the pages, as files that no list of files shows."""
    pages = access_pages.pdf(package)
    with tempfile.TemporaryFile() as file:
        pack(file, package=package, supporter=supporter, readable=pages)
        file.seek(0)
        archive = kept(file, "zip", "application/zip", at)
    with tempfile.TemporaryFile() as file:
        file.write(pages)
        file.seek(0)
        return {"data_file": archive, "readable_file": kept(file, "pdf", "application/pdf", at)}


def kept(file: IO[bytes], ending: str, content_type: str, at: datetime) -> StoredFile:
    return store(
        name=NAME % (local_day(at), ending),
        content_type=content_type,
        chunks=iter(lambda: file.read(PIECE), b""),
        at=at,
        is_confidential=True,
    )


def write_to(
    supporter: Supporter, request: PrivacyRequest, *, until: datetime, at: datetime
) -> None:
    locale = LOCALES[request.language]
    outbox.queue(
        TEMPLATE,
        key=f"{TEMPLATE}:{request.public_id}",
        to=supporter,
        language=request.language,
        at=at,
        context={
            "token": tokens.make(PURPOSE, str(request.public_id)),
            "until": format_date(local_day(until), format="long", locale=locale),
        },
    )


def request_of(token: str, *, at: datetime) -> PrivacyRequest:
    """Return the request whose package a link opens. Raises tokens.BadToken once it expired."""
    public_id = tokens.read(PURPOSE, token, max_age=requesting.LINK_WORKS)
    found = PrivacyRequest.objects.select_related("data_file", "readable_file", "supporter")
    request = found.filter(public_id=public_id, expires_at__gt=at).first()
    if request is None or request.data_file is None or request.readable_file is None:
        raise tokens.BadToken(PURPOSE)
    return request
