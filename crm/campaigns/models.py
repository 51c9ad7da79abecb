"""Campaigns, who signed them, and where signers came from."""

import uuid

from django.apps import apps
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
from crm.privacy.models import Purpose, Wording


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def public(self):
        return self.filter(is_public=True)

    def listed(self):  # what visitors are led to
        return self.public().current()

    def with_texts(self):
        return self.prefetch_related("texts")

    def with_totals(self):
        """Each campaign with `total`: its confirmed signatures, exactly as the counter has it."""

        def total_in(name, **what):
            rows = apps.get_model("crm", name).objects.filter(campaign=OuterRef("pk"), **what)
            sums = rows.values("campaign").annotate(sum=Sum("number"))
            return Coalesce(Subquery(sums.values("sum")), 0)

        unfolded = total_in("SignatureDelta", step="confirm")
        return self.annotate(total=total_in("DayTally") + unfolded)

    def current(self):  # not put away in the archive
        return self.filter(archived_at=None)

    def open(self, now):
        """Campaigns that take signatures now."""
        return self.filter(Q(closes_at=None) | Q(closes_at__gt=now), opens_at__lte=now)


class Ask(models.TextChoices):
    """What a form may ask besides the name and the e-mail address."""

    POSTCODE = "postcode", _("postcode")
    COUNTRY = "country", _("country")
    PHONE = "phone", _("telephone")
    COMMENT = "comment", _("why it matters to them")


def usually_asked() -> list[str]:
    return [Ask.POSTCODE.value, Ask.COUNTRY.value, Ask.COMMENT.value]


def usually_required() -> list[str]:
    return [Ask.POSTCODE.value, Ask.COUNTRY.value]


def usual_purposes() -> list[str]:
    return [Purpose.NEWSLETTER.value]


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
    goal_rises = models.BooleanField(
        _("raise the goal"),
        default=False,
        help_text=_("When the goal is nearly reached, the next round number takes its place."),
    )
    asked = ArrayField(
        models.CharField(max_length=10, choices=Ask.choices),
        default=usually_asked,
        blank=True,
        verbose_name=_("what the form asks"),
        help_text=_("Besides the name and the e-mail address, which are always asked."),
    )
    required = ArrayField(
        models.CharField(max_length=10, choices=Ask.choices),
        default=usually_required,
        blank=True,
        verbose_name=_("what must be told"),
    )
    purposes = ArrayField(
        models.CharField(max_length=10, choices=Purpose.choices),
        default=usual_purposes,
        blank=True,
        verbose_name=_("consents that are asked for"),
        help_text=_("Each has a box of its own, with the newest wording in the signer's language."),
    )
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
    is_embeddable = models.BooleanField(
        _("other sites may show it"),
        default=True,
        help_text=_("In a frame on their own pages, with its form."),
    )
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
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
        if self.archived_at is not None:
            return False
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)


class CampaignText(models.Model):
    """What a campaign says, in one language."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    title = models.CharField(_("title"), max_length=120)
    summary = models.CharField(_("summary"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    demand = models.CharField(_("what we ask, and of whom"), max_length=300, blank=True)
    target = models.CharField(_("to whom it is handed"), max_length=200, blank=True)
    picture_alt = models.CharField(
        _("what the picture shows"),
        max_length=200,
        blank=True,
        help_text=_("For those who cannot see it."),
    )
    thanks = models.TextField(_("thank-you text"), blank=True)
    share_text = models.CharField(
        _("what signers share"),
        max_length=250,
        blank=True,
        help_text=_("Stands before the link. Empty: the title."),
    )
    confirm_mail = models.TextField(
        _("in the mail that asks for confirmation"),
        blank=True,
        help_text=_("A paragraph of this campaign's own. Empty: the usual words."),
    )
    thanks_mail = models.TextField(
        _("in the mail that thanks"),
        blank=True,
        help_text=_("A paragraph of this campaign's own. Empty: the usual words."),
    )

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
        HELD = "held", _("held back for review")  # nothing was mailed, staff decide

    class Way(models.TextChoices):  # how it was collected
        ONLINE = "online", _("online, confirmed by mail")
        PAPER = "paper", _("on paper")
        TAKEN_OVER = "taken-over", _("taken over from another system")
        HISTORICAL = "historical", _("historical")

    class Ended(models.TextChoices):  # why it was withdrawn
        SIGNER = "signer", _("by the signer")
        NOT_ME = "not-me", _("whoever has the address did not sign")
        STAFF = "staff", _("by staff")
        BOUNCED = "bounced", _("mail to the address comes back")
        COMPLAINED = "complained", _("the address calls our mail spam")
        DUPLICATE = "duplicate", _("the same person signed already")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # By campaign they are found by `sign_once`; by source or wording nobody looks for them.
    # Neither is constrained: for the check, all who sign at once would lock the same rows.
    campaign = models.ForeignKey(
        Campaign,
        models.PROTECT,
        related_name="signatures",
        db_index=False,
        db_constraint=False,
        verbose_name=_("campaign"),
    )
    supporter = models.ForeignKey(
        Supporter, models.CASCADE, related_name="signatures", verbose_name=_("supporter")
    )
    status = models.CharField(
        _("state"), max_length=10, choices=Status.choices, default=Status.PENDING
    )
    # Where they came from this time; and where they first came from, where that was elsewhere.
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    first_source = models.ForeignKey(
        Source, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    # Through whose share link; how far that is from somebody whom nobody brought.
    referrer = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="brought", db_index=False
    )
    generation = models.SmallIntegerField(default=0, db_default=0)
    way = models.CharField(
        _("how it was collected"),
        max_length=10,
        choices=Way.choices,
        default=Way.ONLINE,
        db_default="online",
    )
    # The sheet has counted it: such a row names one of its lines.
    sheet = models.ForeignKey(
        "crm.Sheet", models.PROTECT, null=True, related_name="named", db_index=False
    )
    ended = models.CharField(
        _("why it was withdrawn"),
        max_length=10,
        choices=Ended.choices,
        blank=True,
        default="",
        db_default="",
    )
    # From where the form was sent: against rushes, and forgotten after a month.
    network = models.GenericIPAddressField(_("network"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    country = CountryField(_("country"), blank=True)
    region = models.CharField(_("region"), max_length=6, blank=True)
    signed_at = models.DateTimeField(_("signed"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    modified_at = models.DateTimeField(default=timezone.now)
    # The boxes, as they were ticked; they become consents when the address is confirmed.
    newsletter = models.ForeignKey(
        Wording, models.PROTECT, null=True, related_name="+", db_index=False
    )
    appeals = models.ForeignKey(
        Wording, models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = SignatureQuerySet.as_manager()
    # What was never confirmed counts nowhere; the link that would confirm it ends with it.
    personal_data = PersonalData(
        activity=PETITIONS,
        owner="supporter",
        dated="signed_at",
        shows_life=True,
        drop=Q(status__in=["pending", "held"]),
        erase={"network": None},
        internal=("generation",),
        erased_by="crm.campaigns.delivery_erasing",
        proof=_("The signature counts; the record no longer says whose it is."),
        sensitive=_("may show political opinions (article 9)"),
    )
    retention = (
        Retention(
            key="unconfirmed_signatures",
            title=_("signatures that nobody confirmed"),
            since="signed_at",
            months=2,
            of=Q(status__in=["pending", "held"]),
            is_on=True,
        ),
        Retention(
            key="networks",
            title=_("from which network somebody signed"),
            since="signed_at",
            months=1,
            of=Q(network__isnull=False),
            empty={"network": None},
            is_on=True,
        ),
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
            models.Index(fields=["campaign", "-signed_at", "-id"], name="signature_newest_of_one"),
            models.Index(fields=["modified_at", "id"], name="signature_modified"),
            # What waits or was withdrawn is counted and listed; nearly all are neither.
            models.Index(
                fields=["campaign", "status", "-signed_at", "-id"],
                condition=~Q(status="confirmed"),
                name="signature_uncounted",
            ),
            models.Index(
                fields=["network", "signed_at"],
                condition=Q(network__isnull=False),
                name="signature_network",
            ),
            models.Index(
                fields=["referrer"],
                condition=Q(referrer__isnull=False),
                name="signature_brought",
            ),
            models.Index(
                fields=["sheet"], condition=Q(sheet__isnull=False), name="signature_on_sheet"
            ),
        ]

    def __str__(self):
        return f"#{self.pk} {self.status}"

    def weight(self) -> int:
        """Of two signatures of one person, the heavier one stands."""
        return ["withdrawn", "held", "pending", "confirmed"].index(self.status)
