"""Trainings: what is taught, when and where, who enrolled, who came, and their certificates."""

import uuid

from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.lib.activities import PROGRAMMES
from crm.lib.merging import Merging
from crm.lib.personal import PersonalData, Retention
from crm.people.models import LANGUAGES, Supporter


class Training(models.Model):
    """What is taught, and after how many months it should be refreshed (0: never)."""

    title = models.CharField(_("title"), max_length=150)
    programme = models.CharField(
        _("programme"), max_length=60, blank=True, help_text=_("Such as ReACT.")
    )
    description = models.TextField(_("description"), blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    hours = models.DecimalField(_("hours"), max_digits=4, decimal_places=1)
    refresher_months = models.PositiveSmallIntegerField(_("refresher after, in months"), default=0)
    is_active = models.BooleanField(_("is given"), default=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("training")
        verbose_name_plural = _("trainings")

    def __str__(self):
        return self.title


class SessionQuerySet(models.QuerySet["Session"]):
    def announced(self, now):
        """Sessions to come for which anybody may enrol, the next one first."""
        coming = self.filter(is_public=True, cancelled_at=None, begins_at__gt=now)
        return coming.order_by("begins_at", "pk")

    def with_taken(self):
        """Add how many places are `taken`, how many people came, and how many `waiting`."""
        counts = {
            name: Count(
                "enrolments",
                filter=Q(
                    enrolments__state__in=states,
                    enrolments__supporter__merged_into=None,
                    enrolments__supporter__erased_at=None,
                ),
            )
            for name, states in {
                "taken": Enrolment.WITH_PLACE,
                "waiting": (Enrolment.State.WAITING,),
            }.items()
        }
        came = Count("enrolments", filter=Q(enrolments__state=Enrolment.State.ATTENDED))
        return self.select_related("training").annotate(**counts, came=came)


class Session(models.Model):
    """A training that is given once: when, where, and for how many."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    training = models.ForeignKey(
        Training, models.PROTECT, related_name="sessions", verbose_name=_("training")
    )
    begins_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200, help_text=_("Or “online”."))
    trainer = models.CharField(_("trainer"), max_length=150, blank=True)
    places = models.PositiveSmallIntegerField(_("places"), default=20)
    is_public = models.BooleanField(
        _("anybody may enrol"), default=False, help_text=_("It is then shown on our site.")
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at")), name="session_ends_after_it_begins"
            )
        ]

    def __str__(self):
        return f"#{self.pk} {self.begins_at:%Y-%m-%d}"

    def is_open(self, now):
        """Whether anybody may enrol now."""
        return self.is_public and self.cancelled_at is None and self.begins_at > now


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def attended(self):
        return self.filter(state=Enrolment.State.ATTENDED)

    def with_place(self):
        """Those who take one of the session's places; whoever was erased needs none."""
        taken = self.filter(state__in=Enrolment.WITH_PLACE)
        return taken.filter(supporter__erased_at=None, supporter__merged_into=None)

    def waiting(self):
        """Who waits for a place, the first one first."""
        rows = self.filter(state=Enrolment.State.WAITING)
        rows = rows.filter(supporter__erased_at=None, supporter__merged_into=None)
        return rows.order_by("enrolled_at", "pk")


class Enrolment(models.Model):
    """Somebody's place in a session. `employer`: the organisation that sent them.

    Who enrolled on our site is `pending` until they confirm by a mail; `employer_name` is what
    they wrote there, until staff know which organisation it is.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("not confirmed yet")
        WAITING = "waiting", _("on the waiting list")
        ENROLLED = "enrolled", _("enrolled")
        ATTENDED = "attended", _("attended")
        ABSENT = "absent", _("did not come")
        CANCELLED = "cancelled", _("cancelled")

    WITH_PLACE = (State.ENROLLED, State.ATTENDED, State.ABSENT)

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(
        Session, models.PROTECT, related_name="enrolments", verbose_name=_("session")
    )
    supporter = models.ForeignKey(
        Supporter, models.CASCADE, related_name="enrolments", verbose_name=_("participant")
    )
    employer = models.ForeignKey(
        Supporter,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="enrolments_of_staff",
        verbose_name=_("employer"),
    )
    employer_name = models.CharField(_("employer, as they wrote it"), max_length=150, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=State.choices, default=State.ENROLLED
    )
    source = models.CharField(_("source"), max_length=80, blank=True)
    enrolled_at = models.DateTimeField(_("enrolled"), default=timezone.now)
    modified_at = models.DateTimeField(_("last changed"), default=timezone.now)

    objects = EnrolmentQuerySet.as_manager()
    # Who came is counted for the year; who it was is forgotten with the person.
    personal_data = PersonalData(
        activity=PROGRAMMES,
        owner="supporter",
        others=("employer",),
        erase={"employer_name": ""},
        dated="enrolled_at",
        shows_life=True,
        proof=_("How many were trained in a year stays; the record no longer says who."),
    )
    retention = Retention(
        key="pending_enrolments",
        title=_("enrolments in trainings that nobody confirmed"),
        since="modified_at",
        months=1,
        of=Q(state="pending"),
        is_on=True,
    )
    # One person came once: the lesser of two enrolments stays behind, and counts no longer.
    merging = Merging(
        stays=True,
        is_better=lambda theirs, own: theirs.weight() > own.weight(),
        left={"state": State.CANCELLED},
        dated="modified_at",
    )

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["session", "supporter"], name="enrolled_once")
        ]

    def __str__(self):
        return f"#{self.pk} {self.state}"

    def weight(self):
        """How much this one says, beside another of the same person in the same session."""
        order = ("cancelled", "pending", "waiting", "enrolled", "absent", "attended")
        return order.index(self.state), hasattr(self, "certificate")


class Certificate(models.Model):
    """That somebody attended, on paper: the name as it was written. Numbers run within a year."""

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, related_name="certificate", verbose_name=_("enrolment")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=210)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES)
    refresh_on = models.DateField(_("to be refreshed by"), null=True, blank=True)
    issued_at = models.DateTimeField(_("issued"), default=timezone.now)

    personal_data = PersonalData(
        activity=PROGRAMMES,
        owner="enrolment__supporter",
        dated="issued_at",
        erase={"name": ""},
        proof=_("Its number stays, so that none is given twice."),
    )

    class Meta:
        verbose_name = _("certificate of attendance")
        verbose_name_plural = _("certificates of attendance")
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="certificate_number_once")
        ]

    def __str__(self):
        return f"{self.year}-{self.number:04d}"
