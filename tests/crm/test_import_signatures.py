"""Importing signatures: counted exactly, once, and never against somebody's will."""

from datetime import UTC, datetime

import pytest

from crm.campaigns import tallies
from crm.campaigns.comments import Comment
from crm.campaigns.counting import StepTally, WayTally
from crm.campaigns.models import Signature
from crm.mailing.models import Mail
from crm.people.models import Supporter
from crm.privacy.models import Consent, ConsentState
from tests.conftest import NOW
from tests.crm.lists import checked, counts, described, imported, outcomes, reasons
from tests.factories import SignatureFactory, SupporterFactory, WordingFactory

pytestmark = pytest.mark.django_db
SHEET = (
    "Email,First name,Last name,Postcode,Date,Language,Comment,Newsletter\n"
    "anne@example.org,Anne,Dupont,1050,03/02/2025,fr,Bravo,oui\n"
    ",Bram,Peeters,9000,04/02/2025,nl,,nee\n"
    "Anne@example.org,Anne,Dupont,1050,05/02/2025,fr,,\n"
)


def sheet(campaign, text=SHEET, **options):
    return imported(text, kind="signatures", campaign=campaign.pk, consent="Paper form", **options)


def test_paper_signatures_are_confirmed_and_counted(campaign):
    batch = sheet(campaign)

    anne = Signature.objects.get(supporter__email="anne@example.org")
    assert outcomes(batch) == [(2, "c"), (3, "c"), (4, "=")]
    assert tallies.count(campaign) == 2
    assert (anne.status, anne.source.channel, anne.language) == ("confirmed", "import", "fr")
    assert (anne.country, anne.region, anne.way) == ("BE", "BE-BRU", "taken-over")
    assert anne.signed_at == anne.confirmed_at == datetime(2025, 2, 3, 11, 0, tzinfo=UTC)
    assert Comment.objects.get().text == "Bravo"
    assert Mail.objects.count() == 0
    tallies.fold()
    assert tallies.count(campaign) == 2
    assert set(WayTally.objects.values_list("way", "number")) == {("taken-over", 1)}
    assert not StepTally.objects.exists()
    assert list(campaign.signatures.values_list("modified_at", flat=True)) == [NOW, NOW]


def test_pending_signatures_do_not_count(campaign):
    sheet(campaign, status="pending")

    assert tallies.count(campaign) == 0
    assert set(Signature.objects.values_list("status", "confirmed_at")) == {("pending", None)}


def test_same_sheet_again_changes_nothing(campaign):
    sheet(campaign)

    again = sheet(campaign)

    assert counts(again) == {"unchanged": 3}
    assert tallies.count(campaign) == 2
    assert Consent.objects.count() == 1


def test_who_withdrew_is_not_signed_up_again(campaign):
    signer = SupporterFactory(email="anne@example.org", postcode="", family_name="")
    SignatureFactory(campaign=campaign, supporter=signer, status="withdrawn")

    batch = sheet(campaign)

    signer.refresh_from_db()
    assert outcomes(batch) == [(2, "s"), (3, "c"), (4, "s")]
    assert reasons(batch) == {2: ["withdrawn"], 4: ["withdrawn"]}
    assert (signer.postcode, signer.family_name) == ("", "")
    assert tallies.count(campaign) == 1


def test_known_person_signs_once(campaign):
    signer = SupporterFactory(email="anne@example.org")
    SignatureFactory(campaign=campaign, supporter=signer)

    batch = sheet(campaign)

    assert outcomes(batch) == [(2, "u"), (3, "c"), (4, "=")]
    assert Signature.objects.filter(supporter=signer).count() == 1


def test_only_adding_new_people_still_adds_the_signatures_of_others(campaign):
    signer = SupporterFactory(email="anne@example.org", postcode="")

    batch = sheet(campaign, mode="new")

    signer.refresh_from_db()
    assert outcomes(batch) == [(2, "c"), (3, "c"), (4, "=")]
    assert signer.postcode == ""
    assert Signature.objects.filter(supporter=signer).exists()


def test_yes_is_written_down_with_where_it_was_said(campaign):
    wording = WordingFactory()

    batch = sheet(campaign, wording=wording.pk)

    said = Consent.objects.get()
    assert (said.given, said.wording, said.source) == (
        True,
        wording,
        f"import:{batch.pk}: Paper form",
    )
    assert said.at == datetime(2025, 2, 3, 11, 0, tzinfo=UTC)
    assert ConsentState.objects.get().given is True


def test_yes_never_undoes_a_no_and_no_always_holds():
    refused = SupporterFactory(email="anne@example.org")
    agreed = SupporterFactory(email="bram@example.org")
    ConsentState.objects.create(
        supporter=refused, channel="email", purpose="newsletter", given=False, since=NOW
    )
    ConsentState.objects.create(
        supporter=agreed, channel="email", purpose="newsletter", given=True, since=NOW
    )

    batch = imported(
        "Email,Newsletter\nanne@example.org,yes\nbram@example.org,no\nc@example.org,\n",
        consent="Old list",
        mode="new",
    )

    assert outcomes(batch) == [(2, "s"), (3, "u"), (4, "c")]
    states = dict(ConsentState.objects.values_list("supporter__email", "given"))
    assert states == {"anne@example.org": False, "bram@example.org": False}
    assert list(Consent.objects.values_list("supporter__email", "given")) == [
        ("bram@example.org", False)
    ]


def test_yes_and_no_in_one_file_is_no():
    imported(
        "Email,Newsletter\nanne@example.org,yes\nanne@example.org,no\nanne@example.org,yes\n",
        consent="Old list",
    )

    assert ConsentState.objects.get().given is False


def test_who_is_imported_without_a_word_is_not_subscribed():
    imported("Email\nanne@example.org\n")

    assert Supporter.objects.count() == 1
    assert not ConsentState.objects.exists()


def test_check_of_a_sheet_counts_nothing(campaign):
    batch = described(SHEET, kind="signatures", campaign=campaign.pk, consent="Paper form")

    checked(batch)

    assert counts(batch) == {"created": 2, "unchanged": 1}
    assert not Signature.objects.exists()
    assert not Supporter.objects.exists()
    assert tallies.count(campaign) == 0
