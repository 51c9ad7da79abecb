"""The register of processing: complete, made from the models, and true to the rules that hold."""

import pytest
from django.utils import translation

from crm.access import Role
from crm.lib.activities import ACCOUNTS, ACTIVITIES, MAILS, STAFF
from crm.privacy import keeping
from crm.privacy.belongings import declared, declaring_models
from crm.privacy.register import category_of, models_of, register, term_of

pytestmark = pytest.mark.django_db
ADDRESS = "/staff/crm/retentionrule/register/"


@pytest.fixture
def told(now):
    with translation.override("en"):
        yield register(now)


def entry(told, activity):
    return next(each for each in told.entries if each.activity is activity)


def test_every_activity_is_in_it_and_none_is_empty(told):
    assert tuple(each.activity for each in told.entries) == ACTIVITIES
    assert [each.activity.key for each in told.entries if not each.categories] == []


def test_every_model_about_people_is_under_one_activity():
    named = [model for activity in ACTIVITIES for model in models_of(activity)]

    assert sorted(named, key=str) == sorted(declaring_models(), key=str)


def test_data_of_an_activity_is_told_by_the_names_of_its_fields(told):
    titles = {each.title: each.fields for each in entry(told, MAILS).categories}

    assert "sent to" in titles["Mails"]
    assert not {"key", "provider id", "ID"} & set(titles["Mails"])


def test_political_opinions_and_national_numbers_are_marked():
    marked = {model.__name__ for model in declaring_models() if category_of(model).sensitive}

    assert marked == {"Signature", "Comment", "TaxIdentity"}


def test_tables_about_staff_are_in_it(told):
    titles = {each.title for each in entry(told, STAFF).categories}

    assert {"Users", "Sessions", "Audit trail", "Log entries"} <= titles


def test_terms_are_those_that_hold_now(told, now):
    with translation.override("en"):
        before = entry(told, MAILS).limits
        keeping.decide(key="mails", months=7, is_on=True, by=None, at=now)
        changed = entry(register(now), MAILS).limits
        keeping.decide(key="mails", months=7, is_on=False, by=None, at=now)
        off = entry(register(now), MAILS).limits

    assert "What mails said, and to which address: 2 years" in before
    assert "What mails said, and to which address: 7 months" in changed
    assert [limit for limit in off if limit.startswith("What mails said")] == []


def test_accounts_say_until_when_the_law_has_them_kept(told):
    assert "Accounts of this year: until 2033" in entry(told, ACCOUNTS).limits


def test_term_in_full_years_says_so():
    with translation.override("en"):
        assert term_of(keeping.rule("accounts")) == "7 full years after the year"


def test_every_declaration_names_an_activity_of_the_register():
    strangers = {
        model.__name__ for model in declaring_models() if declared(model).activity not in ACTIVITIES
    }

    assert strangers == set()


def test_page_and_file_say_the_same(client, signed_in):
    signed_in(Role.ADMINISTRATOR)

    page = client.get(ADDRESS, headers={"accept-language": "en"}).content.decode()
    file = client.get("/staff/crm/retentionrule/register.json/", headers={"accept-language": "en"})

    told = file.json()
    assert file.headers["Content-Disposition"] == 'attachment; filename="register.json"'
    assert [each["key"] for each in told["activities"]] == [each.key for each in ACTIVITIES]
    for each in told["activities"]:
        assert each["purpose"] in page.replace("&#x27;", "'"), each["key"]


def test_only_who_may_see_the_rules_may_read_it(client, signed_in):
    signed_in(Role.FUNDRAISER)

    assert client.get(ADDRESS).status_code == 403
