"""Addresses and telephones: added, preferred, given up, and what follows from that."""

import pytest

from crm.audit import AuditEntry
from crm.lib.regions import BadPostcode
from crm.mailing import outbox
from crm.mailing.models import Mail
from crm.people import addressing
from crm.people.contact_points import EmailAddress, Phone, PostalAddress
from crm.people.models import Change, Supporter
from crm.people.operations import EmailTaken, correct, register
from tests.factories import SupporterFactory
from tests.jobs import run_jobs
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def pia(db):
    return SupporterFactory(given_name="Pia", family_name="Peeters", email="pia@example.org")


def feed(supporter):
    return list(Change.objects.filter(supporter=supporter).values_list("kind", flat=True))


def trail():
    """Every entry of the audit trail, without the numbers of rows."""
    entries = AuditEntry.objects.order_by("pk").values_list("action", "details")
    return [
        (action, {key: details[key] for key in details if key != "record"})
        for action, details in entries
    ]


def test_second_address_is_added_in_its_normal_form_and_found_by_search(pia, now, staff):
    by = staff()

    email = addressing.add_email(
        supporter=pia, address=" Pia@Work.example.org", source="staff", at=now, by=by, use="work"
    )

    pia.refresh_from_db()
    assert (email.address, email.use, email.source, email.status) == (
        "pia@work.example.org",
        "work",
        "staff",
        "good",
    )
    assert pia.email == "pia@example.org"
    assert list(Supporter.objects.search("pia@work.ex")) == [pia]
    assert (feed(pia), trail(), pia.modified_at) == (["email.added"], [("email.added", {})], now)
    assert AuditEntry.objects.get().by == by


def test_address_that_they_have_already_is_not_added_again(pia, now):
    again = addressing.add_email(supporter=pia, address="PIA@example.org", source="api", at=now)

    assert list(pia.emails.all()) == [again]
    assert (feed(pia), trail()) == ([], [])


def test_first_address_becomes_the_one_we_write_to(now):
    paper_signer = SupporterFactory(email="")

    addressing.add_email(supporter=paper_signer, address="p@example.org", source="staff", at=now)

    paper_signer.refresh_from_db()
    assert paper_signer.email == "p@example.org"


def test_address_of_somebody_else_is_refused_with_whose_it_is(pia, now):
    jan = SupporterFactory(email="jan@example.org")

    with pytest.raises(EmailTaken) as refusal:
        addressing.add_email(supporter=pia, address="jan@example.org", source="staff", at=now)

    assert refusal.value.supporter_id == jan.pk
    assert feed(pia) == []


def test_text_that_is_no_address_is_refused(pia, now):
    with pytest.raises(ValueError, match="@"):
        addressing.add_email(supporter=pia, address="pia", source="staff", at=now)


def test_other_address_becomes_primary_and_the_first_one_stays_theirs(pia, now):
    email = addressing.add_email(supporter=pia, address="new@example.org", source="staff", at=now)

    addressing.make_primary(email=email, at=now)
    addressing.make_primary(email=email, at=now)

    pia.refresh_from_db()
    assert pia.email == "new@example.org"
    assert register(email="pia@example.org", at=now) == pia
    assert list(Supporter.objects.search("pia@example")) == [pia]
    assert feed(pia) == ["email.added", "email.made_primary"]


def test_correcting_the_address_keeps_the_old_one_findable(pia, now):
    correct(supporter=pia, email="New@example.org", at=now)

    pia.refresh_from_db()
    assert pia.email == "new@example.org"
    assert sorted(pia.emails.values_list("address", flat=True)) == [
        "new@example.org",
        "pia@example.org",
    ]
    assert list(Supporter.objects.search("pia@example.org")) == [pia]


def test_address_that_was_a_mistake_goes_and_is_not_found_any_more(pia, now):
    email = addressing.add_email(supporter=pia, address="x@example.net", source="staff", at=now)

    addressing.remove_email(email=email, at=now)

    assert list(pia.emails.values_list("address", flat=True)) == ["pia@example.org"]
    assert list(Supporter.objects.search("x@example.net")) == []
    assert feed(pia) == ["email.added", "email.removed"]


def test_only_address_may_go_and_then_there_is_none(pia, now):
    addressing.remove_email(email=pia.emails.get(), at=now)

    pia.refresh_from_db()
    assert (pia.email, pia.emails.count()) == ("", 0)


def test_address_we_write_to_goes_only_after_another_takes_its_place(pia, now):
    first = pia.emails.get()
    other = addressing.add_email(supporter=pia, address="x@example.net", source="staff", at=now)

    with pytest.raises(addressing.StillNeeded):
        addressing.remove_email(email=first, at=now)
    addressing.make_primary(email=other, at=now)
    addressing.remove_email(email=first, at=now)

    assert list(pia.emails.all()) == [other]


@pytest.mark.parametrize("status", ["bouncing", "complained"])
def test_address_that_wants_no_mail_is_not_forgotten_by_removing_it(pia, now, status):
    email = addressing.add_email(supporter=pia, address="x@example.net", source="staff", at=now)
    addressing.change_email(email=email, status=status, at=now)

    with pytest.raises(addressing.StillNeeded):
        addressing.remove_email(email=email, at=now)

    assert EmailAddress.objects.get(address="x@example.net").status == status


def test_address_to_which_mails_went_is_marked_as_old_instead_of_removed(pia, now):
    email = addressing.add_email(supporter=pia, address="x@example.net", source="staff", at=now)
    Mail.objects.create(
        key="k", supporter=pia, to="x@example.net", template="t", language="en", sent_at=now
    )

    with pytest.raises(addressing.StillNeeded):
        addressing.remove_email(email=email, at=now)
    addressing.change_email(email=email, status="old", at=now)

    assert trail()[-1] == ("email.changed", {"fields": ["status"]})


def queue_mail(to, key, now):
    context = {"title": "Stop", "slug": "stop", "token": "t"}
    outbox.queue("already_signed", key=key, to=to, language="en", at=now, context=context)


@pytest.mark.parametrize("status", ["bouncing", "complained", "old"])
def test_nothing_is_sent_to_an_address_that_wants_none_and_that_is_noted(
    pia, now, status, mailoutbox
):
    addressing.change_email(email=pia.emails.get(), status=status, at=now)
    queue_mail(pia, "unwelcome", now)
    queue_mail(SupporterFactory(email="jan@example.org"), "welcome", now)

    run_jobs()

    assert [mail.to for mail in mailoutbox] == [["jan@example.org"]]
    unsent = Mail.objects.get(key="unwelcome")
    assert (unsent.sent_at, unsent.error) == (None, f"address:{status}")
    assert unsent.given_up_at is not None


def test_suppression_follows_the_address_to_another_record(pia, now, mailoutbox):
    """As after a merge: the record that complained is gone, its address is another's."""
    email = pia.emails.get()
    addressing.change_email(email=email, status="complained", at=now)
    kept = SupporterFactory(email="")
    email.supporter = kept
    email.save()
    correct(supporter=kept, email="pia@example.org", at=now)
    queue_mail(kept, "to-kept", now)

    run_jobs()

    assert mailoutbox == []
    assert register(email="pia@example.org", at=now).emails.get().status == "complained"


def test_telephones_are_kept_in_one_notation_once_and_the_first_is_called_first(pia, now):
    mobile = addressing.add_phone(supporter=pia, number="0475 12 34 56", source="staff", at=now)
    again = addressing.add_phone(supporter=pia, number="+32 475/123456", source="api", at=now)
    work = addressing.add_phone(
        supporter=pia, number="06 12 34 56 78", country="FR", use="work", source="staff", at=now
    )

    assert again == mobile
    assert [(phone.number, phone.is_preferred) for phone in pia.phones.order_by("pk")] == [
        ("+32475123456", True),
        ("+33612345678", False),
    ]
    addressing.prefer_phone(phone=work, at=now)
    assert list(pia.phones.filter(is_preferred=True)) == [work]
    assert feed(pia) == ["phone.added", "phone.added", "phone.preferred"]


def test_number_is_dialled_where_the_supporter_lives(now):
    parisian = SupporterFactory(country="FR", postcode="75001")

    phone = addressing.add_phone(supporter=parisian, number="0612345678", source="staff", at=now)

    assert phone.number == "+33612345678"


def test_number_that_is_none_is_refused(pia, now):
    with pytest.raises(ValueError, match=r"."):
        addressing.add_phone(supporter=pia, number="12", source="staff", at=now)

    assert not Phone.objects.exists()


def test_wrong_number_is_not_called_first_any_more(pia, now):
    phone = addressing.add_phone(supporter=pia, number="0475123456", source="staff", at=now)

    addressing.change_phone(phone=phone, status="wrong", at=now)

    phone.refresh_from_db()
    assert (phone.status, phone.is_preferred) == ("wrong", False)


def test_telephone_that_was_a_mistake_goes(pia, now):
    phone = addressing.add_phone(supporter=pia, number="0475123456", source="staff", at=now)

    addressing.remove_phone(phone=phone, at=now)

    assert (pia.phones.count(), feed(pia)) == (0, ["phone.added", "phone.removed"])


def live(supporter, at, **fields):
    place = {"street": "Kouter 1", "postcode": "9000", "town": "Gent", "country": "BE"}
    return addressing.add_address(supporter=supporter, source="staff", at=at, **(place | fields))


def lives(supporter):
    supporter.refresh_from_db()
    return supporter.postcode, supporter.country, supporter.region


def test_first_address_gives_the_supporter_postcode_country_and_region(pia, now):
    home = live(pia, now)
    again = live(pia, now)

    assert (again, home.is_preferred) == (home, True)
    assert lives(pia) == ("9000", "BE", "BE-VOV")
    assert list(Supporter.objects.search("peeters 9000")) == [pia]
    assert feed(pia) == ["address.added"]


def test_second_address_changes_nothing_until_it_is_preferred(pia, now):
    live(pia, now)
    other = live(pia, now, postcode="B-4000", town="Liège")
    before = lives(pia)

    addressing.prefer_address(address=other, at=now)

    assert (before, lives(pia)) == (("9000", "BE", "BE-VOV"), ("4000", "BE", "BE-WLG"))
    assert list(pia.addresses.filter(is_preferred=True)) == [other]


def test_moving_keeps_the_old_address_as_past(pia, now):
    old = live(pia, now)
    new = live(pia, now, street="Rue Haute 1", postcode="1000", town="Bruxelles")

    addressing.retire_address(address=old, ends_on=now.date(), at=now)

    old.refresh_from_db()
    assert (old.status, old.ends_on, old.is_preferred) == ("past", now.date(), False)
    assert list(pia.addresses.filter(is_preferred=True)) == [new]
    assert lives(pia) == ("1000", "BE", "BE-BRU")


def test_who_has_left_their_only_address_lives_we_do_not_know_where(pia, now):
    home = live(pia, now)

    addressing.retire_address(address=home, ends_on=now.date(), at=now)

    assert lives(pia) == ("", "BE", "")


def test_correcting_the_postcode_corrects_the_address_too(pia, now):
    home = live(pia, now)

    correct(supporter=pia, postcode="9050", at=now)

    home.refresh_from_db()
    assert (home.postcode, lives(pia)) == ("9050", ("9050", "BE", "BE-VOV"))


def test_changing_an_address_notes_the_names_of_fields_alone(pia, now):
    home = live(pia, now)

    addressing.change_address(address=home, postcode="9050", status="verified", at=now)

    assert lives(pia)[0] == "9050"
    assert trail()[-1] == ("address.changed", {"fields": ["postcode", "status"]})


@pytest.mark.parametrize("postcode", ["900", "90000", "0900", "gent"])
def test_belgian_postcode_has_four_digits(pia, now, postcode):
    with pytest.raises(BadPostcode):
        live(pia, now, postcode=postcode)

    assert not PostalAddress.objects.exists()


def test_removed_address_is_gone(pia, now):
    addressing.remove_address(address=live(pia, now), at=now)

    assert (pia.addresses.count(), feed(pia)) == (0, ["address.added", "address.removed"])


@pytest.mark.django_db(transaction=True)
def test_addresses_added_at_once_leave_one_that_is_preferred(now):
    pia = SupporterFactory()

    at_once(
        lambda number: live(Supporter.objects.get(pk=pia.pk), now, street=f"Kouter {number}"),
        range(6),
    )

    assert pia.addresses.count() == 6
    assert pia.addresses.filter(is_preferred=True).count() == 1
