"""Erasing and handing out what staff know of a person: contacts, work, merges, files, history."""

import json

import pytest

from crm.people.merging import merge
from crm.people.models import Supporter
from crm.people.operations import correct, register
from crm.people.unmerging import unmerge
from crm.privacy.access import as_json, package_of
from crm.privacy.erasure import erase
from tests.crm.test_privacy_erasure import leave, tables_that_name
from tests.crm.well_known import NAMES, TELLING, known
from tests.factories import SupporterFactory
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
OTHERS = ["Partnerine", "Doubtina", "Stella", "colleague"]


def test_nothing_that_staff_know_of_somebody_is_left(now, staff, mailoutbox):
    who = known(staff())
    before = tables_that_name(TELLING)

    leave(who, now)
    run_jobs()

    assert {"crm_note", "crm_task", "crm_filechunk", "crm_merge", "crm_importrow"} < before
    assert {"crm_supporterevent", "crm_noteevent", "crm_phone", "crm_household"} < before
    assert tables_that_name(TELLING) == set()


def test_what_history_keeps_of_a_merge_that_was_undone_is_forgotten_too(now, staff):
    by = staff()
    other = SupporterFactory(given_name="", family_name="", email="")
    who = register(email="zelda@quixworth.example.org", at=now, **NAMES)
    merged = merge(kept=other, lost=who, at=now, by=by)
    correct(supporter=Supporter.objects.get(pk=other.pk), at=now, language="nl")
    unmerge(merge=merged, at=now, by=by)

    erase(supporter=Supporter.objects.get(pk=who.pk), at=now)

    assert tables_that_name(TELLING) == set()
    other = Supporter.objects.get(pk=other.pk)
    assert (other.language, other.erased_at) == ("nl", None)


def test_package_has_all_that_staff_know_and_names_nobody_else(now, staff):
    who = known(staff(first_name="Stella"))

    package = json.loads(as_json(package_of(supporter=who, at=now)))

    text = json.dumps(package["data"], ensure_ascii=False)
    assert [word for word in TELLING if word not in text] == []
    assert [word for word in OTHERS if word in text] == []
    hidden = {"id", "pgh_context", "pgh_obj", "pgh_label"}
    assert [name for name, rows in package["data"].items() if hidden & set(rows[0])] == []
