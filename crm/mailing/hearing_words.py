"""What providers call it when a mail does not arrive: django-anymail calls hard and soft bounces
one thing, and their own words tell them apart."""

from collections.abc import Iterator, Mapping
from typing import Any

from crm.mailing.events import MailEvent

Kind = MailEvent.Kind
HARD, SOFT = Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE
# By provider as anymail names it: where in its event a word stands, and what words mean. The first
# word that is known counts. Checked against the events that anymail 15.2 reads.
WORDS: dict[str, tuple[tuple[str, ...], dict[str, Kind]]] = {
    "Brevo": (("event",), {"hard_bounce": HARD, "invalid_email": HARD, "soft_bounce": SOFT}),
    "Mailjet": (
        ("hard_bounce", "error"),
        {
            "user unknown": HARD,
            "mailbox inactive": HARD,
            "invalid domain": HARD,
            "no mail host": HARD,
            "typofix": HARD,
            "quota exceeded": SOFT,
            "spam reporter": Kind.COMPLAINED,
            "sender blocked": Kind.REFUSED,
            "content blocked": Kind.REFUSED,
            "policy issue": Kind.REFUSED,
            "preblocked": Kind.REFUSED,
            "blacklisted": Kind.REFUSED,
            "True": HARD,
            "False": SOFT,
        },
    ),
    "Postmark": (
        ("Type", "SuppressionReason"),
        {
            "HardBounce": HARD,
            "BadEmailAddress": HARD,
            "SoftBounce": SOFT,
            "VirusNotification": Kind.REFUSED,
        },
    ),
    "Mailgun": (
        ("event-data.reason",),
        {
            "bounce": HARD,
            "suppress-bounce": HARD,
            "suppress-complaint": Kind.COMPLAINED,
            "suppress-unsubscribe": Kind.UNSUBSCRIBED,
            "old": SOFT,
        },
    ),
    "Amazon SES": (
        ("bounce.bounceType",),
        {"Permanent": HARD, "Transient": SOFT, "Undetermined": SOFT},
    ),
    "MailerSend": (("data.type",), {"hard_bounced": HARD, "soft_bounced": SOFT}),
    "Mailtrap": (("event",), {"bounce": HARD, "soft bounce": SOFT}),
    "Mandrill": (("event",), {"hard_bounce": HARD, "soft_bounce": SOFT}),
    "Postal": (("payload.status",), {"HardFail": HARD}),
    "Resend": (
        ("data.bounce.type",),
        {"Permanent": HARD, "Transient": SOFT, "Undetermined": SOFT},
    ),
    "SendGrid": (
        ("type", "reason"),
        {
            "invalid": HARD,
            "bounced address": HARD,
            "bounce": HARD,
            "blocked": SOFT,
            "expired": SOFT,
            "unsubscribed address": Kind.UNSUBSCRIBED,
        },
    ),
    "SparkPost": (
        ("msys.message_event.bounce_class",),
        {"10": HARD, "30": HARD}
        | dict.fromkeys(("20", "21", "22", "23", "24", "40", "70"), SOFT)
        | dict.fromkeys(("25", "50", "51", "52", "53", "54"), Kind.REFUSED),
    ),
    "Unisender Go": (("status",), {"hard_bounced": HARD, "soft_bounced": SOFT}),
}
WORDS["SendinBlue"] = WORDS["Brevo"]  # its name of before


def words_of(provider: str, raw: Any) -> Iterator[tuple[str, Kind]]:
    """Yield the provider's own words for what happened, as far as known, with what they mean."""
    paths, meanings = WORDS.get(provider, ((), {}))
    for text in texts_at(raw, paths):
        known = text if text in meanings else text.lower()
        if known in meanings:
            yield known, meanings[known]


def texts_at(raw: Any, paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        found = raw
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        if isinstance(found, str | bool | int):
            yield str(found)
