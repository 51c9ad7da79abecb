"""How a supporter is reached: e-mail addresses, telephones, postal addresses."""

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from crm.lib.activities import RELATIONS
from crm.lib.merging import MOVES, Flag, Merging
from crm.lib.personal import EVERYTHING, PersonalData
from crm.people.mailboxes import UNDER_ALIAS, Mailbox, same_mailbox
from crm.people.models import Supporter


class Use(models.TextChoices):
    HOME = "home", _("private")
    WORK = "work", _("work")
    OTHER = "other", _("other")


class ContactPoint(models.Model):
    """What the ways of reaching somebody have in common; each knows where it came from."""

    use = models.CharField(_("use"), max_length=5, choices=Use.choices, default=Use.HOME)
    source = models.CharField(
        _("source"), max_length=80, blank=True, help_text=_("Where we have it from.")
    )
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        abstract = True


class EmailAddressQuerySet(models.QuerySet["EmailAddress"]):
    def usable(self):
        """Addresses at which mail arrives and is welcome."""
        return self.filter(status=EmailAddress.Status.GOOD)

    def of_mailbox(self, address: str):
        """Addresses at which the same mailbox is reached as at this one, in its normal form."""
        return self.annotate(mailbox=Mailbox("address")).filter(same_mailbox(address))


class EmailAddress(ContactPoint):
    """An address in its normal form. Whoever it belongs to: there is one supporter of it.

    The supporter's `email` is one of these: the one we write to.
    """

    class Status(models.TextChoices):
        GOOD = "good", _("in use")
        BOUNCING = "bouncing", _("mail comes back")
        COMPLAINED = "complained", _("called our mail spam")
        OLD = "old", _("no longer theirs")

    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="emails")
    address = models.EmailField(_("e-mail"))
    status = models.CharField(
        _("state"), max_length=10, choices=Status.choices, default=Status.GOOD
    )

    objects = EmailAddressQuerySet.as_manager()
    personal_data = PersonalData(activity=RELATIONS, owner="supporter", drop=EVERYTHING)
    merging = MOVES

    class Meta:
        verbose_name = _("e-mail address")
        verbose_name_plural = _("e-mail addresses")
        # Not `unique` of the field, which brings an index for LIKE that nobody needs.
        constraints = [models.UniqueConstraint(fields=["address"], name="address_once")]
        indexes = [
            models.Index(Mailbox(F("address")), condition=UNDER_ALIAS, name="address_under_alias")
        ]

    def __str__(self):
        return self.address


class Phone(ContactPoint):
    """A telephone number as +32475123456. People of one household may share one."""

    class Status(models.TextChoices):
        GOOD = "good", _("in use")
        WRONG = "wrong", _("wrong number")
        OLD = "old", _("no longer theirs")

    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="phones")
    number = models.CharField(_("telephone"), max_length=20)
    status = models.CharField(
        _("state"), max_length=10, choices=Status.choices, default=Status.GOOD
    )
    is_preferred = models.BooleanField(_("call this one first"), default=False)

    personal_data = PersonalData(activity=RELATIONS, owner="supporter", drop=EVERYTHING)
    merging = Merging(flags={"one_preferred_phone": Flag("is_preferred")})

    class Meta:
        verbose_name = _("telephone")
        verbose_name_plural = _("telephones")
        constraints = [
            models.UniqueConstraint(fields=["supporter", "number"], name="phone_once"),
            models.UniqueConstraint(
                fields=["supporter"],
                condition=models.Q(is_preferred=True),
                name="one_preferred_phone",
            ),
        ]
        indexes = [
            # Also by its beginning, whatever the language of the database sorts like.
            models.Index(fields=["number"], name="phone_number", opclasses=["varchar_pattern_ops"])
        ]

    def __str__(self):
        return self.number


class PostalAddress(ContactPoint):
    """An address on an envelope. `is_preferred`: letters go there; it gives the supporter's
    postcode and country."""

    class Status(models.TextChoices):
        UNVERIFIED = "unverified", _("not verified")
        VERIFIED = "verified", _("verified")
        BAD = "bad", _("letters come back")
        PAST = "past", _("no longer theirs")

    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="addresses")
    street = models.CharField(_("street and number"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    town = models.CharField(_("town"), max_length=100, blank=True)
    country = CountryField(_("country"), blank=True)
    status = models.CharField(
        _("state"), max_length=10, choices=Status.choices, default=Status.UNVERIFIED
    )
    is_preferred = models.BooleanField(_("letters go there"), default=False)
    begins_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)

    personal_data = PersonalData(activity=RELATIONS, owner="supporter", drop=EVERYTHING)
    merging = Merging(flags={"one_preferred_address": Flag("is_preferred", follows="postcode")})

    class Meta:
        verbose_name = _("postal address")
        verbose_name_plural = _("postal addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["supporter"],
                condition=models.Q(is_preferred=True),
                name="one_preferred_address",
            ),
        ]

    def __str__(self):
        return ", ".join(filter(None, [self.street, f"{self.postcode} {self.town}".strip()]))
