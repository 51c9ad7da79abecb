"""Organisations that we belong together with: members of networks, institutional partners."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import PROGRAMMES
from crm.lib.merging import MOVES
from crm.lib.personal import EVERYTHING, PersonalData
from crm.people.models import Supporter


class Network(models.Model):
    """A network that we are a member of, such as ECPAT International, CODE or KIRECO."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    is_international = models.BooleanField(
        _("counts in the impact figures"),
        default=False,
        help_text=_("Its members are the members of our international network."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("network")
        verbose_name_plural = _("networks")

    def __str__(self):
        return self.name


class AffiliationQuerySet(models.QuerySet["Affiliation"]):
    def current(self):
        """Those of organisations that were not merged into another record."""
        return self.filter(organisation__merged_into=None)

    def on(self, day):
        """Those that hold on a day; without a beginning they always did."""
        begun = Q(begins_on=None) | Q(begins_on__lte=day)
        return self.filter(begun).filter(Q(ends_on=None) | Q(ends_on__gt=day))


class Affiliation(models.Model):
    """What an organisation is to us: a member of a network, or an institutional partner."""

    class Kind(models.TextChoices):
        MEMBER = "member", _("member of a network")
        PUBLIC = "public", _("public partner")
        PRIVATE = "private", _("private partner")
        NGO = "ngo", _("partner organisation")

    organisation = models.ForeignKey(
        Supporter, models.CASCADE, related_name="affiliations", verbose_name=_("organisation")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    network = models.ForeignKey(
        Network,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("network"),
    )
    begins_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    modified_at = models.DateTimeField(_("last changed"), default=timezone.now)

    objects = AffiliationQuerySet.as_manager()
    personal_data = PersonalData(
        activity=PROGRAMMES, owner="organisation", dated="modified_at", drop=EVERYTHING
    )
    merging = MOVES

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "kind", "network"],
                condition=Q(ends_on=None),
                nulls_distinct=False,
                name="affiliation_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="member", network__isnull=False)
                | (~Q(kind="member") & Q(network=None)),
                name="members_are_of_a_network",
            ),
        ]

    def __str__(self):
        return f"#{self.organisation_id} {self.kind}"
