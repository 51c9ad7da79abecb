"""What a mail says: in its built-in words, or in those that staff wrote instead."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import translation

from crm.mailing import headers, notation
from crm.mailing.kind import Kind, Name
from crm.mailing.kinds import BY_TEMPLATE, sample_of
from crm.mailing.models import Mail
from crm.mailing.texts import MailText

DRAFT = "draft"  # words in a mail's own context: a test of what is not saved
logger = logging.getLogger(__name__)


class Words(NamedTuple):
    """What staff write: see `notation`."""

    subject: str
    text: str


class Rendered(NamedTuple):
    subject: str
    text: str
    html: str


class CannotBeSaid(Exception):
    """Words that do not fit their mail, for example since it has other names now."""


def own_words(mail: Mail) -> Words | None:
    """Return the words that staff want this mail to say, if they are not the built-in ones."""
    if draft := mail.context.get(DRAFT):
        return Words(**draft)
    row = MailText.objects.filter(template=mail.template, language=mail.language).first()
    return Words(row.subject, row.text) if row else None


def render(mail: Mail) -> Rendered:
    """Render a mail in its language; in the built-in words where staff's own cannot be said."""
    own = own_words(mail)
    with translation.override(mail.language):
        context = context_of(mail)
        if own is not None:
            try:
                return in_own_words(mail, own, context)
            except Exception as error:  # noqa: BLE001 (whatever is wrong, the mail goes)
                logger.warning("own words of %s: %s", mail.template, type(error).__name__)
        return in_built_in_words(mail, context)


def context_of(mail: Mail) -> dict[str, Any]:
    """Return what the templates of a mail know: its context, and the names of its kind."""
    context = {
        **mail.context,
        **headers.links_of(mail),
        "mail": mail,
        "site_url": settings.SITE_URL,
        "settings": settings,
    }
    kind = BY_TEMPLATE.get(mail.template)
    if kind is None:
        return context
    told = {n.key: fragment(n.fragment, context) for n in kind.names if n.fragment}
    if kind.link:
        told[notation.LINK] = fragment(kind.link, context)
    return {**context, **told}


def fragment(name: str, context: Mapping[str, Any]) -> str:
    """Render a part of a mail as plain text: whoever puts it into HTML escapes it."""
    template = Engine.get_default().get_template(f"mails/{name}.txt")
    # A sum of strings is no "safe" string any more.
    return ("" + template.render(Context(dict(context), autoescape=False))).strip()


def in_built_in_words(mail: Mail, context: dict[str, Any]) -> Rendered:
    """Render the templates. The text's first line is the subject."""
    whole = render_to_string(f"mails/{mail.template}.txt", context)
    subject, _, text = whole.partition("\n")
    html = render_to_string(f"mails/{mail.template}.html", {**context, "subject": subject.strip()})
    return Rendered(subject.strip(), text.strip() + "\n", html)


def in_own_words(mail: Mail, own: Words, context: dict[str, Any]) -> Rendered:
    """Render staff's words in the frame that all mails have. Raises CannotBeSaid, KeyError."""
    kind = BY_TEMPLATE[mail.template]
    if notation.problems_of_subject(own.subject, kind) or notation.problems_of_text(own.text, kind):
        raise CannotBeSaid
    values = {name.key: str(context.get(name.key) or "") for name in kind.names}
    values[notation.LINK] = context.get(notation.LINK, "")
    subject = " ".join(notation.fill(own.subject, values).splitlines())
    why = fragment(kind.why, context)
    text = notation.as_text(own.text, values)
    blocks = notation.as_blocks(own.text, values, site_url=settings.SITE_URL)
    told = {**context, "subject": subject, "why": why, "body": text, "blocks": blocks}
    return Rendered(
        subject,
        fragment("own", told) + "\n",
        render_to_string("mails/own.html", told),
    )


def built_in(kind: Kind, language: str) -> Words:
    """Return the built-in words of a mail as staff would write them."""
    mail = sample_mail(kind, language)
    with translation.override(language):
        context = context_of(mail)
        why = fragment(kind.why, context)
        names = {name.key: notation.written(name.key) for name in kind.names}
        button = {notation.LINK: f"{{button: {kind.button}}}"}
        whole = render_to_string(f"mails/{kind.template}.txt", {**context, **names, **button})
    subject, _, text = whole.partition("\n")
    return Words(subject.strip(), text.partition(why)[0].strip())


def sample_mail(kind: Kind, language: str, *, at: datetime | None = None, to: str = "") -> Mail:
    """Return a mail with invented contents, to be shown and not kept."""
    moments = {"queued_at": at, "due_at": at} if at else {}
    return Mail(
        template=kind.template,
        language=language,
        to=to,
        context=sample_of(kind, language),
        **moments,
    )


def examples(kind: Kind, language: str) -> list[tuple[Name, str]]:
    """Return each name of a mail with what it may say."""
    with translation.override(language):
        context = context_of(sample_mail(kind, language))
    return [(name, str(context.get(name.key, ""))) for name in kind.names]


def preview(kind: Kind, language: str, own: Words) -> Rendered:
    """Render words with invented contents. Raises CannotBeSaid."""
    mail = sample_mail(kind, language)
    with translation.override(language):
        return in_own_words(mail, own, context_of(mail))
