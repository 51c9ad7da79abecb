"""Asking many donors at once by letter: a communication for each, and slips to print."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _
from stdnum.be import ogm_vcs

from crm import audit
from crm.campaigns.models import Campaign
from crm.donations.communications import Communication, with_check_digits
from crm.donations.models import Gift
from crm.donations.transfers import qr_code
from crm.donations.typesetting import set_pages
from crm.lib.periods import local_day
from crm.people import greetings
from crm.people.contact_points import PostalAddress
from crm.people.models import Supporter
from crm.privacy.models import Channel, ConsentState, Purpose

AT_ONCE = 2000
PER_FILE = 300  # slips


class NobodyToAsk(Exception):
    """No donor is like that."""


@dataclass(frozen=True)
class Appeal:
    """A letter, as its communications tell of it."""

    name: str
    campaign: Campaign | None
    donors: int
    made_at: datetime


def donors_to_ask(
    *, months: int, at: datetime, language: str = "", gave_for: Campaign | None = None
) -> QuerySet[Supporter]:
    """Return the donors who gave in the last months, in a language and for a campaign or any.

    Not those who want no calls for donations by letter.
    """
    gifts = Gift.objects.paid().filter(
        supporter=OuterRef("pk"), received_on__gt=months_before(at, months)
    )
    if gave_for is not None:
        gifts = gifts.filter(campaign=gave_for)
    donors = Supporter.objects.current().filter(Exists(gifts)).filter(~no_letter("pk"))
    return donors.filter(language=language) if language else donors


def no_letter(supporter: str) -> Exists:
    """Whether a supporter said no to calls for donations by letter."""
    refused = ConsentState.objects.refused(Purpose.APPEALS, Channel.POST)
    return Exists(refused.filter(supporter=OuterRef(supporter)))


def months_before(at: datetime, months: int) -> Any:
    """Return the same day some months ago, or the last of a shorter month."""
    day = local_day(at)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return day.replace(year=year, month=month + 1, day=last)
        except ValueError:
            continue
    raise ValueError(months)


@transaction.atomic
def prepare(
    *, name: str, campaign: Campaign | None, donors: QuerySet[Supporter], at: datetime, by: Any
) -> int:
    """Give each donor the communication of an appeal; return how many are new.

    Who has one keeps it, however often this is called. Raises NobodyToAsk.
    """
    if not donors.exists():
        raise NobodyToAsk
    of_appeal = Communication.objects.filter(campaign=campaign, appeal=name)
    before = of_appeal.count()
    have = of_appeal.filter(supporter=OuterRef("pk"))
    missing = list(donors.filter(~Exists(have)).order_by("pk").values_list("pk", flat=True))
    new = [
        Communication(
            digits=digits, supporter_id=donor, campaign=campaign, appeal=name, created_at=at
        )
        for donor, digits in zip(missing, many_digits(len(missing)), strict=True)
    ]
    # Somebody else may be doing the same: whoever comes second keeps the first one's.
    Communication.objects.bulk_create(new, batch_size=AT_ONCE, ignore_conflicts=True)
    made = of_appeal.count() - before
    audit.log("appeal.prepared", of_appeal.latest("pk"), by=by, at=at, communications=made)
    return made


def many_digits(count: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('crm_communication', 'id')) "
            "FROM generate_series(1, %s)",
            [count],
        )
        numbers = [number for (number,) in cursor.fetchall()]
    return [with_check_digits(settings.COMMUNICATION_PREFIX, number) for number in numbers]


def appeals() -> list[Appeal]:
    """Return the appeals that were prepared, the newest first."""
    named = Communication.objects.exclude(appeal="").exclude(supporter=None)
    rows = list(
        named.values_list("appeal", "campaign")
        .annotate(donors=Count("pk"), made_at=Max("created_at"))
        .order_by("-made_at", "appeal")
    )
    campaigns = Campaign.objects.with_texts().in_bulk([row[1] for row in rows if row[1]])
    return [Appeal(name, campaigns.get(pk), donors, made) for name, pk, donors, made in rows]


def communications_of(*, name: str, campaign: Campaign | None) -> QuerySet[Communication]:
    """Return the communications of an appeal, in the order of a mailing: by postcode."""
    found = Communication.objects.filter(campaign=campaign, appeal=name)
    current = found.filter(supporter__merged_into=None, supporter__erased_at=None)
    donors = current.exclude(supporter=None).select_related("supporter")
    donors = donors.filter(~no_letter("supporter"))  # some say so only now
    return donors.order_by("supporter__language", "supporter__postcode", "pk")


def rows(communications: QuerySet[Communication]) -> Iterator[list[Any]]:
    """Yield what a printer or a mail merge needs to know of each."""
    preferred = PostalAddress.objects.filter(is_preferred=True)
    homes = Prefetch("supporter__addresses", preferred, to_attr="homes")
    for each in communications.prefetch_related(homes).iterator(AT_ONCE):
        donor: Any = each.supporter
        home = donor.homes[0] if donor.homes else PostalAddress()
        yield [
            donor.given_name,
            donor.family_name,
            greetings.formal([donor], donor.language),
            greetings.name_line([donor], donor.language),
            home.street,
            donor.postcode,
            home.town,
            str(donor.country),
            donor.language,
            ogm_vcs.format(each.digits),  # a cell that begins with + is a formula to some
        ]


def slips(communications: QuerySet[Communication], *, part: int = 1) -> bytes:
    """Return payment slips to print, three on a page, as PDF/UA: the first, second … hundreds."""
    start = (part - 1) * PER_FILE
    found = [slip(each) for each in communications[start : start + PER_FILE]]
    return set_pages("slips.typ", found, name="payment slips")


def parts(donors: int) -> range:
    """Return the numbers of the files that so many slips make."""
    return range(1, -(-donors // PER_FILE) + 1)


def slip(communication: Communication) -> dict[str, Any]:
    """Return the words of one slip, in its donor's language."""
    donor = communication.supporter
    assert donor is not None
    code = qr_code(communication).svg_inline(svgclass=None, lineclass=None, omitsize=True)
    with translation.override(donor.language):
        return {
            "language": donor.language,
            "title": _("Give by bank transfer"),
            "holder_label": _("Beneficiary"),
            "holder": settings.ORGANISATION_BANK_NAME,
            "iban_label": _("Account (IBAN)"),
            "iban": grouped(settings.ORGANISATION_IBAN),
            "bic": settings.ORGANISATION_BIC,
            "donor_label": _("Donor"),
            "donor": donor.full_name,
            "email": "",
            "communication_label": _("Communication, to be copied exactly"),
            "communication": str(communication),
            "scan": _("Or scan with your banking app"),
            "qr": code.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1),
            "alt": _("QR code for your banking app, with the communication %(digits)s")
            % {"digits": communication},
        }


def grouped(iban: str) -> str:
    """Return an account as people read it.

    >>> grouped("BE68539007547034")
    'BE68 5390 0754 7034'
    """
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
