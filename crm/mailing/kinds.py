"""Every mail that we send: when, to whom, and what its words may tell.

A new mail is `templates/mails/<template>.txt` (its first line is the subject) and `.html`, which
know the names that its kind has, and a line in one of the lists below. `docs/mails.md` says more.
"""

from collections.abc import Iterator
from typing import Any

from crm.mailing.kind import OTHER, In, Kind
from crm.mailing.kinds_colleagues import COLLEAGUES
from crm.mailing.kinds_giving import GIVING
from crm.mailing.kinds_people import PEOPLE
from crm.mailing.kinds_trainings import TRAININGS

KINDS: tuple[Kind, ...] = (*PEOPLE, *GIVING, *TRAININGS, *COLLEAGUES)
BY_TEMPLATE = {kind.template: kind for kind in KINDS}


def scope_of(template: str) -> str:
    """Return the scope of a mail; one that nobody knows can be unsubscribed from."""
    kind = BY_TEMPLATE.get(template)
    return kind.scope if kind else OTHER


def is_to_others(template: str) -> bool:
    """Whether a mail goes to somebody else than the supporter whom it is about."""
    kind = BY_TEMPLATE.get(template)
    return kind is not None and kind.is_to_others


def sample_of(kind: Kind, language: str) -> dict[str, Any]:
    """Return a context with which a mail can be shown."""
    return dict(samples(kind, language))


def samples(kind: Kind, language: str) -> Iterator[tuple[str, Any]]:
    told = {name.key: name.sample for name in kind.names if name.sample} | kind.sample
    for key, sample in told.items():
        yield key, getattr(sample, language) if isinstance(sample, In) else sample
