"""Writing mails down, in the transaction of the data they speak of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from crm.lib.rows import insert_unless_there
from crm.mailing import jobs
from crm.mailing.models import Attachment, Mail
from crm.people import greetings
from crm.people.models import Supporter


class File(NamedTuple):
    name: str
    content_type: str
    content: bytes


def letter(
    template: str,
    *,
    key: str,
    to: Supporter,
    language: str,
    at: datetime,
    context: dict[str, Any],
) -> Mail:
    """Return a mail as it will be written.

    `context` holds what JSON can: the words of `templates/mails/<template>.txt`. How the supporter
    is greeted is added to them.
    """
    return Mail(
        key=key,
        supporter=to,
        to=to.email,
        template=template,
        language=language,
        context={"greeting": greetings.informal([to], language), **context},
        queued_at=at,
        due_at=at,
    )


def queue(template: str, *, files: Iterable[File] = (), **fields: Any) -> None:
    """Write a letter down; a worker sends it after the commit. A key's second letter is dropped."""
    mail = letter(template, **fields)
    attachments = (Attachment(mail=mail, **file._asdict()) for file in files)
    insert_unless_there(mail, *attachments, task=jobs.deliver_mails)
