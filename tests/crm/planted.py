"""Somebody about whom there is a row in every table that is about people, told apart by its texts.

The rows are made by looking at the models, so that a new one is planted without being named here.
What names people beside such rows has a recipe; what names nobody says why.
"""

import json
from datetime import date, timedelta
from functools import partial

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.backends.db import SessionStore
from django.db import models

from crm.campaigns.deliveries import Delivery
from crm.exchange.imports import start
from crm.exchange.models import Export, Import, ImportMapping
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.people.storing import store
from crm.privacy.belongings import declared
from tests.factories import AT, SupporterFactory
from tests.people_factories import StaffFactory

MARK = "zorblax"
EMAIL = "zoe@zorblax.example.org"
GIVEN, FAMILY = "Zoezorblax", "Vanzorblax"
SHORT = 12  # a field with less room holds no text of ours

# Fields that the database or a rule wants in a form of their own.
SHAPES = {
    "crm.communication": {"digits": "000000000101"},
    "crm.taxidentity": {"country": "BE"},
    "crm.taxcertificate": {"country": "BE"},
    "crm.identifier": {"system": "iban"},
    "crm.receipt": {"of_year": None, "replaces": None, "donor_name": f"{GIVEN} {FAMILY}"},
    "crm.instruction": {"gift": None},
    "crm.suspicion": {"score": 0.97},
    "crm.gift": {"status": "paid", "received_on": date(2026, 3, 1)},
    "crm.entry": {"kind": "payment", "amount": 2500},
    "crm.signature": {"status": "confirmed", "confirmed_at": AT},
    "payments.bankline": {"state": "gift"},
    "crm.merge": {"undone_at": None},
    "crm.session": {"begins_at": AT, "ends_at": AT + timedelta(hours=2)},
    "crm.affiliation": {"kind": "public"},
    "crm.filechunk": {"data": b"bytes of zorblax"},
    "crm.proposal": {"field": "given_name"},
    "crm.supporter": {
        "given_name": GIVEN,
        "family_name": FAMILY,
        "email": EMAIL,
        "erased_at": None,
    },
}
# What programs write for themselves: where from, which, how; never words of people.
CODES = {
    *("source", "key", "event_id", "provider_id", "session_id", "code", "template", "error"),
    *("answer", "digest", "region", "kind", "field", "system", "sha256", "content_type"),
    *("reference", "matched_by", "transaction", "appeal"),
}
# Of a consent: pages, moments, keyed hashes. Of a request: numbers.
ANONYMOUS = {"evidence", "outcome"}
NUMBERS = "numbers, identifiers and moments only"
OURS = "words of the organisation, or settings"
STAFF = "a colleague's account"
NAMES_NOBODY = {
    **dict.fromkeys(
        [
            *("crm.auditentry", "crm.signaturedelta", "crm.daytally", "crm.sourcetally"),
            *("crm.regiontally", "crm.languagetally", "crm.giftdelta", "crm.gifttally"),
            *("crm.waytally", "crm.steptally", "crm.statuscount", "crm.giftsourcetally"),
            "crm.spentproof",
            *("crm.counting", "crm.reach", "crm.shared", "crm.converted"),
            *("crm.matchrule", "crm.matchrun", "crm.retentionrun", "crm.impactfigure"),
            *("crm.alarm", "contenttypes.contenttype", "pghistory.context", "pghistory.events"),
            *("pghistory.middlewareevents", "payments.bankfile", "payments.bankstatement"),
            *("payments.payout", "payments.reconciliation", "payments.attempt"),
            *("payments.formswitch", "payments.stripeevent", "crm.report"),
            *("procrastinate.procrastinateworker", "procrastinate.procrastinatejob"),
            *("procrastinate.procrastinateevent", "procrastinate.procrastinateperiodicdefer"),
        ],
        NUMBERS,
    ),
    **dict.fromkeys(
        [
            *("crm.wording", "crm.campaign", "crm.campaigntext", "crm.source", "crm.fund"),
            *("crm.batch", "crm.mailtext", "crm.segment", "crm.segmentevent", "crm.tag"),
            *("crm.retentionrule", "crm.network", "crm.training", "crm.session"),
            *("crm.campaignpicture", "crm.leadform", "crm.sheet"),
        ],
        OURS,
    ),
    **dict.fromkeys(
        [
            *("crm.apitoken", "crm.stafflanguage", "auth.permission", "auth.group"),
            *("auth.group_permissions", "auth.user", "auth.user_groups"),
            *("auth.user_user_permissions", "account.emailaddress", "account.emailconfirmation"),
        ],
        STAFF,
    ),
}


def name_of(model):
    return model._meta.label_lower


def all_models():
    return apps.get_models(include_auto_created=True)


def about_people():
    return [model for model in all_models() if hasattr(model, "personal_data")]


class Garden:
    """Plants a row of each model about `who`, and remembers the texts that it wrote."""

    def __init__(self):
        self.rows = {}
        self.texts = {}  # by model and field
        self.staff = StaffFactory()

    def plant_all(self):
        who = self.row_of(Supporter)
        for model in about_people():
            self.row_of(model)
        for model in about_people():
            if declared(model).email:
                self.nobodys(model)
        for recipe in BESIDE.values():
            recipe(who)
        return who

    def row_of(self, model):
        """Return the row of a model, planted now unless it is."""
        if model not in self.rows:
            self.rows[model] = self.plant(model)
        return self.rows[model]

    def plant(self, model):
        shape = SHAPES.get(name_of(model), {})
        fields = [f for f in model._meta.concrete_fields if not (f.primary_key or f.generated)]
        if model is Supporter:
            fields = [field for field in fields if field.name != "merged_into"]
        row = model()
        for field in fields:
            if field.name in shape:
                value = shape[field.name]
            elif isinstance(field, models.ForeignKey):
                value = self.target(model, field)
            else:
                value = self.value(model, field)
            setattr(row, field.name, value)
            if not isinstance(field, models.ForeignKey):
                self.remember(model, field, value)
        row.save()
        return row

    def nobodys(self, model):
        """Plant a row that has no owner, and names their address."""
        data = declared(model)
        row = self.row_of(model)
        fields = {field.name: getattr(row, field.name) for field in model._meta.concrete_fields}
        for field in model._meta.concrete_fields:
            if field.unique and isinstance(field, models.CharField):
                fields[field.name] = f"nobodys-{field.name}"
            elif field.unique:
                del fields[field.name]
        fields |= {data.owner.split("__")[0]: None, data.email: EMAIL}
        model.objects.create(**fields | NOBODYS.get(name_of(model), {}))

    def target(self, model, field):
        target = field.related_model
        if target is Supporter:
            is_other = field.name in declared(model).others
            return SupporterFactory() if is_other else self.row_of(Supporter)
        if hasattr(target, "personal_data") and target is not model:
            return self.row_of(target)
        if field.null:
            return None
        return self.row_of(target) if not is_of_staff(target) else self.staff

    def value(self, model, field):
        if field.choices:
            return next(choice for choice, _label in field.flatchoices if choice)
        if isinstance(field, models.EmailField):
            return f"{MARK}.{model.__name__}.{field.name}@example.org".lower()
        if isinstance(field, models.JSONField):
            if name_of(model) in {*NAMES_NOBODY, *BESIDE} or field.name in ANONYMOUS:
                return field.get_default()
            kind = type(field.get_default())
            text = f"{MARK} {name_of(model)} {field.name}"
            return [text] if kind is list else {"word": text}
        if isinstance(field, models.BinaryField):
            return f"{MARK} {name_of(model)} {field.name}".encode()
        if isinstance(field, models.CharField | models.TextField):
            return self.text(model, field)
        if field.has_default() or field.null or field.has_db_default():
            return field.get_default() if field.has_default() else filled(field)
        return filled(field)

    def text(self, model, field):
        room = field.max_length
        if name_of(model) in {*NAMES_NOBODY, *BESIDE} or field.name in CODES:
            return field.name[:room]
        if room is not None and room < SHORT:
            return {"currency": "EUR", "country": "BE", "postcode": "9999"}.get(field.name, "")
        return f"{MARK} {model.__name__} {field.name}"[:room]

    def remember(self, model, field, value):
        text = value.decode() if isinstance(value, bytes) else json.dumps(value, default=str)
        if MARK in text.lower():
            self.texts[name_of(model), field.name] = value


def is_of_staff(model):
    return model._meta.label == "auth.User"


def filled(field):
    """Return the plainest value of a field that must have one."""
    if isinstance(field, models.DateTimeField):
        return AT
    if isinstance(field, models.DateField):
        return date(2026, 3, 1)
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, models.IntegerField | models.FloatField | models.DecimalField):
        return None if field.null else 1
    return None


NOBODYS = {
    "payments.checkout": {"session_id": ""},
    "crm.batchrow": {"position": 7},
    "crm.consentrequest": {"purpose": "appeals"},
}


def a_session(who):
    """A message to a colleague that waits to be read."""
    session = SessionStore()
    session["_messages"] = f"Done: call {GIVEN} {FAMILY}"
    session["_auth_user_id"] = "1"
    session.save()


def a_log_entry(who):
    LogEntry.objects.create(
        user=StaffFactory(), object_repr=str(who), action_flag=1, change_message="[]"
    )


def files_of_imports(who):
    """A list that was imported, one that is not yet, both with a row about them."""
    text = f"Email,Given,Family\nanne@example.org,Anne,Adam\n{EMAIL},{GIVEN},{FAMILY}\n"
    done = start(chunks=[text.encode()], name="done.csv", at=AT)
    rejects = store(name="rejects.csv", content_type="text/csv", chunks=[text.encode()], at=AT)
    Import.objects.filter(pk=done.pk).update(state="done", rejects=rejects)
    start(chunks=[f"Name;Note\n{FAMILY} {GIVEN};x\n".encode()], name=f"{EMAIL}.csv", at=AT)


def a_mapping(who):
    ImportMapping.objects.create(
        kind="supporters", columns_hash="1", options={"constants": {"email": EMAIL}}
    )


def exports(who):
    archive = store(
        name="everything.zip", content_type="application/zip", chunks=[EMAIL.encode()], at=AT
    )
    Export.objects.create(what="everything", format="zip", reason="moving", file=archive)
    Export.objects.create(what="people", format="csv", reason="letters", filters={"to": EMAIL})


def mails_to_others(who, *, number):
    Mail.objects.create(
        key=f"task:{number}",
        to="colleague@example.org",
        template="task_assigned",
        language="en",
        context={"title": f"Call {GIVEN} {FAMILY}"},
        sent_at=AT if number else None,
    )


def a_list_of_signers(who):
    """A pack for the authority of what they signed, with names."""
    text = f"day,given_name,family_name\n2026-03-01,{GIVEN},{FAMILY}\n"
    listed = store(name="list.csv", content_type="text/csv", chunks=[text.encode()], at=AT)
    campaign = who.signatures.get().campaign
    Delivery.objects.create(campaign=campaign, as_of=AT, has_names=True, list_file=listed)


BESIDE = {
    "crm.delivery": a_list_of_signers,
    "sessions.session": a_session,
    "admin.logentry": a_log_entry,
    "crm.import": files_of_imports,
    "crm.importmapping": a_mapping,
    "crm.export": exports,
    "a mail to staff that waits": partial(mails_to_others, number=0),
    "a mail to staff that was sent": partial(mails_to_others, number=1),
}
