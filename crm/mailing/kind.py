"""What is known of a mail before anybody gets it, and what its words may tell."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RECEIPT, OTHER, STAFF = "receipt", "other", "staff"
# Receipts, certificates and what somebody asked for about themself: no unsubscribe stops them.
# "Other" mails carry the headers of one-click unsubscribe; those to staff need none.
SCOPES = {
    RECEIPT: _("Receipts and what somebody asked for: they always go out"),
    OTHER: _("Other mails: each carries the way to unsubscribe"),
    STAFF: _("Mails to colleagues"),
}


class In(NamedTuple):
    """The same in each language, for a preview."""

    fr: Any
    nl: Any
    en: Any


@dataclass(frozen=True)
class Name:
    """Something that words may tell, as `{key}`.

    It stands in the mail's context, or the template `fragment` says it from what stands there.
    `is_line`: it is short enough for a subject. `is_needed`: without it, the mail says too little.
    """

    key: str
    meaning: str | Promise
    sample: Any = ""
    fragment: str = ""
    is_line: bool = False
    is_needed: bool = False


@dataclass(frozen=True)
class Kind:
    """A mail. `why`: the template that tells the reader why it comes; staff cannot change it.

    `link`: the template of the address that its button leads to; `button`: what stands on it.
    `sample`: what else its context holds, for a preview. `is_to_others`: it goes to somebody else
    than the supporter whom it is about, who gets no way into that one's choices.
    """

    template: str
    title: str | Promise
    when: str | Promise
    to: str | Promise
    scope: str
    why: str
    names: tuple[Name, ...] = ()
    link: str = ""
    button: str | Promise = ""
    is_link_needed: bool = True
    sample: dict[str, Any] = field(default_factory=dict)
    is_to_others: bool = False

    def name(self, key: str) -> Name | None:
        return next((name for name in self.names if name.key == key), None)


def value(key: str, meaning: str | Promise, sample: Any, *, is_needed: bool = False) -> Name:
    """A short value out of the mail's context."""
    return Name(key, meaning, sample, is_line=True, is_needed=is_needed)


def said(
    key: str, meaning: str | Promise, fragment: str, *, is_line: bool = False, needed: bool = False
) -> Name:
    """A sentence or more that depend on what happened: a template of their own says them."""
    return Name(key, meaning, fragment=fragment, is_line=is_line, is_needed=needed)


GREETING = Name(
    "greeting",
    _("How the person is greeted, by name where we know it."),
    In("Bonjour Marie,", "Dag Marie,", "Hello Marie,"),
    fragment="greeting",
)
CAMPAIGN = value(
    "title",
    _("The title of the campaign."),
    In("Des vacances sans exploitation", "Vakantie zonder uitbuiting", "Travel without harm"),
)
