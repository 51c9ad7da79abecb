"""Rows that say nothing new are settled by one statement, as their plans would have it."""

import pytest

from crm.exchange import settling, staging
from crm.exchange.planning import Plan
from crm.people.models import Change, Supporter
from crm.privacy.models import ConsentState
from tests.conftest import NOW
from tests.crm.lists import checked, counts, described, imported, undone
from tests.crm.test_import_undo import everything
from tests.factories import SignatureFactory
from tests.people_factories import PostalAddressFactory

pytestmark = pytest.mark.django_db
HEAD = (
    "Email,First name,Last name,Title,Language,Birth date,Postcode,Country,Phone,City,Newsletter\n"
)
PEOPLE = "".join(
    f"p{n}@example.org,Anne,Dupont,Mme,fr,31/12/1980,1050,BE,,,{'oui' if n % 2 else ''}\n"
    for n in range(18)
)
# What a second file says of them: the same, less, more, something else.
AGAIN = (
    "p0@example.org,Anne,Dupont,Mme,fr,31/12/1980,1050,BE,,,\n"
    "P1@Example.org,Anne,Dupont,,,,,,,,oui\n"
    "p2@example.org,,,,,,,,,,oui\n"
    "p3@example.org,,,,,,,,,,non\n"
    "p4@example.org,Anna,,,,,,,,,\n"
    "p5@example.org,Anne,Peeters,,,,,,,,\n"
    "p6@example.org,ANNE,Dupont,,,,,,,,\n"
    "p7@example.org,,,M.,nl,,,,,,\n"
    "p8@example.org,,,,,01/01/1981,,,,,\n"
    "p9@example.org,,,,,,1060,BE,,,\n"
    "p10@example.org,,,,,,1050,FR,,,\n"
    "p11@example.org,,,,,,,,0475123456,,\n"
    "p12@example.org,,,,,,1050,BE,,Ixelles,\n"
    "p13@example.org,Anne,,,,,,,,,\n"
    "p13@example.org,Anne,,,nl,,,,,,\n"
    "p14@example.org,Anne,,,,,1050,,,,\n"
    "p15@example.org,Anne,,,,,,,,,\n"
    "p16@example.org,Anne,,,,,,,,,\n"
    "p17@example.org,Anne,,,,,,,,,oui\n"
    "new@example.org,Anne,,,,,,,,,oui\n"
    ",Anne,Dupont,,,,1050,,,,\n"
    "pas-une-adresse,Anne,,,,,,,,,\n"
)


@pytest.fixture
def known(campaign):
    """People of the first file, of whom some are erased, merged, unsubscribed, or withdrew."""
    imported(HEAD + PEOPLE, kind="signatures", campaign=campaign.pk, consent="Paper form")
    people = {person.email: person for person in Supporter.objects.all()}
    of = [people[f"p{n}@example.org"] for n in range(18)]
    PostalAddressFactory(
        supporter=of[14], postcode="1060", town="Bruxelles", country="BE", is_preferred=True
    )
    Supporter.objects.filter(pk=of[15].pk).update(erased_at=NOW)
    Supporter.objects.filter(pk=of[16].pk).update(merged_into=of[0])
    ConsentState.objects.filter(supporter=of[17]).update(given=False)
    of[13].signatures.all().delete()
    of[4].signatures.update(status="withdrawn")
    of[6].signatures.update(status="pending")
    SignatureFactory(supporter=of[13])
    return of


def journal(batch):
    return list(
        batch.rows.order_by("line").values_list(
            "line", "outcome", "supporter", "is_new_supporter", "before", "after"
        )
    )


@pytest.mark.parametrize("mode", ["fill", "update", "new"])
@pytest.mark.parametrize("kind", ["supporters", "signatures"])
def test_settling_finds_what_plans_find(kind, mode, campaign, known, monkeypatch):
    told = {"kind": kind, "campaign": campaign.pk, "consent": "Paper form", "mode": mode}
    settled = journal(checked(described(HEAD + AGAIN, **told)))

    monkeypatch.setattr(settling, "statement_of", lambda *_args, **_how: "")
    planned = journal(checked(described(HEAD + AGAIN, **told)))

    assert settled == planned


REPEATED = (
    "p0@example.org,Anne,Dupont,Mme,fr,31/12/1980,1050,BE,0475123456,Ixelles,oui\n"
    "p1@example.org,Bram,,,,,,,,,non\n"
    "P0@Example.org,Anne,Dupont,Mme,fr,31/12/1980,1050,BE,0475 12 34 56,Ixelles,oui\n"
    "p2@example.org,Luc,,,,,,,,,\n"
    "p1@example.org,Bram,,,,,,,,,non\n"
    "p2@example.org,Lucas,,,,,,,,,\n"
    ",Anne,Dupont,,,,1050,,,,\n"
    ",Anne,Dupont,,,,1050,,,,\n"
    "p1@example.org,Bram,,,,,,,,,non\n"
)


@pytest.mark.parametrize("mode", ["fill", "update", "new"])
@pytest.mark.parametrize("kind", ["supporters", "signatures"])
@pytest.mark.parametrize("tags", [(), ("market",)])
def test_row_that_stands_twice_becomes_what_its_plan_finds(kind, mode, tags, campaign, monkeypatch):
    told = {"kind": kind, "campaign": campaign.pk, "consent": "Paper", "mode": mode, "tags": tags}

    repeated = imported(HEAD + REPEATED, **told)
    found, people = journal(repeated), everything()
    undone(repeated)
    monkeypatch.setattr(staging, "may_say_nothing", lambda *_args: False)
    planned = imported(HEAD + REPEATED, **told)

    assert [row[:2] + row[3:] for row in found] == [row[:2] + row[3:] for row in journal(planned)]
    assert same_person(found) == same_person(journal(planned))
    assert {name: len(rows) for name, rows in people.items()} == {
        name: len(rows) for name, rows in everything().items()
    }


def same_person(rows):
    """Return for each row the first one that is about the same person."""
    firsts = {}
    return [firsts.setdefault(supporter, line) for line, _outcome, supporter, *_rest in rows]


@pytest.fixture
def planned(monkeypatch):
    """The addresses of rows that had a plan."""
    found, step = [], Plan.step

    def told(self, row):
        found.append(row["email"])
        return step(self, row)

    monkeypatch.setattr(Plan, "step", told)
    return found


def test_rows_that_say_the_very_same_have_no_plan(planned):
    batch = imported(HEAD + REPEATED, consent="Paper form")

    assert planned == ["p2@example.org", "p2@example.org"]
    assert counts(batch) == {"created": 4, "unchanged": 5}


def test_rows_that_say_nothing_new_have_no_plan(campaign, known, planned):
    checked(described(HEAD + PEOPLE, kind="signatures", campaign=campaign.pk, consent="Paper form"))

    # Whoever withdrew, was erased or merged, has another address, or has not signed.
    assert planned == [f"p{n}@example.org" for n in (4, 13, 14, 15, 16)]


def test_same_people_again_change_nothing():
    imported(HEAD + PEOPLE, consent="Paper form")
    before = list(Supporter.objects.order_by("pk").values())

    again = imported(HEAD + PEOPLE, consent="Paper form")

    assert counts(again) == {"unchanged": 18}
    assert list(Supporter.objects.order_by("pk").values()) == before
    assert Change.objects.filter(kind="imported").count() == 0
    assert set(again.rows.values_list("supporter__email", flat=True)) == {
        person["email"] for person in before
    }
