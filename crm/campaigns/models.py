"""Campaigns, who signed them, where signers came from, and the tallies of both."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from crm.lib.activities import PETITIONS
from crm.lib.merging import Merging
from crm.lib.personal import PersonalData, Retention
from crm.people.models import LANGUAGES, Supporter
from crm.privacy.models import Wording


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def public(self):
        return self.filter(is_public=True)

    def with_texts(self):
        return self.prefetch_related("texts")

    def with_totals(self):
        """Each campaign with `total`: its confirmed signatures, exactly as the counter has it."""

        def total_in(model):
            rows = model.objects.filter(campaign=OuterRef("pk")).values("campaign")
            return Coalesce(Subquery(rows.annotate(sum=Sum("number")).values("sum")), 0)

        return self.annotate(total=total_in(DayTally) + total_in(SignatureDelta))


class Campaign(models.Model):
    """Something people sign, join, or give for."""

    class Kind(models.TextChoices):
        PETITION = "petition", _("petition")
        SIGN_UP = "sign-up", _("sign-up")
        APPEAL = "appeal", _("appeal for donations")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("address"), unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    goal = models.PositiveIntegerField(_("goal (signatures)"), null=True, blank=True)
    suggested_amounts = ArrayField(
        models.PositiveIntegerField(),
        default=list,
        blank=True,
        verbose_name=_("suggested amounts"),
        help_text=_("In cents, separated by commas."),
    )
    report_url = models.URLField(
        _("where to report abuse"),
        blank=True,
        help_text=_("Empty: the organisation's own address for reports."),
    )
    is_public = models.BooleanField(_("public"), default=True)
    opens_at = models.DateTimeField(_("opens"), default=timezone.now)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")

    def __str__(self):
        return self.text().title or self.slug

    def text(self, language: str | None = None) -> "CampaignText":
        """The texts in a language, else in French, else whichever there are."""
        texts = {text.language: text for text in self.texts.all()}
        wanted = language or get_language() or "fr"
        for code in (wanted, "fr", *texts):
            if code in texts:
                return texts[code]
        return CampaignText(campaign=self, language=wanted, title=self.slug)

    def is_open(self, now) -> bool:
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)


class CampaignText(models.Model):
    """What a campaign says, in one language."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    title = models.CharField(_("title"), max_length=120)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    demand = models.CharField(_("what we ask, and of whom"), max_length=300, blank=True)
    thanks = models.TextField(_("thank-you text"), blank=True)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "language"], name="one_text_per_campaign_and_language"
            )
        ]

    def __str__(self):
        return f"{self.title} ({self.language})"


class Source(models.Model):
    """Where somebody came from, once; signatures and gifts point here."""

    channel = models.CharField(_("channel"), max_length=20)
    utm_source = models.CharField(max_length=60, blank=True)
    utm_medium = models.CharField(max_length=60, blank=True)
    utm_campaign = models.CharField(max_length=60, blank=True)
    referrer_host = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "utm_source", "utm_medium", "utm_campaign", "referrer_host"],
                name="source_once",
            )
        ]

    def __str__(self):
        return self.channel


class SignatureQuerySet(models.QuerySet["Signature"]):
    def confirmed(self):
        return self.filter(status=Signature.Status.CONFIRMED)


class Signature(models.Model):
    """Somebody signed a petition, or joined a campaign."""

    class Status(models.TextChoices):
        PENDING = "pending", _("not yet confirmed")
        CONFIRMED = "confirmed", _("confirmed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # By campaign they are found by `sign_once`; by source or wording nobody looks for them.
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        related_name="signatures",
        db_index=False,
        verbose_name=_("campaign"),
    )
    supporter = models.ForeignKey(
        Supporter, models.CASCADE, related_name="signatures", verbose_name=_("supporter")
    )
    status = models.CharField(
        _("state"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="+", db_index=False)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    country = CountryField(_("country"), blank=True)
    region = models.CharField(_("region"), max_length=6, blank=True)
    signed_at = models.DateTimeField(_("signed"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    modified_at = models.DateTimeField(default=timezone.now)
    # The newsletter box, as it was ticked; it becomes a consent when the address is confirmed.
    newsletter = models.ForeignKey(
        Wording, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = SignatureQuerySet.as_manager()
    # What was never confirmed counts nowhere; the link that would confirm it ends with it.
    personal_data = PersonalData(
        activity=PETITIONS,
        owner="supporter",
        dated="signed_at",
        shows_life=True,
        drop=Q(status="pending"),
        proof=_("The signature counts; the record no longer says whose it is."),
        sensitive=_("may show political opinions (article 9)"),
    )
    retention = Retention(
        key="unconfirmed_signatures",
        title=_("signatures that nobody confirmed"),
        since="signed_at",
        months=2,
        of=Q(status="pending"),
        is_on=True,
    )
    merging = Merging(
        stays=True,
        is_better=lambda theirs, own: theirs.weight() > own.weight(),
        left={"status": Status.WITHDRAWN},
        dated="modified_at",
        told="crm.campaigns.duplicates.recount",
    )

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "supporter"], name="sign_once"),
            models.CheckConstraint(
                condition=~Q(status="confirmed") | Q(confirmed_at__isnull=False),
                name="confirmed_has_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["-signed_at", "-id"], name="signature_newest"),
            models.Index(fields=["modified_at", "id"], name="signature_modified"),
        ]

    def __str__(self):
        return f"#{self.pk} {self.status}"

    def weight(self) -> int:
        """Of two signatures of one person, the heavier one stands."""
        return [self.Status.WITHDRAWN, self.Status.PENDING, self.Status.CONFIRMED].index(
            self.Status(self.status)
        )


class CommentQuerySet(models.QuerySet["Comment"]):
    def to_approve(self):
        """What confirmed signers want shown, and nobody has looked at."""
        return self.filter(
            is_public=True, approved_at=None, signature__status=Signature.Status.CONFIRMED
        )

    def shown(self):
        """What confirmed signers want shown and staff approved, newest first."""
        return (
            self.filter(is_public=True, approved_at__isnull=False)
            .filter(signature__status=Signature.Status.CONFIRMED)
            .exclude(text="")
            .order_by("-approved_at", "-pk")
        )


class Comment(models.Model):
    """What a signer said; shown on the petition when they wished so and staff agree."""

    signature = models.OneToOneField(
        Signature, models.CASCADE, related_name="comment", verbose_name=_("signature")
    )
    text = models.CharField(_("comment"), max_length=500)
    is_public = models.BooleanField(_("the signer wants it shown"), default=False)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)

    objects = CommentQuerySet.as_manager()
    personal_data = PersonalData(
        activity=PETITIONS,
        owner="signature__supporter",
        erase={"text": ""},
        sensitive=_("may show political opinions (article 9)"),
    )
    retention = Retention(
        key="comments",
        title=_("comments of signatures that were withdrawn"),
        since="signature__modified_at",
        months=1,
        of=Q(signature__status="withdrawn") & ~Q(text=""),
        empty={"text": ""},
        is_on=True,
    )

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")

    def __str__(self):
        return f"#{self.pk}"


class SignatureDelta(models.Model):
    """A confirmed signature more, or less, that the tallies do not hold yet."""

    # Not constrained: a row lives for seconds, and comes with a signature, which is.
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    day = models.DateField()
    source = models.ForeignKey(
        Source, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=6, blank=True)
    language = models.CharField(max_length=2)
    number = models.SmallIntegerField()

    def __str__(self):
        return f"{self.day} {self.number:+d}"


class Tally(models.Model):
    """Confirmed signatures of one local day, by one question. The subclasses are the questions."""

    day = models.DateField()
    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    number = models.IntegerField()

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.day} {self.number}"


class DayTally(Tally):
    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "day"], name="one_tally_per_day")
        ]


class SourceTally(Tally):
    source = models.ForeignKey(Source, models.CASCADE, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "day", "source"], name="one_tally_per_day_and_source"
            )
        ]


class RegionTally(Tally):
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=6, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "day", "country", "region"],
                name="one_tally_per_day_and_region",
            )
        ]


class LanguageTally(Tally):
    language = models.CharField(max_length=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "day", "language"], name="one_tally_per_day_and_language"
            )
        ]
