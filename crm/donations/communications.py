"""Structured communications: the twelve digits by which a bank transfer says whose it is."""

from datetime import datetime

from django.conf import settings
from django.db import connection, models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stdnum.be import ogm_vcs

from crm.campaigns.models import Campaign
from crm.lib.activities import DONATIONS
from crm.lib.merging import Merging
from crm.lib.personal import PersonalData
from crm.lib.rows import insert_unless_there
from crm.people.models import Supporter

LONGEST_SERIAL = 10


class CommunicationQuerySet(models.QuerySet["Communication"]):
    def written(self, text: str):
        """The communication that somebody wrote, with or without crosses and slashes."""
        return self.filter(digits=ogm_vcs.compact(text))


class Communication(models.Model):
    """One communication per donor and appeal; without a donor, that of everybody who gives for it.

    `digits` are the ten of a serial number and the two that check them (format: Febelfin's
    OGM-VCS, as `stdnum.be.ogm_vcs` has it).
    """

    digits = models.CharField(_("structured communication"), max_length=12, unique=True)
    supporter = models.ForeignKey(
        Supporter,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="communications",
        verbose_name=_("supporter"),
    )
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("campaign"),
    )
    appeal = models.CharField(
        _("appeal"), max_length=60, blank=True, help_text=_("Such as “Letter, December 2026”.")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    objects = CommunicationQuerySet.as_manager()
    personal_data = PersonalData(
        activity=DONATIONS,
        owner="supporter",
        proof=_("A transfer that still comes with it finds its record."),
    )
    merging = Merging(stays=True)

    class Meta:
        verbose_name = _("structured communication")
        verbose_name_plural = _("structured communications")
        constraints = [
            models.UniqueConstraint(
                fields=["supporter", "campaign", "appeal"],
                nulls_distinct=False,
                name="one_communication_per_donor_and_appeal",
            ),
            models.CheckConstraint(
                condition=Q(digits__regex=r"^[0-9]{12}$"), name="communication_has_12_digits"
            ),
        ]

    def __str__(self):
        return f"+++{ogm_vcs.format(self.digits)}+++"


def communication_for(
    *, supporter: Supporter | None, campaign: Campaign | None, appeal: str = "", at: datetime
) -> Communication:
    """Return the communication of a donor for an appeal, which is made when first asked for."""
    asked = {"supporter": supporter, "campaign": campaign, "appeal": appeal}
    known = Communication.objects.filter(**asked).first()
    if known is not None:
        return known
    new = Communication(digits=next_digits(), created_at=at, **asked)
    return new if insert_unless_there(new) else Communication.objects.get(**asked)


def communication_of_all(campaign: Campaign | None) -> Communication | None:
    """Return the communication of everybody who gives for a campaign, or to us; looking makes none.

    A campaign that has none yet (see `number_campaigns`) is given to as part of the whole.
    """
    shared = Communication.objects.filter(supporter=None, appeal="")
    found = shared.filter(Q(campaign=campaign) | Q(campaign=None))
    return found.order_by(F("campaign").desc(nulls_last=True)).first()


def number_campaigns(*, at: datetime) -> int:
    """Make the communications that the donation pages show; return how many were missing."""
    shared = Communication.objects.filter(supporter=None, appeal="")
    known = set(shared.values_list("campaign", flat=True))
    campaigns = {None: None, **Campaign.objects.order_by("pk").in_bulk()}
    missing = [campaign for key, campaign in campaigns.items() if key not in known]
    for campaign in missing:
        communication_for(supporter=None, campaign=campaign, at=at)
    return len(missing)


def next_digits() -> str:
    """Take the next serial number. Numbers that are not used leave a gap, which harms nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('crm_communication', 'id'))")
        (number,) = cursor.fetchone()
    return with_check_digits(settings.COMMUNICATION_PREFIX, number)


def with_check_digits(prefix: str, number: int) -> str:
    """Return the twelve digits of a communication.

    >>> with_check_digits("", 1), with_check_digits("77", 194)
    ('000000000101', '770000019429')
    """
    serial = prefix + str(number).zfill(LONGEST_SERIAL - len(prefix))
    return serial + ogm_vcs.calc_check_digits(serial)
