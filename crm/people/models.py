"""Supporters, what other systems call them, and the feed of what changed."""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector, SearchVectorField
from django.db import models
from django.db.models import Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from crm.access import may_see
from crm.lib import contact
from crm.lib.activities import QUALITY, RELATIONS
from crm.lib.merging import MOVES, STAYS
from crm.lib.personal import PersonalData, Retention

MOST_KEYS = 1000  # more are no answer to a search
LOOKS_LIKE_IDENTIFIER = re.compile(r"(?=.*\d)[\w.-]{4,120}")
LANGUAGES = [("fr", _("French")), ("nl", _("Dutch")), ("en", _("English"))]


class SupporterQuerySet(models.QuerySet["Supporter"]):
    def current(self):
        """Supporters who were neither merged into another record nor erased."""
        return self.filter(merged_into=None, erased_at=None)

    def with_email(self, address: str):
        """The current supporter of this address, one of theirs, in whatever notation it comes."""
        return self.current().filter(emails__address=contact.normal_email(address))

    def search(self, text: str, reader: Any = None):
        """Supporters all of whose words are found: beginnings of names, addresses, postcode.

        A telephone number in any notation finds whose it is, an identifier of another system
        (`cus_123`, `stripe:cus_123`) whom it stands for, where the reader may see these.
        """
        words = contact.words(text)
        if not words:
            return self.none()
        query = " & ".join(f"{word}:*" for word in words)
        found = Q(search=SearchQuery(query, config="simple", search_type="raw"))
        # Asked first: as part of one statement, the database would read the whole table.
        keys = [*keys_by_phone(text, reader), *keys_by_identifier(text, reader)]
        return self.filter(found | Q(pk__in=keys) if keys else found)


class Supporter(models.Model):
    """A person or an organisation, once.

    `email` is the address we write to, one of `emails`; `postcode` and `country` are those of the
    address that letters go to, or all that we know of where they live.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("person")
        ORGANISATION = "organisation", _("organisation")

    class Form(models.TextChoices):
        """How somebody wants to be addressed."""

        UNKNOWN = "", _("unknown")
        MADAM = "madam", _("Madam")
        SIR = "sir", _("Sir")
        NEUTRAL = "neutral", _("neither")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PERSON)
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_name = models.CharField(_("family name"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), blank=True, help_text=_("In its normal form."))
    form_of_address = models.CharField(
        _("form of address"),
        max_length=8,
        choices=Form.choices,
        blank=True,
        default=Form.UNKNOWN,
        db_default="",
    )
    own_greeting = models.CharField(
        _("greeting"),
        max_length=150,
        blank=True,
        default="",
        db_default="",
        help_text=_("Empty: made from the name, in their language."),
    )
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=LANGUAGES, default="fr")
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    country = CountryField(_("country"), blank=True)
    region = models.CharField(_("region"), max_length=6, blank=True)
    # Where we have them from: "signature", "checkout", "import:12", "staff", "api".
    source = models.CharField(_("source"), max_length=80, blank=True, default="", db_default="")
    created_at = models.DateTimeField(_("known since"), default=timezone.now)
    modified_at = models.DateTimeField(_("last changed"), default=timezone.now)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        db_index=False,
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
        activity=RELATIONS,
        owner="pk",
        erase={
            "given_name": "",
            "family_name": "",
            "email": "",
            "own_greeting": "",
            "birth_date": None,
            "postcode": "",
            "search_text": "",
        },
        internal=("search_text", "merged_into"),
    )
    retention = Retention(
        key="inactive",
        title=_("people of whom nothing was heard: they are erased"),
        since="",
        months=60,
        by="crm.privacy.inactive",
        least=12,
        most=300,
    )
    merging = STAYS

    class Meta:
        verbose_name = _("supporter")
        verbose_name_plural = _("supporters")
        permissions = [
            ("merge_supporter", "Can merge supporters, and take them apart"),
            ("export_supporter", "Can export lists of supporters"),
            ("see_birth_date", "Can see dates of birth"),
            ("see_bank_account", "Can see bank accounts of supporters"),
            ("see_confidential", "Can see confidential notes and files"),
        ]
        indexes = [
            # Nearly all are persons: who is not is found by this.
            models.Index(
                fields=["kind", "-created_at", "-id"],
                condition=~Q(kind="person"),
                name="supporter_not_person",
            ),
            GinIndex(fields=["search"], name="supporter_search"),
            models.Index(fields=["modified_at", "id"], name="supporter_modified"),
            models.Index(fields=["-created_at", "-id"], name="supporter_newest"),
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="supporter_merged",
            ),
            models.Index(
                fields=["birth_date"],
                condition=Q(birth_date__isnull=False),
                name="supporter_born",
            ),
        ]

    def __str__(self):
        return self.full_name or self.email or f"#{self.pk}"

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    def searchable(self, addresses: Iterable[str] = ()) -> str:
        """The words by which this supporter is found; `addresses` are all of their e-mails."""
        emails = dict.fromkeys([self.email, *addresses])
        fields = (self.given_name, self.family_name, *emails, self.postcode)
        return " ".join(word for text in fields for word in contact.words(text))


class Identifier(models.Model):
    """What another system calls a supporter, such as `stripe` `cus_123`."""

    supporter = models.ForeignKey(Supporter, models.CASCADE, related_name="identifiers")
    system = models.CharField(max_length=40)
    value = models.CharField(max_length=120)

    # A bank account tells whose it is, and so does the hash of an imported row's name and address;
    # a name that only another system understands does not.
    personal_data = PersonalData(
        activity=RELATIONS, owner="supporter", drop=Q(system__in=["iban", "row"])
    )
    merging = MOVES

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "value"], name="identifier_once_per_system")
        ]
        indexes = [models.Index(fields=["value"], name="identifier_value")]

    def __str__(self):
        return f"{self.system}:{self.value}"


def keys_by_phone(text: str, reader: Any) -> list[int]:
    """Return the keys of those whose number begins so, if it looks like one."""
    beginning = contact.phone_beginning(text)
    if not beginning or not may_see(reader, "phones"):
        return []
    found = Supporter.objects.filter(phones__number__startswith=beginning)
    return list(found.values_list("pk", flat=True)[:MOST_KEYS])


def keys_by_identifier(text: str, reader: Any) -> list[int]:
    """Return the keys of those whom another system calls so, if it looks like a name of one."""
    system, _colon, value = text.strip().rpartition(":")
    if not LOOKS_LIKE_IDENTIFIER.fullmatch(value) or not may_see(reader, "identifiers"):
        return []
    found = Identifier.objects.filter(value=value, **({"system": system} if system else {}))
    if not may_see(reader, "bank_accounts"):
        found = found.exclude(system="iban")
    keys = found.exclude(system="row").values_list("supporter", flat=True)
    return list(keys[:MOST_KEYS])


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

    # Not constrained: to check a row costs as much as to write it, and this feed proves nothing.
    supporter = models.ForeignKey(
        Supporter, models.CASCADE, related_name="changes", db_constraint=False
    )
    kind = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)
    transaction = models.BigIntegerField(db_default=CurrentTransaction())

    objects = ChangeQuerySet.as_manager()
    personal_data = PersonalData(
        activity=QUALITY,
        owner="supporter",
        internal=("transaction",),
        proof=_("It says that something changed, not what it said."),
    )
    merging = STAYS

    class Meta:
        indexes = [models.Index(fields=["transaction", "id"], name="change_feed")]

    def __str__(self):
        return f"#{self.pk} {self.kind} of supporter {self.supporter_id}"
