"""Lead forms of Facebook: what people fill in there, and what it becomes here."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.campaigns.models import Campaign, Signature
from crm.lib.activities import PETITIONS
from crm.lib.merging import MOVES
from crm.lib.personal import PersonalData, Retention
from crm.people.models import LANGUAGES
from crm.privacy.models import Purpose


class LeadForm(models.Model):
    """A form at Facebook, and which campaign its people join."""

    form_id = models.CharField(_("number of the form"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="lead_forms", verbose_name=_("campaign")
    )
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="fr")
    # Keys of the form's consent boxes there, and which purpose each is: {"optin_1": "newsletter"}.
    boxes = models.JSONField(
        _("consent boxes"),
        default=dict,
        blank=True,
        help_text=_("The key of each box at Facebook, and what it agrees to."),
    )
    is_active = models.BooleanField(_("in use"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("lead form")
        verbose_name_plural = _("lead forms")

    def __str__(self):
        return self.name

    def purpose_of(self, box: str) -> str:
        """Which purpose a box agrees to; "" for a box we do not know."""
        purpose = str(self.boxes.get(box, ""))
        return purpose if purpose in Purpose.values else ""


class Why(models.TextChoices):
    """Why a lead is no signature."""

    TOKEN = "token", _("Facebook does not accept our token: it has to be renewed")
    UNKNOWN = "unknown", _("Facebook does not know it, or does not show it to us")
    ADDRESS = "address", _("no e-mail address was given, or none that exists")
    CLOSED = "closed", _("the campaign takes no signatures now")


class LeadQuerySet(models.QuerySet["Lead"]):
    def to_fetch(self):
        return self.filter(state=Lead.State.WAITING)


class Lead(models.Model):
    """That somebody filled in a lead form: Facebook's number for it. What they told is fetched."""

    class State(models.TextChoices):
        WAITING = "waiting", _("to be fetched")
        DONE = "done", _("taken over")
        REFUSED = "refused", _("cannot be used")

    lead_id = models.CharField(_("number"), max_length=40, unique=True)
    form_id = models.CharField(_("number of the form"), max_length=40)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    why = models.CharField(_("why not"), max_length=200, blank=True)
    signature = models.ForeignKey(
        Signature, models.SET_NULL, null=True, related_name="+", verbose_name=_("signature")
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)

    objects = LeadQuerySet.as_manager()
    personal_data = PersonalData(
        activity=PETITIONS,
        owner="signature__supporter",
        dated="received_at",
        drop=Q(pk__isnull=False),
    )
    retention = Retention(
        key="leads",
        title=_("numbers of leads at Facebook"),
        since="received_at",
        months=3,
        is_on=True,
    )
    merging = MOVES

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")

    def __str__(self):
        return self.lead_id
