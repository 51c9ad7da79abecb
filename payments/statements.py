"""Bank statements as they were uploaded, and what became of each of their lines."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.donations.models import Gift
from crm.lib.activities import ACCOUNTS
from crm.lib.personal import PersonalData
from crm.privacy.retention import of_accounts


class BankFile(models.Model):
    """An uploaded file, by its fingerprint: the same one twice adds nothing."""

    class Format(models.TextChoices):
        CODA = "coda", "CODA"
        CAMT = "camt", "CAMT.053"

    name = models.CharField(_("file"), max_length=120)
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    uploaded_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("uploaded by"),
    )

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")

    def __str__(self):
        return self.name


class BankStatement(models.Model):
    """One account over some days. Opening balance and lines make the closing balance.

    Where the bank's file contradicted itself and was taken all the same, `flaw` says how.
    `difference` is the closing balance less what opening balance and lines make, if any.
    """

    file = models.ForeignKey(
        BankFile, models.PROTECT, related_name="statements", verbose_name=_("file")
    )
    account = models.CharField(_("account"), max_length=34)
    number = models.CharField(_("number"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    opened_on = models.DateField(_("from"))
    closed_on = models.DateField(_("until"))
    opening_balance = models.BigIntegerField(_("opening balance in cents"))
    closing_balance = models.BigIntegerField(_("closing balance in cents"))
    difference = models.BigIntegerField(_("difference in cents"), null=True, blank=True)
    flaw = models.TextField(_("contradiction in the file"), blank=True)

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")

    def __str__(self):
        return f"{self.account} {self.number}"


class BankLineQuerySet(models.QuerySet["BankLine"]):
    def undecided(self):
        """Lines that somebody must look at: money that came, and gifts that were sent back."""
        return self.filter(state=BankLine.State.WAITING)

    def waiting(self):
        """Money that came and that nobody has decided about."""
        return self.undecided().filter(amount__gt=0)

    def untouched(self):
        """Money that came, on lines that were never decided, not even wrongly."""
        return self.waiting().filter(matched_by="")


class BankLine(models.Model):
    """One movement on the account, signed. `key` tells it from others, in whatever file."""

    class State(models.TextChoices):
        WAITING = "waiting", _("to be matched")
        GIFT = "gift", _("a gift")
        PAYOUT = "payout", _("a payout of Stripe")
        RETURNED = "returned", _("a gift sent back")
        NO_GIFT = "no_gift", _("not a gift")

    statement = models.ForeignKey(
        BankStatement, models.PROTECT, related_name="lines", verbose_name=_("statement")
    )
    key = models.CharField(max_length=120, unique=True, editable=False)
    position = models.PositiveIntegerField(_("line"))
    booked_on = models.DateField(_("booked"))
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    payer_name = models.CharField(_("name of the other party"), max_length=150, blank=True)
    payer_iban = models.CharField(_("account of the other party"), max_length=34, blank=True)
    communication = models.CharField(_("communication"), max_length=300, blank=True)
    structured = models.CharField(_("structured communication"), max_length=12, blank=True)
    bank_reference = models.CharField(_("the bank's reference"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    gift = models.OneToOneField(
        Gift,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bank_line",
        verbose_name=_("gift"),
    )
    # How it was decided: communication, iban, staff, payout, rule. Or that this was undone.
    matched_by = models.CharField(_("matched by"), max_length=20, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    objects = BankLineQuerySet.as_manager()
    personal_data = PersonalData(
        activity=ACCOUNTS, owner="gift__supporter", is_accounting=True, dated="booked_on"
    )
    retention = of_accounts(
        since="booked_on",
        of=~Q(payer_name="", payer_iban="", communication=""),
        empty={"payer_name": "", "payer_iban": "", "communication": ""},
    )

    class Meta:
        verbose_name = _("line of a bank statement")
        verbose_name_plural = _("lines of bank statements")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="gift", gift__isnull=False) | (~Q(state="gift") & Q(gift=None)),
                name="matched_line_has_its_gift",
            )
        ]
        indexes = [
            models.Index(
                fields=["booked_on", "id"], condition=Q(state="waiting"), name="bank_line_waiting"
            )
        ]

    def __str__(self):
        return f"{self.booked_on} {self.amount} {self.currency}"
