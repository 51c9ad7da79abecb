"""Supporters, what other systems call them, and the feed of what changed."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from crm.lib import contact
from crm.lib.personal import PersonalData

LANGUAGES = [("fr", _("French")), ("nl", _("Dutch")), ("en", _("English"))]


class SupporterQuerySet(models.QuerySet["Supporter"]):
    def current(self):
        """Supporters who were neither merged into another record nor erased."""
        return self.filter(merged_into=None, erased_at=None)

    def with_email(self, address: str):
        """The current supporter with this address, in whatever notation it comes."""
        return self.current().filter(email=contact.normal_email(address))

    def search(self, text: str):
        """Supporters all of whose words are found: beginnings of names, address, postcode."""
        words = contact.words(text)
        if not words:
            return self.none()
        query = " & ".join(f"{word}:*" for word in words)
        return self.filter(search=SearchQuery(query, config="simple", search_type="raw"))


class Supporter(models.Model):
    """A person or an organisation, once."""

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        ORGANISATION = "organisation", _("organisation")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PERSON)
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("In its normal form."))
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="fr")
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    country = CountryField(_("country"), blank=True)
    region = models.CharField(_("region"), max_length=6, blank=True)
    created_at = models.DateTimeField(_("known since"), default=timezone.now)
    modified_at = models.DateTimeField(_("last changed"), default=timezone.now)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What a search reads, folded in Python: the database has no unaccent.
    search_text = models.TextField(blank=True, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("search_text", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = SupporterQuerySet.as_manager()
    personal_data = PersonalData(
        owner="pk",
        erase={
            "given_name": "",
            "family_name": "",
            "email": "",
            "postcode": "",
            "search_text": "",
        },
        internal=("search_text", "merged_into"),
    )

    class Meta:
        verbose_name = _("supporter")
        verbose_name_plural = _("supporters")
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(merged_into=None) & ~Q(email=""),
                name="one_current_supporter_per_email",
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="supporter_search"),
            models.Index(fields=["modified_at", "id"], name="supporter_modified"),
            models.Index(fields=["-created_at", "-id"], name="supporter_newest"),
        ]

    def __str__(self):
        return self.full_name or self.email or f"#{self.pk}"

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    def searchable(self) -> str:
        """The words by which this supporter is found."""
        fields = (self.given_name, self.family_name, self.email, self.postcode)
        return " ".join(word for text in fields for word in contact.words(text))


class Identifier(models.Model):
    """What another system calls a supporter, such as `stripe` `cus_123`."""

    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="identifiers")
    system = models.CharField(max_length=40)
    value = models.CharField(max_length=120)

    # A bank account tells whose it is; a name that only another system understands does not.
    personal_data = PersonalData(owner="supporter", drop=Q(system="iban"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "value"], name="identifier_once_per_system")
        ]

    def __str__(self):
        return f"{self.system}:{self.value}"


class CurrentTransaction(Func):
    """The number of the transaction that writes the row."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class ChangeQuerySet(models.QuerySet["Change"]):
    def settled(self):
        """Only rows that no open transaction can still put others in front of."""
        oldest_open = Func(
            template="(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)",
            output_field=models.BigIntegerField(),
        )
        return self.filter(transaction__lt=oldest_open).order_by("transaction", "id")


class Change(models.Model):
    """One line of the change feed: this supporter changed, in this respect."""

    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)
    transaction = models.BigIntegerField(db_default=CurrentTransaction())

    objects = ChangeQuerySet.as_manager()
    personal_data = PersonalData(owner="supporter", internal=("transaction",))

    class Meta:
        indexes = [models.Index(fields=["transaction", "id"], name="change_feed")]

    def __str__(self):
        return f"#{self.pk} {self.kind} of supporter {self.supporter_id}"
