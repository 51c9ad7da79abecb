"""What proves a consent, in words."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import formats, timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.campaigns.models import Campaign
from crm.mailing.kinds import BY_TEMPLATE
from crm.mailing.models import Mail
from crm.privacy.models import Consent
from crm.staff.sources import in_words, tells_of_giving

# What each part of the evidence is called; what is not here is shown as it is.
PARTS = {
    "asked_at": gettext_lazy("Box ticked"),
    "confirmed_at": gettext_lazy("Confirmed by the link of a mail"),
    "page": gettext_lazy("Page"),
    "network": gettext_lazy("Network from which it was sent (a hash)"),
    "campaign": gettext_lazy("Campaign"),
    "by": gettext_lazy("Proved by"),
    "mail": gettext_lazy("Mail whose link was used"),
    "import": gettext_lazy("Import"),
    "line": gettext_lazy("Line of the file"),
    "said": gettext_lazy("How it was said"),
    "sheet": gettext_lazy("Number of the sheet"),
}
VALUES = {
    "parent": gettext_lazy("the click of a parent"),
    "signed link": gettext_lazy("a link that was sent to their address"),
    "newsletter": gettext_lazy("page of the newsletter"),
    "donor page": gettext_lazy("the donor’s own page"),
    "preferences": gettext_lazy("page of their choices"),
    "paper": gettext_lazy("on paper"),
    "telephone": gettext_lazy("by telephone"),
    "letter": gettext_lazy("by letter or mail"),
    "in person": gettext_lazy("in person"),
}
# What the evidence names, by its key and value, in words.
Names = dict[tuple[str, str], str]


class Proof(NamedTuple):
    label: str
    value: str


class Word(NamedTuple):
    """One thing somebody said, with all that shows it; `where` and proofs only if they may be
    told."""

    consent: Consent
    where: str
    proofs: list[Proof]


def words_of(consents: Iterable[Consent], *, sees_gifts: bool) -> list[Word]:
    """Return what was said, in its order, with one query for all mails and one for campaigns."""
    said = list(consents)
    places = in_words((each.source for each in said), sees_gifts=sees_gifts)
    names = {**mails_named(said), **campaigns_named(said)}
    return [
        Word(
            each,
            places.get(each.source, ""),
            list(proofs_of(each, names)) if sees_gifts or not tells_of_giving(each.source) else [],
        )
        for each in said
    ]


def proofs_of(consent: Consent, names: Names) -> Iterator[Proof]:
    for key, value in consent.evidence.items():
        yield Proof(str(PARTS.get(key, key)), names.get((key, str(value))) or in_word(value))


def in_word(value: Any) -> str:
    """Say one value of the evidence.

    >>> in_word("12-B")
    '12-B'
    """
    moment = moment_of(value)
    if moment is not None:
        return formats.date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return str(VALUES.get(str(value), value))


def moment_of(value: Any) -> datetime | None:
    try:
        moment = parse_datetime(str(value))
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None


def mails_named(consents: list[Consent]) -> Names:
    """Return what the mails are called that the evidence names."""
    named = named_by(consents, "mail")
    if not named:
        return {}
    found = Mail.objects.filter(public_id__in=named).values_list(
        "public_id", "template", "queued_at"
    )
    words = _("%(mail)s, %(day)s")
    return {
        ("mail", str(key)): words
        % {
            "mail": BY_TEMPLATE[template].title if template in BY_TEMPLATE else template,
            "day": formats.date_format(timezone.localtime(at), "DATE_FORMAT"),
        }
        for key, template, at in found
    }


def campaigns_named(consents: list[Consent]) -> Names:
    named = named_by(consents, "campaign")
    found = Campaign.objects.with_texts().filter(pk__in=named) if named else []
    return {("campaign", str(campaign.pk)): str(campaign) for campaign in found}


def named_by(consents: list[Consent], key: str) -> set[Any]:
    return {each.evidence[key] for each in consents if each.evidence.get(key)}
