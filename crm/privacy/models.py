"""What supporters agreed to: an append-only log, and the present state beside it."""

from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import CONSENTS
from crm.lib.merging import MOVES, Merging
from crm.lib.personal import PersonalData
from crm.people.contact_points import EmailAddress
from crm.people.models import LANGUAGES, Supporter


class Purpose(models.TextChoices):
    NEWSLETTER = "newsletter", _("newsletter")
    APPEALS = "appeals", _("calls for donations")


class Channel(models.TextChoices):
    EMAIL = "email", _("e-mail")
    POST = "post", _("letter")
    PHONE = "phone", _("telephone")


class WordingQuerySet(models.QuerySet["Wording"]):
    def with_newest(self):
        """Each wording with `is_newest`: whether the forms show it now."""
        newer = Wording.objects.filter(
            purpose=OuterRef("purpose"),
            language=OuterRef("language"),
            version__gt=OuterRef("version"),
        )
        return self.annotate(is_newest=~Exists(newer))


class Wording(models.Model):
    """The exact text that was shown beside a box, in one version and language."""

    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    version = models.PositiveIntegerField(_("version"))
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    text = models.TextField(_("text"))

    objects = WordingQuerySet.as_manager()

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "version", "language"], name="wording_once_per_version"
            )
        ]

    def __str__(self):
        return f"{self.purpose} {self.version} ({self.language})"


class Consent(models.Model):
    """One thing a supporter said, once. Rows are added, never changed."""

    supporter = models.ForeignKey(
        Supporter, models.CASCADE, related_name="consents", verbose_name=_("supporter")
    )
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel.choices, default=Channel.EMAIL
    )
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    given = models.BooleanField(_("agreed"))
    wording = models.ForeignKey(
        Wording,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("wording"),
    )
    source = models.CharField(_("source"), max_length=80, help_text=_("Where it was said."))
    # What proves it, without personal data: the page, when the address was confirmed, the sheet.
    evidence = models.JSONField(_("evidence"), default=dict, blank=True, db_default={})
    # Who agreed for a child that is too young to.
    parent_name = models.CharField(
        _("agreed by the parent"), max_length=200, blank=True, default="", db_default=""
    )
    at = models.DateTimeField(_("when"), default=timezone.now)

    # What they said, and when, is the proof that we may write: it stays.
    personal_data = PersonalData(
        activity=CONSENTS,
        owner="supporter",
        dated="at",
        shows_life=True,
        erase={"parent_name": ""},
        proof=_("What somebody agreed to or refused, and when, is the proof of it."),
    )
    merging = MOVES

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")

    def __str__(self):
        return f"#{self.pk} {self.purpose} {'yes' if self.given else 'no'}"


class ConsentStateQuerySet(models.QuerySet["ConsentState"]):
    def may_be_mailed(self, purpose: str = Purpose.NEWSLETTER):
        """Of whom agreed: those at whose present address mail arrives and is not refused."""
        present = EmailAddress.objects.usable().filter(
            supporter=OuterRef("supporter"), address=OuterRef("supporter__email")
        )
        welcome = present.exclude(suppressions__purpose__in=["", purpose])
        agreed = self.filter(purpose=purpose, channel=Channel.EMAIL, given=True)
        return agreed.filter(Exists(welcome))

    def refused(self, purpose: str, channel: str):
        """Those who said no to something."""
        return self.filter(purpose=purpose, channel=channel, given=False)


class ConsentState(models.Model):
    """What holds now, derived from the log: one row per supporter, channel and purpose."""

    # Found by `one_state_per_purpose`.
    supporter = models.ForeignKey(
        Supporter, models.CASCADE, related_name="consent_states", db_index=False
    )
    channel = models.CharField(max_length=10, choices=Channel.choices)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    given = models.BooleanField()
    since = models.DateTimeField()

    objects = ConsentStateQuerySet.as_manager()
    personal_data = PersonalData(
        activity=CONSENTS,
        owner="supporter",
        proof=_("That nothing is agreed to any more keeps others from writing."),
    )
    merging = Merging(by="crm.privacy.merging")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supporter", "channel", "purpose"], name="one_state_per_purpose"
            )
        ]

    def __str__(self):
        return f"{self.purpose} {'yes' if self.given else 'no'}"
