"""Sheets of paper: what they count, when they are corrected, withdrawn, and named."""

from datetime import date, timedelta

import pytest

from crm.audit import AuditEntry
from crm.campaigns import tallies
from crm.campaigns.breakdown import breakdown_of
from crm.campaigns.counting import (
    DayTally,
    RegionTally,
    SignatureDelta,
    Step,
    StepTally,
    WayTally,
)
from crm.campaigns.entering_sheets import (
    DoesNotAddUp,
    MoreNamed,
    NotCollectedYet,
    SheetGone,
    SheetsKnown,
    correct_sheet,
    withdraw_sheet,
)
from crm.campaigns.models import Signature
from crm.campaigns.naming_lines import LooksLike, NoLineLeft, SignedAlready, name_line, name_new
from crm.campaigns.operations import withdraw
from crm.campaigns.sheets import Sheet
from crm.mailing.models import Mail
from crm.people.merging import merge
from crm.people.models import Change, Supporter
from crm.privacy.models import Consent
from tests.factories import AT, CampaignFactory, SignatureFactory, SupporterFactory, WordingFactory
from tests.sheet_factories import counted, enter, row

pytestmark = pytest.mark.django_db


def by_day(campaign):
    tallies.fold()
    found = DayTally.objects.filter(campaign=campaign).exclude(number=0)
    return {tally.day: tally.number for tally in found}


def test_sheet_counts_its_valid_lines_on_its_last_day_where_it_was_collected(campaign):
    enter(campaign, row(valid=18, struck=2, region="BE-WNA"))

    assert tallies.count(campaign) == 18
    assert by_day(campaign) == {date(2026, 2, 20): 18}
    assert [(t.way, t.number) for t in WayTally.objects.all()] == [("paper", 18)]
    assert [(t.country, t.region, t.number) for t in RegionTally.objects.all()] == [
        ("BE", "BE-WNA", 18)
    ]
    assert not StepTally.objects.exists()


def test_sheets_of_one_place_and_day_are_one_row_of_the_counter(campaign):
    enter(campaign, row("1", valid=10), row("2", valid=5), row("3", valid=0, struck=4))

    assert [delta.number for delta in SignatureDelta.objects.all()] == [15]


def test_sheet_that_does_not_add_up_is_refused_with_the_difference(campaign):
    with pytest.raises(DoesNotAddUp) as refused:
        enter(campaign, row("1"), row("2", lines=21))

    assert (refused.value.number, refused.value.difference) == ("2", 1)
    assert (Sheet.objects.count(), tallies.count(campaign)) == (0, 0)


def test_number_that_is_known_is_refused_with_all_of_the_pile(campaign):
    enter(campaign, row("1"))

    with pytest.raises(SheetsKnown) as refused:
        enter(campaign, row("2"), row("1"))

    assert refused.value.numbers == ["1"]
    assert Sheet.objects.count() == 1


def test_number_twice_in_a_pile_is_refused(campaign):
    with pytest.raises(SheetsKnown):
        enter(campaign, row("1"), row("1"))


def test_same_number_belongs_to_another_campaign(campaign):
    enter(campaign, row("1"))
    enter(CampaignFactory(), row("1"))

    assert Sheet.objects.count() == 2


@pytest.mark.parametrize(
    "days",
    [
        {"ends_on": date(2026, 3, 2)},
        {"begins_on": date(2026, 2, 21), "ends_on": date(2026, 2, 20)},
    ],
)
def test_sheet_is_of_days_that_were(campaign, days):
    with pytest.raises(NotCollectedYet):
        enter(campaign, row(**days))


def test_correction_appends_the_difference(campaign, now):
    sheet = enter(campaign, row(valid=18, struck=2))
    tallies.fold()

    correct_sheet(sheet=sheet, at=now, valid=17, struck=3)

    assert [delta.number for delta in SignatureDelta.objects.all()] == [-1]
    assert tallies.count(campaign) == 17


def test_correction_of_day_and_place_moves_what_was_counted(campaign, now):
    sheet = enter(campaign, row(valid=18))
    name_line(sheet=sheet, supporter=SupporterFactory(), at=AT)

    correct_sheet(
        sheet=sheet, at=now, ends_on=date(2026, 2, 10), region="BE-WLG", channel="partner"
    )

    assert by_day(campaign) == {date(2026, 2, 10): 18}
    regions = RegionTally.objects.exclude(number=0)
    assert [(t.region, t.number) for t in regions] == [("BE-WLG", 18)]
    named = Signature.objects.get()
    assert (named.region, named.source.channel) == ("BE-WLG", "partner")
    assert named.confirmed_at.date() == date(2026, 2, 10)


def test_correction_that_changes_nothing_leaves_no_trace(campaign, now):
    sheet = enter(campaign)
    entries = AuditEntry.objects.count()

    correct_sheet(sheet=sheet, at=now, valid=18, channel="street")

    assert AuditEntry.objects.count() == entries
    assert SignatureDelta.objects.count() == 1


def test_correction_is_checked_as_the_entry_was(campaign, now):
    sheet = enter(campaign, row("1"))
    enter(campaign, row("2"))

    with pytest.raises(DoesNotAddUp):
        correct_sheet(sheet=sheet, at=now, valid=19)
    with pytest.raises(SheetsKnown):
        correct_sheet(sheet=sheet, at=now, number="2")
    assert tallies.count(campaign) == 36


def test_withdrawn_sheet_is_uncounted_on_its_day_once(campaign, now, staff):
    sheet, by = enter(campaign), staff()

    answers = [withdraw_sheet(sheet=sheet, at=now, by=by) for _time in range(2)]

    assert answers == [True, False]
    assert tallies.count(campaign) == 0
    assert by_day(campaign) == {}
    assert AuditEntry.objects.get(action="sheet.withdrawn").by == by


def test_withdrawn_sheet_is_neither_corrected_nor_named(campaign, now):
    sheet = enter(campaign)
    withdraw_sheet(sheet=sheet, at=now)

    with pytest.raises(SheetGone):
        correct_sheet(sheet=sheet, at=now, valid=17, struck=3)
    with pytest.raises(SheetGone):
        name_line(sheet=sheet, supporter=SupporterFactory(), at=now)


def test_named_line_adds_nothing_and_mails_nobody(campaign, now):
    sheet, person = enter(campaign), SupporterFactory()

    signature = name_line(sheet=sheet, supporter=person, at=now)

    assert tallies.count(campaign) == 18
    assert (signature.status, signature.way, signature.sheet) == ("confirmed", "paper", sheet)
    assert (Mail.objects.count(), Consent.objects.count()) == (0, 0)
    assert Change.objects.filter(supporter=person, kind="signature.confirmed").exists()


def test_named_line_that_is_withdrawn_makes_the_sheet_count_one_less(campaign, now):
    sheet, person = enter(campaign), SupporterFactory()
    signature = name_line(sheet=sheet, supporter=person, at=AT)

    withdraw(signature=signature, at=now)

    sheet.refresh_from_db()
    signature.refresh_from_db()
    assert (sheet.lines, sheet.valid, sheet.struck, signature.sheet) == (20, 17, 3, None)
    assert tallies.count(campaign) == 17
    assert by_day(campaign) == {date(2026, 2, 20): 17}
    assert [(t.way, t.number) for t in WayTally.objects.all()] == [("paper", 17)]


def test_sheet_with_a_struck_name_is_withdrawn_by_what_it_still_counts(campaign, now):
    sheet = enter(campaign)
    withdraw(signature=name_line(sheet=sheet, supporter=SupporterFactory(), at=AT), at=AT)
    name_line(sheet=sheet, supporter=SupporterFactory(), at=AT)

    withdraw_sheet(sheet=sheet, at=now)

    assert tallies.count(campaign) == 0
    states = Signature.objects.values_list("status", "sheet")
    assert list(states) == [("withdrawn", None), ("withdrawn", None)]


def test_line_of_whom_turns_out_to_have_signed_online_counts_no_longer(campaign, now):
    sheet, online = enter(campaign), counted(campaign)
    line = name_line(sheet=sheet, supporter=SupporterFactory(), at=AT)

    merge(kept=online.supporter, lost=line.supporter, at=now)
    assert tallies.count(campaign) == 18
    correct_sheet(sheet=sheet, at=now, region="BE-WLG")
    assert tallies.count(campaign) == 18
    withdraw_sheet(sheet=sheet, at=now)

    assert tallies.count(campaign) == 1
    regions = RegionTally.objects.exclude(number=0)
    tallies.fold()
    assert [(tally.region, tally.number) for tally in regions.all()] == [("BE-BRU", 1)]


def test_no_more_lines_are_named_than_are_valid(campaign, now):
    sheet = enter(campaign, row(valid=1, struck=0))
    name_line(sheet=sheet, supporter=SupporterFactory(), at=now)

    with pytest.raises(NoLineLeft):
        name_line(sheet=sheet, supporter=SupporterFactory(), at=now)


def test_correction_leaves_room_for_the_names(campaign, now):
    sheet = enter(campaign, row(valid=2, struck=0))
    for _line in range(2):
        name_line(sheet=sheet, supporter=SupporterFactory(), at=now)

    with pytest.raises(MoreNamed) as refused:
        correct_sheet(sheet=sheet, at=now, valid=1, struck=1)

    assert refused.value.named == 2


def test_historical_bundle_counts_by_its_own_name_and_is_never_named(campaign, now):
    bundle = enter(campaign, row("Shops", valid=102_911, struck=0), way="historical")

    with pytest.raises(NoLineLeft):
        name_line(sheet=bundle, supporter=SupporterFactory(), at=now)

    assert breakdown_of(campaign).ways["historical"] == tallies.count(campaign) == 102_911
    assert Supporter.objects.count() == 1  # whom the test made


def test_who_signed_already_is_not_named_again(campaign, now):
    sheet, signature = enter(campaign), counted(campaign)

    with pytest.raises(SignedAlready) as refused:
        name_line(sheet=sheet, supporter=signature.supporter, at=now)

    assert refused.value.signature == signature
    assert tallies.count(campaign) == 19


def test_paper_confirms_what_was_never_confirmed_online(campaign, now):
    pending, sheet = SignatureFactory(campaign=campaign), enter(campaign)

    name_line(sheet=sheet, supporter=pending.supporter, at=now)

    pending.refresh_from_db()
    assert (pending.status, pending.way, pending.sheet) == ("confirmed", "paper", sheet)
    assert tallies.count(campaign) == 18


def test_new_name_makes_a_supporter_without_an_address(campaign, now):
    sheet = enter(campaign)

    signature = name_new(
        sheet=sheet, person={"given_name": "Ann", "family_name": "Adam", "email": ""}, at=now
    )

    assert (signature.supporter.full_name, signature.supporter.language) == ("Ann Adam", "fr")


def test_address_we_know_is_whose_it_is(campaign, now):
    sheet, known = enter(campaign), SupporterFactory(email="ann@example.org")

    signature = name_new(
        sheet=sheet,
        person={"given_name": "A.", "family_name": "Adam", "email": "Ann@example.org"},
        at=now,
    )

    assert signature.supporter == known


def test_somebody_who_looks_alike_is_asked_about_first(campaign, now):
    sheet = enter(campaign)
    known = SupporterFactory(given_name="Annabelle", family_name="Adamczyk", postcode="5000")
    person = {"given_name": "Annabelle", "family_name": "Adamczyk", "postcode": "5000"}

    with pytest.raises(LooksLike) as refused:
        name_new(sheet=sheet, person=person, at=now)
    made = name_new(sheet=sheet, person=person, at=now, is_somebody_else=True)

    assert refused.value.people == [known]
    assert made.supporter != known


def test_box_that_was_ticked_on_the_paper_is_a_consent_with_its_words(campaign, now):
    sheet, person = enter(campaign), SupporterFactory()
    wording = WordingFactory()

    name_line(sheet=sheet, supporter=person, at=now, wording=wording)

    consent = Consent.objects.get()
    assert (consent.supporter, consent.wording, consent.given) == (person, wording, True)
    assert consent.evidence == {"said": "paper", "sheet": "B-001"}
    assert consent.at.date() == date(2026, 2, 20)


def test_breakdown_adds_up_to_the_counter_folded_or_not(campaign, now):
    counted(campaign)
    enter(campaign, row("1"))
    tallies.fold()
    enter(campaign, row("Shops", valid=50, struck=0), way="historical")
    withdraw(signature=counted(campaign), at=now + timedelta(hours=1))
    tallies.note_step(signature=SignatureFactory(campaign=campaign), step=Step.SUBMIT, at=now)

    parts = breakdown_of(campaign)

    assert parts.ways == {"online": 1, "paper": 18, "taken-over": 0, "historical": 50}
    assert parts.total == tallies.count(campaign) == 69
