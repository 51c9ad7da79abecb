"""A "no" follows the address, whoever has it; only its owner's own "yes" ends that."""

from datetime import timedelta

import pytest

from crm.people.addressing import add_email, change_email, make_primary, remove_email
from crm.people.contact_points import EmailAddress
from crm.people.merging import merge
from crm.people.operations import correct, register
from crm.people.unmerging import unmerge
from crm.privacy.erasure import erase
from crm.privacy.models import Consent, ConsentState
from crm.privacy.operations import Refusal, record_consent, why_not
from crm.privacy.suppressing import Reason, digest_of, lift, recognise, suppress, suppressed
from crm.privacy.suppressions import Suppression
from tests.factories import SupporterFactory

pytestmark = pytest.mark.django_db
ANNE = "anne@example.org"
IMPORT = {"source": "import:1", "said_by_supporter": False}
OWN = {"source": "link"}


def say(supporter, given, at, **how):
    return record_consent(supporter=supporter, given=given, at=at, **({"source": "test"} | how))


def mailed(purpose="newsletter"):
    """The addresses at which somebody may be mailed."""
    states = ConsentState.objects.may_be_mailed(purpose)
    return sorted(states.values_list("supporter__email", flat=True))


def held():
    rows = Suppression.objects.order_by("pk")
    return sorted(rows.values_list("purpose", "reason", "email__address"))


def test_address_is_kept_as_a_hash_that_only_the_key_recognises(now, settings):
    suppress(addresses=[ANNE], reason=Reason.ERASED, at=now)

    row = Suppression.objects.get()
    assert "example" not in str(vars(row))
    assert suppressed([ANNE, "bob@example.org"]) == {ANNE: "erased"}

    settings.SUPPRESSION_KEY = "another"
    assert suppressed([ANNE]) == {}


def test_suppressing_twice_changes_nothing(now):
    assert suppress(addresses=[ANNE, ""], reason=Reason.BOUNCED, at=now) == [digest_of(ANNE)]

    again = suppress(addresses=[ANNE], reason=Reason.BOUNCED, at=now + timedelta(days=1))

    assert again == []
    assert Suppression.objects.values_list("at").get() == (now,)


def test_no_suppresses_all_addresses_of_the_person_for_that_purpose(now):
    anne = SupporterFactory(email=ANNE)
    add_email(supporter=anne, address="a@work.example.com", source="staff", at=now)

    say(anne, False, now)

    assert held() == [
        ("newsletter", "unsubscribed", "a@work.example.com"),
        ("newsletter", "unsubscribed", ANNE),
    ]


def test_no_by_letter_or_telephone_suppresses_no_address(now):
    say(SupporterFactory(), False, now, channel="post", purpose="appeals")

    assert held() == []


def test_own_yes_lifts_what_was_suppressed_for_its_purpose_and_no_other(now):
    anne = SupporterFactory(email=ANNE)
    say(anne, False, now)
    suppress(addresses=[ANNE], reason=Reason.ERASED, at=now)

    assert say(anne, True, now, **OWN)

    assert held() == [("appeals", "erased", ANNE)]
    assert (mailed(), mailed("appeals")) == ([ANNE], [])


def test_own_yes_does_not_make_mail_arrive_at_other_addresses(now):
    anne = SupporterFactory(email=ANNE)
    other = add_email(supporter=anne, address="old@example.org", source="staff", at=now)
    suppress(addresses=[other.address], reason=Reason.BOUNCED, at=now)

    say(anne, True, now, **OWN)
    make_primary(email=other, at=now)

    assert mailed() == []


@pytest.mark.parametrize("reason", list(Reason))
def test_yes_from_elsewhere_is_refused_at_a_suppressed_address(now, reason):
    suppress(addresses=[ANNE], reason=reason, at=now)
    anne = SupporterFactory(email=ANNE)

    assert say(anne, True, now, **IMPORT) is False

    assert not Consent.objects.exists()
    how = {"purpose": "newsletter", "channel": "email", "at": now}
    assert why_not(supporter=anne, said_by_supporter=False, **how) == Refusal.SUPPRESSED
    assert why_not(supporter=anne, said_by_supporter=True, **how) is None


def test_yes_from_elsewhere_holds_although_mail_to_another_address_comes_back(now):
    anne = SupporterFactory(email=ANNE)
    add_email(supporter=anne, address="old@example.org", source="staff", at=now)
    suppress(addresses=["old@example.org"], reason=Reason.BOUNCED, at=now)

    assert say(anne, True, now, **IMPORT) is True


def test_suppression_for_one_purpose_keeps_no_other(now):
    suppress(addresses=[ANNE], reason=Reason.UNSUBSCRIBED, purpose="appeals", at=now)
    anne = SupporterFactory(email=ANNE)

    said = [say(anne, True, now, purpose=name, **IMPORT) for name in ("newsletter", "appeals")]

    assert said == [True, False]


def test_bounce_ends_mail_until_the_address_works_again(now):
    anne = SupporterFactory(email=ANNE)
    say(anne, True, now)
    email = anne.emails.get()
    suppress(addresses=[ANNE], reason=Reason.BOUNCED, at=now)
    assert mailed() == []

    lift(addresses=[ANNE], purpose="newsletter")
    change_email(email=email, status=EmailAddress.Status.BOUNCING, at=now)
    assert mailed() == []

    change_email(email=email, status=EmailAddress.Status.GOOD, at=now)
    assert mailed() == [ANNE]


def test_erased_address_that_comes_back_is_not_subscribed_by_an_import(now):
    anne = SupporterFactory(email=ANNE)
    say(anne, True, now)
    erase(supporter=anne, at=now)

    back = register(email=ANNE, at=now)

    assert say(back, True, now, **IMPORT) is False
    assert say(back, True, now, **OWN) is True
    assert mailed() == [ANNE]


@pytest.mark.parametrize("how", ["added", "corrected"])
def test_suppressed_address_that_a_subscriber_gets_is_not_mailed(now, how):
    suppress(addresses=[ANNE], reason=Reason.UNSUBSCRIBED, purpose="newsletter", at=now)
    bob = SupporterFactory(email="bob@example.org")
    say(bob, True, now)

    if how == "added":
        email = add_email(supporter=bob, address=ANNE, source="staff", at=now)
        assert mailed() == ["bob@example.org"]
        make_primary(email=email, at=now)
    else:
        correct(supporter=bob, email=ANNE, at=now)

    assert mailed() == []


def test_address_that_was_taken_away_and_comes_back_is_known_again(now):
    anne = SupporterFactory(email=ANNE)
    say(anne, False, now)
    remove_email(email=anne.emails.get(), at=now)
    assert held() == [("newsletter", "unsubscribed", None)]

    add_email(supporter=SupporterFactory(), address=ANNE, source="staff", at=now)

    assert held() == [("newsletter", "unsubscribed", ANNE)]


def test_merge_takes_a_no_along_that_only_the_address_knew(now):
    suppress(addresses=[ANNE], reason=Reason.UNSUBSCRIBED, purpose="newsletter", at=now)
    new, known = register(email=ANNE, at=now), SupporterFactory(email="bob@example.org")
    say(known, True, now)

    merged = merge(kept=known, lost=new, at=now)
    assert (mailed(), say(known, True, now, **IMPORT)) == ([], False)

    unmerge(merge=merged, at=now)
    assert mailed() == ["bob@example.org"]
    assert held() == [("newsletter", "unsubscribed", ANNE)]


def test_merge_lets_a_no_follow_both_addresses_until_it_is_undone(now):
    kept, lost = SupporterFactory(email="bob@example.org"), SupporterFactory(email=ANNE)
    say(kept, True, now)
    say(lost, False, now)

    merged = merge(kept=kept, lost=lost, at=now)
    assert [row[2] for row in held()] == [ANNE, "bob@example.org"]

    unmerge(merge=merged, at=now)
    assert [row[2] for row in held()] == [ANNE]


def test_no_said_again_after_a_merge_stays_with_both(now):
    kept, lost = SupporterFactory(email="bob@example.org"), SupporterFactory(email=ANNE)
    say(kept, True, now)
    say(lost, False, now)
    merged = merge(kept=kept, lost=lost, at=now)
    say(kept, False, now + timedelta(hours=1))

    unmerge(merge=merged, at=now + timedelta(hours=2))

    assert mailed() == []
    assert [row[2] for row in held()] == [ANNE, "bob@example.org"]


def test_nothing_is_hashed_where_nothing_is_suppressed(now, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert suppressed([ANNE] * 3) == {}


def test_many_addresses_are_asked_for_in_few_questions(now, django_assert_num_queries):
    many = [f"somebody{number}@example.org" for number in range(1500)]
    suppress(addresses=many[::100], reason=Reason.ERASED, at=now)

    with django_assert_num_queries(3):
        found = suppressed(many, purpose="newsletter")
    assert sorted(found) == sorted(many[::100])

    others = [f"other{number}@example.org" for number in range(1500)]
    suppress(addresses=others, reason=Reason.ERASED, at=now)
    assert sorted(suppressed(many, purpose="newsletter")) == sorted(many[::100])


def test_recognising_many_addresses_writes_only_those_that_are_suppressed(now):
    suppress(addresses=[ANNE], reason=Reason.ERASED, at=now)
    anne, bob = register(email=ANNE, at=now), register(email="bob@example.org", at=now)

    recognise([ANNE, "bob@example.org"])

    assert Suppression.objects.get().email == anne.emails.get()
    assert not bob.emails.get().suppressions.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_who_may_be_mailed_is_one_question(now, number, django_assert_num_queries):
    for supporter in SupporterFactory.create_batch(number):
        say(supporter, True, now)

    with django_assert_num_queries(1):
        assert len(mailed()) == number


def test_no_follows_an_address_that_somebody_gets_later(now):
    anne = SupporterFactory(email=ANNE)
    say(anne, False, now)

    add_email(supporter=anne, address="new@example.org", source="staff", at=now)

    assert suppressed(["new@example.org"], purpose="newsletter") == {
        "new@example.org": "unsubscribed"
    }
