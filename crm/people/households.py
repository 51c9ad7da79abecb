"""Who belongs together: households, and relationships between people and organisations."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import RELATIONS
from crm.lib.merging import MOVES, Merging
from crm.lib.personal import EVERYTHING, PersonalData
from crm.people.models import Supporter


class Household(models.Model):
    """People who get one letter. Its name and greeting come from its members, unless given."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    own_name = models.CharField(
        _("name"), max_length=150, blank=True, help_text=_("Empty: made from its members' names.")
    )
    own_greeting = models.CharField(
        _("greeting"), max_length=150, blank=True, help_text=_("Empty: made from its members.")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    personal_data = PersonalData(
        activity=RELATIONS, owner="members__supporter", erase={"own_name": "", "own_greeting": ""}
    )

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self):
        return self.own_name or f"#{self.pk}"


class HouseholdMember(models.Model):
    """Somebody's place in their household; a person has one at most."""

    household = models.ForeignKey(Household, models.CASCADE, related_name="members")
    supporter = models.OneToOneField(Supporter, models.CASCADE, related_name="membership")
    position = models.PositiveSmallIntegerField(
        _("place in the greeting"), default=0, help_text=_("The lowest is named first.")
    )
    is_greeted = models.BooleanField(
        _("named in the greeting"), default=True, help_text=_("Children usually are not.")
    )

    personal_data = PersonalData(activity=RELATIONS, owner="supporter", drop=EVERYTHING)
    merging = MOVES

    class Meta:
        verbose_name = _("member of a household")
        verbose_name_plural = _("members of households")

    def __str__(self):
        return f"#{self.supporter_id} in {self.household_id}"


class Relationship(models.Model):
    """What `supporter` is to `other`: their parent, a contact of that organisation."""

    class Kind(models.TextChoices):
        PARTNER = "partner", _("partner of")
        PARENT = "parent", _("parent of")
        SIBLING = "sibling", _("brother or sister of")
        FRIEND = "friend", _("friend of")
        CONTACT = "contact", _("contact person of")
        STAFF = "staff", _("works for")
        MEMBER = "member", _("member of")
        INTRODUCED = "introduced", _("introduced")

    # One row says it of both.
    BOTH_WAYS = (Kind.PARTNER, Kind.SIBLING, Kind.FRIEND)
    TO_ORGANISATIONS = (Kind.CONTACT, Kind.STAFF, Kind.MEMBER)

    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="relationships")
    other = models.ForeignKey(Supporter, models.CASCADE, related_name="relationships_to")
    kind = models.CharField(_("relationship"), max_length=10, choices=Kind.choices)
    role = models.CharField(_("role"), max_length=100, blank=True)
    is_main_contact = models.BooleanField(_("main contact"), default=False)
    begins_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    personal_data = PersonalData(
        activity=RELATIONS,
        owner="supporter",
        others=("other",),
        drop=EVERYTHING,
        ties=Q(kind__in=["contact", "staff", "member"], ends_on=None),
    )
    merging = Merging(
        apart=(("supporter", "other"), ("other", "supporter")),
        mirrored=lambda row: {"kind": row.kind, "ends_on": None} if row.holds_for_both else None,
    )

    class Meta:
        verbose_name = _("relationship")
        verbose_name_plural = _("relationships")
        constraints = [
            models.UniqueConstraint(
                fields=["supporter", "other", "kind"],
                condition=Q(ends_on=None),
                name="relationship_once",
            ),
            models.CheckConstraint(
                condition=~Q(supporter=F("other")), name="relationship_to_somebody_else"
            ),
        ]

    def __str__(self):
        return f"#{self.supporter_id} {self.kind} #{self.other_id}"

    @property
    def holds_for_both(self) -> bool:
        return self.kind in self.BOTH_WAYS and self.ends_on is None
