"""Whatever is in a file: the check says what the run does, again changes nothing, undone is undone.

And every row is accounted for, nobody is matched on an empty field (pains 26), and a file takes as
many statements as pieces, not as rows (pains 27).
"""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from crm.campaigns import tallies
from crm.people.contact_points import EmailAddress
from crm.people.models import Supporter
from tests.conftest import NOW
from tests.crm.lists import checked, counts, described, imported, run, undone
from tests.crm.test_import_undo import LATER, everything
from tests.factories import CampaignFactory, SupporterFactory

HEADS = ("Email", "Other email", "Contact ID", "First name", "Last name", "Postcode", "Street",
         "Phone", "Newsletter", "Tags")  # fmt: skip
CELLS = {
    # No address, but not a word either: a first row of words would be taken for column names.
    "Email": ["", "", "a@example.org", "B@example.org", "c@example.org", "known@example.org", "@."],
    "Other email": ["", "", "", "b@example.org", "known@example.org"],
    "Contact ID": ["", "", "1", "2"],
    "First name": ["", "Anne", "Bram"],
    "Last name": ["", "Dupont", "Peeters"],
    "Postcode": ["", "1000", "9000"],
    "Street": ["", "", "Rue Haute 1"],
    "Phone": ["", "", "0475123456", "0475123457", "12"],
    "Newsletter": ["", "", "yes", "no"],
    "Tags": ["", "", "vip"],
}
ROW = st.tuples(*(st.sampled_from(CELLS[name]) for name in HEADS)).filter(any)
ROWS = st.lists(ROW, min_size=1, max_size=8)


def as_csv(rows) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([HEADS, *rows])
    return text.getvalue()


class TestAnyFile(TestCase):
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows=ROWS, mode=st.sampled_from(["fill", "update", "new"]), signs=st.booleans())
    def test_check_run_again_and_undo(self, rows, mode, signs):
        campaign = CampaignFactory()
        SupporterFactory(email="known@example.org", given_name="", postcode="", region="")
        Supporter.objects.update(search_text="supporter known example org")
        before = everything()
        kind = {"kind": "signatures", "campaign": campaign.pk} if signs else {}
        told = {**kind, "mode": mode, "system": "old", "consent": "List"}
        text = as_csv(rows)

        batch = checked(described(text, **told))
        said = list(batch.rows.order_by("line").values_list("line", "outcome", "before", "after"))
        assert everything() == before

        run(batch)
        did = list(batch.rows.order_by("line").values_list("line", "outcome", "before", "after"))
        assert did == said
        assert sum(counts(batch).values()) == len(rows)
        self.check_people()
        after = everything()

        again = run(described(text, **told))
        assert everything() == after
        assert again.created == 0

        undone(again)
        undone(batch)
        assert batch.conflicts == []
        assert everything() == before
        assert tallies.count(campaign) == 0

    def check_people(self):
        """Each address has one owner, who is found by what they are called."""
        owners = dict(EmailAddress.objects.values_list("address", "supporter"))
        for person in Supporter.objects.all():
            addresses = sorted(address for address, owner in owners.items() if owner == person.pk)
            assert person.email == "" or owners[person.email] == person.pk
            assert bool(person.email) == bool(addresses)
            assert sorted(person.search_text.split()) == sorted(
                person.searchable(addresses).split()
            )


@pytest.mark.django_db
@pytest.mark.parametrize("is_known", [False, True])
def test_last_of_rows_that_contradict_each_other_holds_and_again_changes_nothing(is_known):
    if is_known:
        SupporterFactory(email="b@example.org", given_name="", postcode="", region="")
        Supporter.objects.update(search_text="supporter b example org")
    before = everything()
    text = (
        "Email,Other email,First name,Postcode,Street\n"
        "B@example.org,,Anne,1000,Rue Haute 1\n"
        ",b@example.org,,9000,Kerkstraat 2\n"
    )

    batch = imported(text, mode="update")
    after = everything()
    check = checked(described(text, mode="update"))
    again = run(described(text, mode="update"), at=LATER)

    assert counts(check) == counts(again) == {"unchanged": 2}
    assert everything() == after
    person = Supporter.objects.get()
    assert (person.postcode, person.modified_at) == ("9000", NOW)

    undone(again)
    undone(batch)

    assert batch.conflicts == []
    assert everything() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "Email,First name,Last name\n,Anne,Dupont\n,Anne,Peeters\n,Anne,\n",
        "Contact ID,Email,First name\n,,Anne\n,,Anne\n",
        "Phone,First name\n0475123456,Anne\n0475123456,Bram\n",
    ],
)
def test_nobody_is_matched_on_what_is_empty_or_shared(text):
    SupporterFactory(email="", given_name="Anne", family_name="Dupont", postcode="")
    known = Supporter.objects.count()

    batch = imported(text, system="old")

    assert batch.created == batch.read
    assert Supporter.objects.count() == known + batch.read


@pytest.mark.django_db
def test_file_takes_as_many_statements_however_many_rows():
    def statements(rows: int) -> int:
        batch = described(
            "Email,Last name,Phone\n"
            + "".join(f"r{rows}n{n}@example.org,N,0475{n:06d}\n" for n in range(rows))
        )
        with CaptureQueriesContext(connection) as queries:
            run(batch)
        return len(queries)

    assert statements(3) == statements(300)
