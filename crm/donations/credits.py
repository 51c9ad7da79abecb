"""Who else a gift is owed to, or made for: soft credits, tributes, matching gifts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.donations.models import Gift
from crm.lib.personal import PersonalData
from crm.people.models import LANGUAGES, Supporter


class SoftCredit(models.Model):
    """Somebody other than the giver who is credited with a gift: never summed as money."""

    class Kind(models.TextChoices):
        SOLICITOR = "solicitor", _("asked for it")
        HOUSEHOLD = "household", _("gave together")
        INFLUENCER = "influencer", _("made it possible")
        OTHER = "other", _("other")

    gift = models.ForeignKey(
        Gift, models.PROTECT, related_name="soft_credits", verbose_name=_("gift")
    )
    supporter = models.ForeignKey(
        Supporter, models.PROTECT, related_name="soft_credits", verbose_name=_("credited")
    )
    kind = models.CharField(_("why"), max_length=12, choices=Kind.choices)
    amount = models.BigIntegerField(_("credited amount in cents"))

    personal_data = PersonalData(owner="supporter")

    class Meta:
        verbose_name = _("soft credit")
        verbose_name_plural = _("soft credits")
        constraints = [
            models.UniqueConstraint(
                fields=["gift", "supporter", "kind"], name="soft_credit_once_per_kind"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="soft_credit_is_positive"),
        ]

    def __str__(self):
        return f"#{self.pk} {self.kind} {self.amount}"


class Tribute(models.Model):
    """In whose honour or memory a gift was made, and whom to tell of it."""

    class Kind(models.TextChoices):
        HONOUR = "honour", _("in honour of")
        MEMORY = "memory", _("in memory of")

    gift = models.OneToOneField(
        Gift, models.PROTECT, related_name="tribute", verbose_name=_("gift")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name of the person"), max_length=150)
    notify_name = models.CharField(_("whom to tell"), max_length=150, blank=True)
    notify_email = models.EmailField(_("their e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="fr")
    notified_at = models.DateTimeField(_("told"), null=True, blank=True)

    personal_data = PersonalData(
        owner="gift__supporter", erase={"name": "", "notify_name": "", "notify_email": ""}
    )

    class Meta:
        verbose_name = _("tribute")
        verbose_name_plural = _("tributes")

    def __str__(self):
        return f"#{self.pk} {self.kind}"


class MatchingGift(models.Model):
    """What an employer promised to add to a gift, and the gift by which it did."""

    gift = models.OneToOneField(
        Gift, models.PROTECT, related_name="matching", verbose_name=_("gift that is matched")
    )
    employer = models.ForeignKey(
        Supporter, models.PROTECT, related_name="matching_gifts", verbose_name=_("employer")
    )
    amount = models.BigIntegerField(_("expected amount in cents"))
    currency = models.CharField(_("currency"), max_length=3)
    promised_on = models.DateField(_("promised"))
    received = models.OneToOneField(
        Gift,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="matches",
        verbose_name=_("received as"),
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    personal_data = PersonalData(owner="employer")

    class Meta:
        verbose_name = _("matching gift")
        verbose_name_plural = _("matching gifts")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="matching_is_positive"),
        ]

    def __str__(self):
        return f"#{self.pk} {self.amount} {self.currency}"
