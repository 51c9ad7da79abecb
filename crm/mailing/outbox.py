"""Writing mails down, in the transaction of the data they speak of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from crm.mailing import jobs
from crm.mailing.models import Attachment, Mail
from crm.people.models import Supporter


class File(NamedTuple):
    name: str
    content_type: str
    content: bytes


def queue(
    template: str,
    *,
    key: str,
    to: Supporter,
    language: str,
    at: datetime,
    context: dict[str, Any],
    files: Iterable[File] = (),
) -> None:
    """Write a mail down; a worker sends it after the commit. A second call with a key does nothing.

    `context` holds what JSON can: the words of `templates/mails/<template>.txt`.
    """
    mail = Mail(
        key=key,
        supporter=to,
        to=to.email,
        template=template,
        language=language,
        context=context,
        queued_at=at,
        due_at=at,
    )
    Mail.objects.bulk_create([mail], ignore_conflicts=True)
    written = Mail.objects.get(key=key)
    if written.public_id != mail.public_id:
        return
    Attachment.objects.bulk_create(Attachment(mail=written, **file._asdict()) for file in files)
    jobs.deliver_mails.defer()
