"""The ways out that a mail carries: links to choose what one gets, and one click to end it all.

A mail that serves what somebody did (a receipt, what they asked of their data) has none of them:
it is never stopped. Nor has one to staff.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from crm.lib import tokens
from crm.mailing import kinds
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.people.standing import successor

UNSUBSCRIBE, PREFERENCES, NOT_ME = "unsubscribe", "preferences", "not-me"
WORKS_FOR = timedelta(days=365)  # the page of preferences, from where one can say yes too


def may_be_stopped(mail: Mail) -> bool:
    return kinds.scope_of(mail.template) == "other"


def headers_of(mail: Mail) -> dict[str, str]:
    """Return the headers by which a mailbox shows its own button (RFC 2369, RFC 8058)."""
    if not may_be_stopped(mail):
        return {}
    return {
        "List-Unsubscribe": f"<{unsubscribe_url(mail)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def links_of(mail: Mail) -> dict[str, str]:
    """Return the addresses for the foot of a mail."""
    if not may_be_stopped(mail):
        return {}
    links = {"unsubscribe_url": unsubscribe_url(mail)}
    if mail.supporter is not None and not kinds.is_to_others(mail.template):
        links["preferences_url"] = settings.SITE_URL + preferences_path(
            mail.supporter, mail.language
        )
    if signature := mail.context.get("signature"):
        links["not_me_url"] = settings.SITE_URL + not_me_path(signature, mail.language)
    return links


def not_me_path(signature: str, language: str) -> str:
    """Return where somebody says that they did not sign, by what identifies the signature."""
    token = tokens.make(NOT_ME, signature)
    with translation.override(language):
        return reverse("public:not-me", args=[token])


def unsubscribe_url(mail: Mail) -> str:
    token = tokens.make(UNSUBSCRIBE, str(mail.public_id))
    return settings.SITE_URL + reverse("unsubscribe", args=[token])


def preferences_path(supporter: Supporter, language: str) -> str:
    """Return where somebody chooses what they get."""
    token = tokens.make(PREFERENCES, str(supporter.public_id))
    with translation.override(language):
        return reverse("public:preferences", args=[token])


def mail_of(token: str) -> UUID:
    """Return the identifier of the mail that carried a link; it never grows old.

    Raises tokens.BadToken.
    """
    return UUID(tokens.read(UNSUBSCRIBE, token, max_age=None))


def supporter_of(token: str) -> Supporter:
    """Return whose preferences a link opens; who was merged finds the record that stands.

    Raises tokens.BadToken, also when the person was erased.
    """
    public_id = tokens.read(PREFERENCES, token, max_age=WORKS_FOR)
    found = Supporter.objects.filter(public_id=public_id).first()
    person = found and (successor(found) or found)
    if person is None or person.erased_at is not None:
        raise tokens.BadToken(PREFERENCES)
    return person
