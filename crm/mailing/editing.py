"""Writing a mail's words in place of the built-in ones, and going back to those."""

import uuid
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from crm import audit
from crm.lib.rows import insert_unless_there
from crm.mailing import jobs, notation, rendering
from crm.mailing.kind import Kind
from crm.mailing.rendering import DRAFT, Words
from crm.mailing.texts import MailText

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


class WordsRefused(Exception):
    """Words that do not fit their mail; `problems` says by field what is wrong."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


def text_to_change(kind: Kind, language: str) -> MailText:
    """Return the row of staff's words, or a new one of the built-in words; held until the commit.

    The second of two who begin at once waits for the first.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"mailtext:{kind.template}:{language}"])
    return text_of(kind, language)


def text_of(kind: Kind, language: str) -> MailText:
    """Return staff's words, or the built-in ones in a row that is not kept."""
    known = MailText.objects.filter(template=kind.template, language=language).first()
    if known is not None:
        return known
    subject, text = rendering.built_in(kind, language)
    return MailText(template=kind.template, language=language, subject=subject, text=text)


def check(kind: Kind, *, subject: str, text: str) -> None:
    """Raise WordsRefused for words that do not fit the mail."""
    told = {
        "subject": notation.problems_of_subject(subject, kind),
        "text": notation.problems_of_text(text, kind),
    }
    if wrong := {field: problems for field, problems in told.items() if problems}:
        raise WordsRefused(wrong)


@transaction.atomic
def write_words(
    *, kind: Kind, language: str, subject: str, text: str, at: datetime, by: Any
) -> MailText:
    """Say a mail in these words from now on, those that wait included. Raises WordsRefused."""
    check(kind, subject=subject, text=text)
    row = text_to_change(kind, language)
    said = {"subject": subject, "text": text}
    changed = [field for field, words in said.items() if getattr(row, field) != words]
    if not changed:
        return row
    row.subject, row.text, row.modified_at, row.modified_by = subject, text, at, by
    row.save()
    log("mailtext.changed", row, at=at, by=by, fields=changed)
    return row


@transaction.atomic
def restore(*, kind: Kind, language: str, at: datetime, by: Any) -> bool:
    """Say a mail in its built-in words again; return whether it was said in others."""
    row = text_to_change(kind, language)
    if row.pk is None:
        return False
    log("mailtext.restored", row, at=at, by=by)
    row.delete()
    return True


def log(action: str, row: MailText, **fields: Any) -> None:
    audit.log(action, row, template=row.template, language=row.language, **fields)


def send_test(*, kind: Kind, language: str, words: Words, to: str, at: datetime) -> None:
    """Queue a mail in these words, with invented contents, to who wrote them.

    Raises WordsRefused.
    """
    check(kind, subject=words.subject, text=words.text)
    mail = rendering.sample_mail(kind, language, at=at, to=to)
    mail.key = f"test:{uuid.uuid4()}"
    mail.context = {**mail.context, DRAFT: words._asdict()}
    insert_unless_there(mail, task=jobs.deliver_mails)
