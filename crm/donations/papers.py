"""The papers that say what somebody gave: receipts and tax certificates. Nothing is changed
in them once they are issued: what turns out wrong is voided, and replaced by a newer one."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.donations.models import Gift
from crm.lib.activities import ACCOUNTS
from crm.lib.merging import Merging
from crm.lib.personal import PersonalData, Retention
from crm.people.models import LANGUAGES, Supporter
from crm.privacy.retention import of_accounts


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def valid(self):
        return self.filter(voided_at=None)

    def newest(self):
        return self.order_by("pk").last()


class Receipt(models.Model):
    """A receipt for one gift, or for all gifts of a year. Numbers run without gaps in a year."""

    supporter = models.ForeignKey(
        Supporter, models.PROTECT, related_name="receipts", verbose_name=_("supporter")
    )
    gift = models.ForeignKey(
        Gift,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="receipts",
        verbose_name=_("gift"),
    )
    of_year = models.PositiveSmallIntegerField(_("for the year"), null=True, blank=True)
    year = models.PositiveSmallIntegerField(_("year of issue"))
    number = models.PositiveIntegerField(_("number"))
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    # As it was written: the donor may move or marry, the paper does not.
    donor_name = models.CharField(_("donor"), max_length=210)
    # Of a whole year, gift by gift: day, amount, method, and what it was for.
    lines = models.JSONField(_("gifts"), default=list, blank=True)
    issued_at = models.DateTimeField(_("issued"))
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )

    objects = ReceiptQuerySet.as_manager()
    personal_data = PersonalData(
        activity=ACCOUNTS, owner="supporter", is_accounting=True, dated="issued_at"
    )
    retention = of_accounts(since="issued_at", of=~Q(donor_name=""), empty={"donor_name": ""})
    merging = Merging(stays=True)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="receipt_number_once"),
            models.UniqueConstraint(
                fields=["gift"], condition=Q(voided_at=None), name="one_valid_receipt_per_gift"
            ),
            models.UniqueConstraint(
                fields=["supporter", "of_year", "currency"],
                condition=Q(voided_at=None) & ~Q(of_year=None),
                name="one_valid_receipt_per_year",
            ),
            models.CheckConstraint(
                condition=Q(gift=None, of_year__isnull=False) | Q(gift__isnull=False, of_year=None),
                name="receipt_for_a_gift_or_a_year",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_is_positive"),
        ]

    def __str__(self):
        return f"{self.year}-{self.number:06d}"


class TaxIdentity(models.Model):
    """What the tax authority wants to know of a donor, and nobody else needs.

    `number` is the national (or BIS, or enterprise) number, encrypted (see `identities`).
    """

    supporter = models.OneToOneField(
        Supporter, models.CASCADE, related_name="tax_identity", verbose_name=_("supporter")
    )
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_name = models.CharField(_("family name or organisation"), max_length=100)
    street = models.CharField(_("street and number"), max_length=120)
    postcode = models.CharField(_("postcode"), max_length=12)
    town = models.CharField(_("town"), max_length=80)
    country = models.CharField(_("country"), max_length=2, default="BE")
    number = models.BinaryField(_("national number"), blank=True, editable=False)
    given_at = models.DateTimeField(_("given"))

    personal_data = PersonalData(
        activity=ACCOUNTS,
        owner="supporter",
        erase={
            "given_name": "",
            "family_name": "",
            "street": "",
            "postcode": "",
            "town": "",
            "number": b"",
        },
        sensitive=_("holds the national number, encrypted"),
    )
    retention = Retention(
        key="tax_identities",
        title=_("data for tax certificates of those who give no more"),
        since="given_at",
        months=36,
        by="crm.donations.unneeded",
        least=24,
        is_on=True,
    )
    merging = Merging(stays=True, is_better=lambda theirs, own: theirs.given_at > own.given_at)

    class Meta:
        verbose_name = _("data for the tax certificate")
        verbose_name_plural = _("data for tax certificates")

    def __str__(self):
        return f"#{self.pk}"


class TaxCertificateQuerySet(models.QuerySet["TaxCertificate"]):
    def newest(self):
        """The last version of each certificate."""
        return self.order_by("year", "number", "-version").distinct("year", "number")


class TaxCertificate(models.Model):
    """The yearly certificate of one donor, in one version; a correction is the next version.

    The number is the one in the file for the tax authority, unbroken within a year, and stays
    through all versions. A version of 0 cents says that the certificate is void.
    """

    year = models.PositiveSmallIntegerField(_("year of the gifts"))
    number = models.PositiveIntegerField(_("number"))
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    supporter = models.ForeignKey(
        Supporter, models.PROTECT, related_name="tax_certificates", verbose_name=_("supporter")
    )
    amount = models.BigIntegerField(_("amount in cents"))
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    # As it was written and sent to the authority.
    donor_given_name = models.CharField(_("given name"), max_length=100, blank=True)
    donor_family_name = models.CharField(_("family name"), max_length=100)
    street = models.CharField(_("street and number"), max_length=120, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    issued_at = models.DateTimeField(_("issued"))
    filed_at = models.DateTimeField(
        _("in the file for the tax authority since"), null=True, blank=True
    )

    objects = TaxCertificateQuerySet.as_manager()
    personal_data = PersonalData(
        activity=ACCOUNTS, owner="supporter", is_accounting=True, dated="issued_at"
    )
    retention = of_accounts(
        since="issued_at",
        of=~Q(donor_family_name=""),
        empty={
            "donor_given_name": "",
            "donor_family_name": "",
            "street": "",
            "postcode": "",
            "town": "",
        },
    )
    merging = Merging(stays=True, alike=("year",))

    class Meta:
        verbose_name = _("tax certificate")
        verbose_name_plural = _("tax certificates")
        constraints = [
            models.UniqueConstraint(
                fields=["year", "number", "version"], name="certificate_version_once"
            ),
            models.UniqueConstraint(
                fields=["year", "supporter", "version"], name="one_certificate_per_year"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="certificate_is_not_negative"),
        ]

    def __str__(self):
        return f"{self.year}-{self.number:06d}"
