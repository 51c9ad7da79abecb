"""Who else a gift is owed to, or made for: soft credits, tributes, matching gifts."""

from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from crm import audit
from crm.donations.models import Gift
from crm.lib.activities import DONATIONS
from crm.lib.merging import MOVES, Merging
from crm.lib.personal import PersonalData, Retention
from crm.people.models import LANGUAGES, Supporter

PART_OF_THE_GIFT = _("It belongs to a gift, and names nobody by itself.")


class CannotCredit(Exception):
    """More than the gift would be credited, or its giver; `left` is what may still be, in cents."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


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

    personal_data = PersonalData(activity=DONATIONS, owner="supporter", proof=PART_OF_THE_GIFT)
    merging = Merging(
        apart=(("supporter", "gift__supporter"),),
        combined=lambda theirs, own: {"amount": theirs.amount + own.amount},
    )

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
        activity=DONATIONS,
        owner="gift__supporter",
        erase={"name": "", "notify_name": "", "notify_email": ""},
    )
    retention = Retention(
        key="tributes",
        title=_("who was told of a gift in honour or memory"),
        since="notified_at",
        months=12,
        of=~Q(notify_name="", notify_email=""),
        empty={"notify_name": "", "notify_email": ""},
        is_on=True,
    )

    class Meta:
        verbose_name = _("tribute")
        verbose_name_plural = _("tributes")

    def __str__(self):
        return f"#{self.pk} {self.kind}"


class MatchingGiftQuerySet(models.QuerySet["MatchingGift"]):
    def waiting(self):
        """Promises that still hold, and were not kept yet."""
        return self.filter(received=None, cancelled_at=None)


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

    objects = MatchingGiftQuerySet.as_manager()
    personal_data = PersonalData(activity=DONATIONS, owner="employer", proof=PART_OF_THE_GIFT)
    merging = MOVES

    class Meta:
        verbose_name = _("matching gift")
        verbose_name_plural = _("matching gifts")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="matching_is_positive"),
        ]

    def __str__(self):
        return f"#{self.pk} {self.amount} {self.currency}"


def creditable(gift: Gift) -> int:
    """Return how much of a gift nobody is credited with yet, in cents."""
    credited = SoftCredit.objects.filter(gift=gift).aggregate(sum=Sum("amount"))["sum"] or 0
    return max(gift.amount - credited, 0)


@transaction.atomic
def credit(
    *, gift: Gift, supporter: Supporter, kind: str, amount: int, at: datetime, by: Any = None
) -> SoftCredit:
    """Credit somebody else with (a part of) a gift. No money moves. Raises CannotCredit.

    Who was credited for the same reason is credited with the new amount instead.
    """
    locked = Gift.objects.select_for_update().get(pk=gift.pk)
    known = SoftCredit.objects.filter(gift=locked, supporter=supporter, kind=kind).first()
    left = creditable(locked) + (known.amount if known else 0)
    if not 0 < amount <= left or supporter.pk == locked.supporter_id:
        raise CannotCredit(left)
    if known is not None and known.amount == amount:
        return known
    given = known or SoftCredit(gift=locked, supporter=supporter, kind=kind)
    given.amount = amount
    given.save()
    audit.log("softcredit.given", locked, by=by, at=at, kind=kind, amount=amount)
    return given


@transaction.atomic
def take_back(*, soft_credit: SoftCredit, at: datetime, by: Any = None) -> None:
    """Credit somebody no longer. Doing it twice changes nothing."""
    gone, _models = SoftCredit.objects.filter(pk=soft_credit.pk).delete()
    if gone:
        kind, amount = soft_credit.kind, soft_credit.amount
        audit.log("softcredit.taken_back", soft_credit.gift, by=by, at=at, kind=kind, amount=amount)
