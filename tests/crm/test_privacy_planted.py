"""Done when: whoever is planted everywhere is in their package, and after an erasure nowhere but
where the plan says."""

import io
import zipfile

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session

from crm.mailing.alarms import Alarm
from crm.people.storing import contents
from crm.privacy import requesting
from crm.privacy.access import is_told
from crm.privacy.belongings import declared
from crm.privacy.planning import plan_erasure
from crm.privacy.requests import PrivacyRequest
from tests.crm.planted import (
    BESIDE,
    EMAIL,
    MARK,
    NAMES_NOBODY,
    Garden,
    about_people,
    all_models,
    name_of,
)
from tests.crm.test_privacy_erasure import tables_that_name
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def garden():
    planted = Garden()
    planted.who = planted.plant_all()
    return planted


def asked(who, kind, now):
    PrivacyRequest.objects.filter(supporter=who).update(state="done")
    request = requesting.ask(supporter=who, kind=kind, source="own page", language="en", at=now)
    return requesting.begin(request=request, at=now)


def test_every_model_is_planted_or_says_why_it_names_nobody():
    known = {name_of(model) for model in about_people()} | {*BESIDE, *NAMES_NOBODY}

    assert {name_of(model) for model in all_models()} - known == set()


def test_planting_leaves_texts_in_every_table_with_room_for_them(garden):
    tables = tables_that_name([MARK])

    planted = {model for model, _field in garden.texts}
    wanted = {
        model._meta.db_table
        for model in about_people()
        if name_of(model) in planted and not declared(model).is_accounting
    }
    assert wanted - tables == set()


def test_nothing_is_left_of_the_planted_but_what_the_plan_says(
    garden, now, settings, tmp_path, mailoutbox
):
    settings.VAR = settings.MEDIA_ROOT = tmp_path
    before = tables_that_name([MARK])
    request = asked(garden.who, "erasure", now)

    run_jobs()
    request.refresh_from_db()

    assert len(before) > 40
    assert tables_that_name([MARK]) == set()
    assert Session.objects.get().get_decoded() == {"_auth_user_id": "1"}
    assert list(tmp_path.rglob("*")) == []
    assert [mail.to for mail in mailoutbox] == [[EMAIL]]
    assert request.state == "done"
    assert Alarm.objects.count() == 0


def test_accounts_are_what_the_plan_and_the_proof_say_they_are(garden, now):
    request = asked(garden.who, "erasure", now)

    run_jobs()
    request.refresh_from_db()

    plan, proof = request.outcome["plan"], request.outcome["proof"]
    accounts = {name_of(model) for model in about_people() if declared(model).is_accounting}
    assert {name for name, fate in plan.items() if "until" in fate} == accounts
    assert {fate["until"] for fate in plan.values() if "until" in fate} == {"2033-12-31"}
    assert proof["accounts"] == {"crm.receipt": 1, "crm.taxcertificate": 1}
    assert (proof["elsewhere"], proof["of_others"], proof["written"]) == ({}, [], [])


def test_plan_says_before_what_the_erasure_does(garden, now):
    planned = plan_erasure(supporter=garden.who, is_thorough=True).as_numbers()
    request = asked(garden.who, "erasure", now)

    run_jobs()
    request.refresh_from_db()

    # That this was asked, and that their addresses are never used again, is written meanwhile.
    meanwhile = {"crm.privacyrequest", "crm.suppression", "crm.consent"}
    done = {name: fate for name, fate in request.outcome["plan"].items() if name not in meanwhile}
    assert done == {name: fate for name, fate in planned.items() if name not in meanwhile}


def test_everything_planted_is_in_the_package(garden, now, mailoutbox):
    request = asked(garden.who, "access", now)

    run_jobs()
    request.refresh_from_db()

    with zipfile.ZipFile(io.BytesIO(b"".join(contents(request.data_file)))) as archive:
        text = archive.read("data.json").decode()
        files = {name: archive.read(name) for name in archive.namelist()}
    missing = [
        (model, field)
        for (model, field), value in garden.texts.items()
        if is_told(apps.get_model(model)._meta.get_field(field), apps.get_model(model))
        and not all(f'"{word}' in text for word in words_of(value))
    ]
    assert missing == []
    assert b"bytes of zorblax" in files.values()
    told = [mail.to for mail in mailoutbox if mail.subject == "Your data is ready"]
    assert told == [[EMAIL]]


def words_of(value):
    """The texts in a value as JSON writes them."""
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else [value]
