"""A "no" that follows an address is heeded by a file that brings the address again."""

import pytest

from crm.people.models import Supporter
from crm.people.operations import register
from crm.privacy.erasure import erase
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import record_consent
from crm.privacy.suppressing import Reason, suppress, suppressed
from crm.privacy.suppressions import Suppression
from tests.conftest import NOW
from tests.crm.lists import imported, outcomes, undone
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
ANNE, BRAM = "anne@example.org", "bram@example.org"
BOTH = f"Email,Newsletter\n{ANNE},yes\n{BRAM},yes\n"
LONG_AGO = NOW.replace(year=2020)
AGREED = {"consent": "Old list"}


def mailed():
    states = ConsentState.objects.may_be_mailed()
    return sorted(states.values_list("supporter__email", flat=True))


def reasons(batch):
    rows = batch.rows.exclude(after=None).order_by("line")
    return {row.line: row.after["reasons"][0]["reason"] for row in rows if "reasons" in row.after}


def test_row_of_an_erased_address_is_left_out_and_says_why():
    anne = SupporterFactory(email=ANNE)
    erase(supporter=anne, at=NOW)
    suppress(addresses=[ANNE], reason=Reason.ERASED, at=NOW)

    batch = imported(BOTH, **AGREED)

    assert outcomes(batch) == [(2, "s"), (3, "c")]
    assert reasons(batch) == {2: "erased"}
    assert mailed() == [BRAM]
    assert not Supporter.objects.filter(email=ANNE).exists()


def test_other_address_that_is_erased_leaves_the_row_out_too():
    suppress(addresses=[ANNE], reason=Reason.ERASED, at=NOW)

    batch = imported(f"Email,Other email\n{BRAM},{ANNE}\n")

    assert outcomes(batch) == [(2, "s")]


def test_who_came_back_by_themselves_is_known_but_not_subscribed():
    suppress(addresses=[ANNE], reason=Reason.ERASED, at=NOW)
    register(email=ANNE, at=NOW)

    batch = imported(BOTH, **AGREED)

    assert reasons(batch) == {}
    assert mailed() == [BRAM]


@pytest.mark.parametrize("reason", [Reason.UNSUBSCRIBED, Reason.COMPLAINED, Reason.BOUNCED])
@pytest.mark.parametrize("is_known", [False, True])
def test_suppressed_address_is_taken_but_not_subscribed(reason, is_known):
    suppress(addresses=[ANNE], reason=reason, at=NOW)
    if is_known:
        register(email=ANNE, at=NOW)

    imported(BOTH, **AGREED)

    assert Supporter.objects.filter(email=ANNE).count() == 1
    assert [said.supporter.email for said in Consent.objects.all()] == [BRAM]
    assert mailed() == [BRAM]


def test_person_whose_other_address_carries_a_no_is_not_subscribed():
    anne = SupporterFactory(email=ANNE)
    anne.emails.create(address="old@example.org")
    suppress(addresses=["old@example.org"], reason=Reason.UNSUBSCRIBED, at=NOW)

    imported(BOTH, **AGREED)

    assert mailed() == [BRAM]


def test_no_of_a_file_follows_all_addresses_of_the_person():
    anne = SupporterFactory(email=ANNE)
    anne.emails.create(address="old@example.org")

    imported(f"Email,Newsletter\n{ANNE},no\n{BRAM},no\n", **AGREED)

    found = suppressed([ANNE, BRAM, "old@example.org"], purpose="newsletter")
    assert sorted(found) == [ANNE, BRAM, "old@example.org"]


def test_no_of_the_person_follows_an_address_that_a_file_brings():
    anne = SupporterFactory(email=ANNE)
    record_consent(supporter=anne, given=False, source="link", at=NOW)

    imported(f"Email,Other email\n{ANNE},{BRAM}\n")

    assert suppressed([BRAM], purpose="newsletter") == {BRAM: "unsubscribed"}


def test_suppressed_address_that_a_file_gives_to_a_subscriber_is_known_as_such():
    anne = SupporterFactory(email=ANNE)
    record_consent(supporter=anne, given=True, source="link", at=NOW)
    suppress(addresses=[BRAM], reason=Reason.UNSUBSCRIBED, at=NOW)

    imported(f"Email,Other email\n{ANNE},{BRAM}\n")

    assert Suppression.objects.get().email == anne.emails.get(address=BRAM)


def test_undone_import_leaves_no_trace_of_its_no():
    anne = SupporterFactory(email=ANNE)
    record_consent(supporter=anne, given=True, source="link", at=NOW)
    batch = imported(f"Email,Newsletter\n{ANNE},no\n{BRAM},no\n", **AGREED)

    undone(batch)

    assert not Suppression.objects.exists()
    assert mailed() == [ANNE]


def test_undone_import_leaves_a_no_that_was_said_before():
    anne = SupporterFactory(email=ANNE)
    record_consent(supporter=anne, given=False, source="link", at=NOW)
    suppress(
        addresses=[BRAM],
        reason=Reason.UNSUBSCRIBED,
        purpose="newsletter",
        at=NOW.replace(year=2020),
    )

    undone(imported(f"Email,Newsletter\n{ANNE},no\n{BRAM},no\n", **AGREED))

    assert sorted(suppressed([ANNE, BRAM], purpose="newsletter")) == [ANNE, BRAM]


def test_consent_of_a_file_tells_its_import_and_line():
    batch = imported(BOTH, **AGREED)

    said = list(Consent.objects.order_by("pk").values_list("evidence", flat=True))
    assert said == [{"import": batch.pk, "line": 2}, {"import": batch.pk, "line": 3}]


def test_address_counts_wherever_in_the_file_it_stands():
    text = f"Contact ID,Email,Newsletter\n17,,yes\n17,{ANNE},\n"
    known = {"system": "old", **AGREED}

    imported(text, **known)
    said = list(Consent.objects.values_list("supporter__email", "given"))
    again = imported(text, **known)

    assert said == [(ANNE, True)]
    assert (Consent.objects.count(), outcomes(again)) == (1, [(2, "="), (3, "=")])
