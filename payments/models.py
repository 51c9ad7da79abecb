"""A gift on its way through Stripe, and what Stripe told us."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign, Source
from crm.lib.activities import DONATIONS
from crm.lib.merging import MOVES
from crm.lib.personal import PersonalData, Retention
from crm.people.models import LANGUAGES, Supporter
from crm.privacy.models import Wording
from payments.books import Difference, Payout, PayoutLine, Reconciliation
from payments.defence import Attempt, FormSwitch
from payments.statements import BankFile, BankLine, BankStatement

# Those imported here are so for Django, which looks for models in this module.
__all__ = [
    "Attempt",
    "BankFile",
    "BankLine",
    "BankStatement",
    "Checkout",
    "Difference",
    "FormSwitch",
    "Payout",
    "PayoutLine",
    "Reconciliation",
    "StripeEvent",
]


class Checkout(models.Model):
    """Somebody is about to give. It becomes a gift when Stripe says so, never by itself."""

    class Frequency(models.TextChoices):
        ONCE = "once", _("once")
        MONTHLY = "monthly", _("every month")
        YEARLY = "yearly", _("every year")

    class State(models.TextChoices):
        OPEN = "open", _("on the payment page")
        DECLINED = "declined", _("payment declined")
        PROCESSING = "processing", _("being processed")
        PAID = "paid", _("paid")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("abandoned")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session_id = models.CharField(_("Stripe session"), max_length=120, blank=True, editable=False)
    frequency = models.CharField(_("how often"), max_length=10, choices=Frequency.choices)
    amount = models.BigIntegerField(_("amount in cents"))
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, related_name="+", verbose_name=_("campaign")
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", verbose_name=_("source"))
    given_name = models.CharField(_("given name"), max_length=100)
    family_name = models.CharField(_("family name"), max_length=100)
    email = models.EmailField(_("e-mail"))
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    newsletter = models.ForeignKey(
        Wording, models.PROTECT, null=True, related_name="+", verbose_name=_("newsletter")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    supporter = models.ForeignKey(
        Supporter,
        models.SET_NULL,
        null=True,
        related_name="+",
        editable=False,
        verbose_name=_("supporter"),
    )
    started_at = models.DateTimeField(_("started"), default=timezone.now)

    personal_data = PersonalData(
        activity=DONATIONS,
        owner="supporter",
        erase={"email": "", "given_name": "", "family_name": ""},
        email="email",
        internal=("session_id",),
    )
    retention = Retention(
        key="checkouts",
        title=_("names and addresses as they were typed to give"),
        since="started_at",
        months=24,
        of=~models.Q(email="") & ~models.Q(state__in=["open", "processing"]),
        empty={"email": "", "given_name": "", "family_name": ""},
        is_on=True,
    )
    merging = MOVES

    class Meta:
        verbose_name = _("checkout")
        verbose_name_plural = _("checkouts")
        constraints = [
            models.UniqueConstraint(
                fields=["session_id"], condition=~models.Q(session_id=""), name="session_once"
            )
        ]
        indexes = [models.Index(fields=["-started_at", "-id"], name="checkout_newest")]

    def __str__(self):
        return f"#{self.pk} {self.state}"

    @property
    def interval(self) -> str:
        """month or year for a regular gift, "" for one made once."""
        return {"monthly": "month", "yearly": "year"}.get(self.frequency, "")


class StripeEvent(models.Model):
    """A signal from Stripe, once: its type and what it is about, never what it carried."""

    event_id = models.CharField(_("reference"), max_length=120, unique=True)
    type = models.CharField(_("kind"), max_length=80)
    object_id = models.CharField(_("what it is about"), max_length=120, blank=True)
    created_at = models.DateTimeField(_("sent by Stripe"))
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    handled_at = models.DateTimeField(_("handled"), null=True)

    class Meta:
        verbose_name = _("signal from Stripe")
        verbose_name_plural = _("signals from Stripe")
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=models.Q(handled_at=None),
                name="stripe_event_unhandled",
            )
        ]

    def __str__(self):
        return f"{self.event_id} {self.type}"
