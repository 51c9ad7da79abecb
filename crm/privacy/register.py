"""The register of processing (GDPR, article 30), made from what the models and the rules say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import BinaryField, Field, ForeignKey, GeneratedField, Model
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.lib.activities import ACTIVITIES, BASES, STAFF, Activity
from crm.lib.periods import local_day
from crm.privacy.belongings import declared, declaring_models, title_of
from crm.privacy.keeping import Rule, rules
from crm.privacy.retention import kept_until

# Tables of Django and of the trail, which are about members of staff.
ABOUT_STAFF = {
    "auth.User": ["username", "first_name", "last_name", "email", "last_login", "password"],
    "account.EmailAddress": ["email"],
    "sessions.Session": ["session_data"],
    "admin.LogEntry": ["action_time", "object_repr"],
    "crm.StaffLanguage": ["language"],
    "crm.ApiToken": ["name", "last_used_at"],
    "crm.AuditEntry": ["action", "subject", "at"],
}
SECURITY: tuple[str | Promise, ...] = (
    gettext_lazy("Every page and every field needs a right; rights come with a member's role."),
    gettext_lazy("Connections are encrypted (HTTPS, and browsers are told to use nothing else)."),
    gettext_lazy("Passwords are stored as salted hashes; keys of programs as hashes."),
    gettext_lazy("National numbers are encrypted; erased addresses are kept as keyed hashes only."),
    gettext_lazy("Card numbers never reach us: they are typed on the pages of Stripe."),
    gettext_lazy("What staff change, export or hand out is in a trail; no log names anybody."),
    gettext_lazy("Every record can be erased, and a search of all tables proves it."),
)


@dataclass(frozen=True)
class Category:
    """A kind of record: the names of its fields, and why it needs more care, if it does."""

    title: str
    fields: list[str]
    sensitive: str | Promise = ""


@dataclass(frozen=True)
class Entry:
    """One processing activity as the register tells it."""

    activity: Activity
    categories: list[Category]
    limits: list[str]

    @property
    def basis(self) -> str | Promise:
        return BASES[self.activity.basis]


@dataclass(frozen=True)
class Register:
    made_at: datetime
    organisation: list[tuple[str, str]]
    entries: list[Entry]
    security: tuple[str | Promise, ...]


def register(now: datetime) -> Register:
    """Return the register as it stands now, in the language that is spoken."""
    known = rules()
    entries = [entry_of(activity, known, now) for activity in ACTIVITIES]
    return Register(now, organisation(), entries, SECURITY)


def organisation() -> list[tuple[str, str]]:
    told = [
        (_("Controller"), settings.ORGANISATION_NAME),
        (_("Address"), settings.ORGANISATION_ADDRESS),
        (_("Enterprise number"), settings.ORGANISATION_ENTERPRISE_NUMBER),
        (_("E-mail"), settings.ORGANISATION_EMAIL),
        (_("Telephone"), settings.ORGANISATION_PHONE),
        (_("Website"), settings.ORGANISATION_URL),
    ]
    return [(label, value) for label, value in told if value]


def entry_of(activity: Activity, known: list[Rule], now: datetime) -> Entry:
    models = models_of(activity)
    categories = [category_of(model) for model in models]
    if activity is STAFF:
        categories += [about_staff(label) for label in ABOUT_STAFF]
        models += [apps.get_model(label) for label in ABOUT_STAFF]
    return Entry(activity, categories, time_limits(activity, models, known, now))


def models_of(activity: Activity) -> list[type[Model]]:
    return [model for model in declaring_models() if declared(model).activity is activity]


def category_of(model: type[Model]) -> Category:
    data = declared(model)
    if data.is_history:
        return Category(capfirst(title_of(model)), [])
    fields = [str(field.verbose_name) for field in model._meta.concrete_fields if tells(field)]
    return Category(capfirst(title_of(model)), fields, data.sensitive)


def tells(field: Field) -> bool:
    """Whether a field says something about the person, and is not a key or for programs only."""
    model: Any = field.model
    if field.primary_key or field.name in (*declared(model).internal, "public_id"):
        return False
    is_encrypted = isinstance(field, BinaryField) and field.name in declared(model).erase
    return is_encrypted or not isinstance(field, ForeignKey | BinaryField | GeneratedField)


def about_staff(label: str) -> Category:
    meta = apps.get_model(label)._meta
    fields = [str(meta.get_field(name).verbose_name) for name in ABOUT_STAFF[label]]
    return Category(capfirst(str(meta.verbose_name_plural)), fields)


def time_limits(
    activity: Activity, models: list[type[Model]], known: list[Rule], now: datetime
) -> list[str]:
    """Return how long an activity's data is kept: what is always true, then the rules that hold."""
    told = [capfirst(str(activity.kept))]
    if any(declared(model).is_accounting for model in models if hasattr(model, "personal_data")):
        day = kept_until(local_day(now).year)
        told.append(_("Accounts of this year: until %(year)s") % {"year": day.year})
    told += [
        limit_of(rule)
        for rule in known
        if rule.is_on and any(part.model in models for part in rule.parts)
    ]
    return told


def limit_of(rule: Rule) -> str:
    return _("%(what)s: %(term)s") % {"what": capfirst(str(rule.title)), "term": term_of(rule)}


def term_of(rule: Rule) -> str:
    """Return a term in words: whole years as such."""
    years, months = divmod(rule.months, 12)
    if months:
        return ngettext("%(number)d month", "%(number)d months", rule.months) % {
            "number": rule.months
        }
    if rule.declared.full_years:
        return ngettext(
            "%(number)d full year after the year", "%(number)d full years after the year", years
        ) % {"number": years}
    return ngettext("%(number)d year", "%(number)d years", years) % {"number": years}


def as_json(told: Register) -> dict[str, Any]:
    """Return the register for programs."""
    return {
        "made_at": told.made_at.isoformat(),
        "organisation": dict(told.organisation),
        "activities": [entry_as_json(entry) for entry in told.entries],
        "security": [str(measure) for measure in told.security],
    }


def entry_as_json(entry: Entry) -> dict[str, Any]:
    activity = entry.activity
    return {
        "key": activity.key,
        "title": str(activity.title),
        "purpose": str(activity.purpose),
        "basis": str(entry.basis),
        "people": str(activity.people),
        "data": [
            {"what": each.title, "fields": each.fields, "sensitive": str(each.sensitive)}
            for each in entry.categories
        ],
        "recipients": str(activity.recipients),
        "transfers": str(activity.transfers),
        "kept": entry.limits,
    }
