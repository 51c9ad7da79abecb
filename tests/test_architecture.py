"""Rules about the code that a linter cannot state."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command

from crm.lib.activities import RELATIONS
from crm.lib.personal import EVERYTHING, PersonalData
from crm.people.models import Supporter

OUR_APPS = ("crm", "payments", "dashboard")
TELLING = {
    *("email", "to", "given_name", "family_name", "postcode", "phone", "iban", "text"),
    *("street", "town", "birth_date", "own_greeting", "own_name"),
    *("before", "after", "journal", "evidence"),
}
# Texts of the organisation, not of a person.
IMPERSONAL = {"CampaignText", "MailText", "Wording"}
# What proves a consent holds pages, moments and numbers.
ANONYMOUS = {"Consent": {"evidence"}, "RetentionRun": {"before"}}


def our_models():
    return [model for label in OUR_APPS for model in apps.get_app_config(label).get_models()]


def python_files():
    folders = [*OUR_APPS, "tests", "bench"]
    found = [path for folder in folders for path in Path(settings.BASE_DIR, folder).rglob("*.py")]
    return [path for path in found if path.parent.name != "migrations"]


def test_every_model_about_a_supporter_says_how_it_is_erased():
    relations = Supporter._meta.get_fields(include_hidden=True)
    about = {field.related_model for field in relations if field.auto_created and field.is_relation}

    silent = {model.__name__ for model in about if not hasattr(model, "personal_data")}

    assert silent == set()


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_every_field_that_may_name_a_person_is_erased(model):
    fields = {field.name for field in model._meta.concrete_fields} & TELLING
    declared = getattr(model, "personal_data", PersonalData(activity=RELATIONS, owner=""))

    kept = model.__name__ in IMPERSONAL or declared.is_accounting or declared.drop == EVERYTHING
    anonymous = ANONYMOUS.get(model.__name__, set())
    left = set() if kept else fields - set(declared.erase) - anonymous

    assert left == set()


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model.__name__)
def test_every_declared_owner_leads_to_a_supporter(model):
    declared = getattr(model, "personal_data", None)
    if declared is None or declared.owner == "pk":
        return

    target = model
    for name in declared.owner.split("__"):
        target = target._meta.get_field(name).related_model

    assert target is Supporter


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_setting_of_the_environment_is_explained():
    root = Path(settings.BASE_DIR)
    source = (root / "crm/settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    explained = set(re.findall(r"^#? ?([A-Z_]+)=", (root / ".env.example").read_text(), re.M))

    assert read - explained == set()


def test_files_stay_short():
    lengths = {str(path): len(path.read_text().splitlines()) for path in python_files()}

    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_requirements_name_no_index():
    for path in Path(settings.BASE_DIR).glob("requirements*.txt"):
        assert not re.search(r"--(extra-)?index-url|--find-links|://", path.read_text()), path.name
