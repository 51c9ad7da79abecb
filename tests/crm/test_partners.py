"""Partners of The Code: taken on, signing, criteria, reports, leaving."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.access import Role
from crm.audit import AuditEntry, subject_of
from crm.people.attaching import KindRefused
from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.notes import Task
from crm.people.operations import EmailTaken
from crm.people.relating import NotAnOrganisation
from crm.programmes import chasing, partnering
from crm.programmes.partners import CriterionState, Partner, PartnerReport
from tests.factories import SupporterFactory
from tests.jobs import run_periodic
from tests.partner_factories import CriterionStateFactory, OrganisationFactory, PartnerFactory

pytestmark = pytest.mark.django_db
SIGNED, DUE = date(2025, 2, 10), date(2026, 2, 10)


@pytest.fixture
def carla(staff):
    return staff(Role.CAMPAIGNER)


@pytest.fixture
def who(carla, now):
    return {"at": now, "by": carla}


@pytest.fixture
def partner(who):
    """A hotel that signed on 10 February 2025."""
    hotel = OrganisationFactory()
    return partnering.take_on(organisation=hotel, sector="hotel", signed_on=SIGNED, **who)


def told(partner):
    entries = AuditEntry.objects.filter(subject=subject_of(partner)).order_by("pk")
    return [(entry.action, entry.details) for entry in entries]


def reports(partner):
    found = PartnerReport.objects.filter(partner=partner).order_by("due_on")
    return list(found.values_list("year", "due_on", "received_on"))


def due(partner):
    return Partner.objects.get(pk=partner.pk).next_report_on


def test_organisation_that_we_know_is_taken_on_and_prepares(who):
    hotel = OrganisationFactory()

    partner = partnering.take_on(organisation=hotel, sector="hotel", **who)

    assert (partner.organisation, partner.sector, partner.signed_on) == (hotel, "hotel", None)
    assert (list(Partner.objects.preparing()), list(Partner.objects.active())) == ([partner], [])
    assert told(partner) == [("partner.added", {})]


def test_organisation_is_entered_with_its_partnership(who):
    entered = {"family_name": "Hotel Les Essais", "email": "info@essais.example"}

    partner = partnering.take_on(entered=entered, sector="hotel", **who)

    organisation = Supporter.objects.get()
    assert (organisation.kind, str(organisation)) == ("organisation", "Hotel Les Essais")
    assert (partner.organisation, organisation.source) == (organisation, "staff")


def test_address_of_somebody_we_know_is_refused_and_nothing_is_written(who):
    SupporterFactory(email="info@essais.example")

    with pytest.raises(EmailTaken):
        partnering.take_on(
            entered={"family_name": "Essais", "email": "info@essais.example"}, sector="hotel", **who
        )

    assert Partner.objects.count() == 0


def test_person_is_no_partner(who):
    with pytest.raises(NotAnOrganisation):
        partnering.take_on(organisation=SupporterFactory(), sector="hotel", **who)


def test_organisation_is_a_partner_once(partner, who):
    with pytest.raises(partnering.AlreadyPartner) as error:
        partnering.take_on(organisation=partner.organisation, sector="hotel", **who)

    assert error.value.partner_id == partner.pk


def test_first_report_is_due_a_year_after_signing(partner):
    assert (due(partner), reports(partner)) == (DUE, [(2026, DUE, None)])


def test_partner_of_a_leap_day_reports_on_the_last_of_february(who):
    hotel, day = OrganisationFactory(), date(2024, 2, 29)

    partner = partnering.take_on(organisation=hotel, sector="hotel", signed_on=day, **who)

    assert due(partner) == date(2025, 2, 28)


def test_signing_twice_changes_nothing(partner, who):
    assert not partnering.sign_code(partner=partner, signed_on=date(2025, 6, 1), **who)

    assert (Partner.objects.get().signed_on, len(reports(partner))) == (SIGNED, 1)


def test_received_report_meets_its_criterion_and_the_next_is_due_a_year_later(partner, who):
    day = date(2026, 3, 2)

    partnering.receive_report(partner=partner, received_on=day, **who)

    next_due = date(2027, 2, 10)
    assert reports(partner) == [(2026, DUE, day), (2027, next_due, None)]
    assert due(partner) == next_due
    state = CriterionState.objects.get()
    assert (state.criterion, state.state, state.since) == (6, "met", day)


def test_report_that_comes_years_late_leaves_the_next_still_to_come(partner, who):
    partnering.receive_report(partner=partner, received_on=date(2028, 2, 10), **who)

    assert due(partner) == date(2029, 2, 10)


def test_report_that_comes_early_moves_the_next_by_one_year_only(partner, who):
    partnering.receive_report(partner=partner, received_on=date(2025, 12, 1), **who)

    assert due(partner) == date(2027, 2, 10)


def test_report_cannot_come_before_the_partner_signed(partner, who):
    with pytest.raises(partnering.WrongDay):
        partnering.receive_report(partner=partner, received_on=date(2025, 1, 1), **who)

    assert due(partner) == DUE


def test_who_prepares_reports_nothing_and_leaves_nothing(who):
    partner = PartnerFactory()

    with pytest.raises(partnering.NotActive):
        partnering.receive_report(partner=partner, received_on=date(2026, 1, 1), **who)
    with pytest.raises(partnering.NotActive):
        partnering.leave(partner=partner, left_on=date(2026, 1, 1), **who)


def test_partner_that_leaves_owes_no_report_and_may_sign_again(partner, who):
    left, again = date(2026, 1, 15), date(2026, 2, 1)

    partnering.leave(partner=partner, left_on=left, **who)

    gone = Partner.objects.get()
    assert (gone.left_on, gone.next_report_on, reports(partner)) == (left, None, [])
    assert list(Partner.objects.left()) == [gone]
    with pytest.raises(partnering.WrongDay):
        partnering.sign_code(partner=partner, signed_on=date(2026, 1, 1), **who)

    assert partnering.sign_code(partner=partner, signed_on=again, **who)

    assert (list(Partner.objects.active()), due(partner)) == ([gone], date(2027, 2, 1))


def test_partner_does_not_leave_before_it_signed(partner, who):
    with pytest.raises(partnering.WrongDay):
        partnering.leave(partner=partner, left_on=date(2025, 2, 9), **who)


def test_partners_of_a_day_are_those_that_signed_and_had_not_left(partner, who):
    partnering.leave(partner=partner, left_on=date(2026, 1, 15), **who)

    days = [SIGNED - timedelta(days=1), SIGNED, date(2026, 1, 14), date(2026, 1, 15)]
    assert [Partner.objects.active(day).count() for day in days] == [0, 1, 1, 0]


def test_partner_whose_record_was_merged_into_another_is_not_counted_twice(partner):
    other = PartnerFactory(signed_on=SIGNED)
    Supporter.objects.filter(pk=partner.organisation_id).update(merged_into=other.organisation)

    assert list(Partner.objects.active()) == [other]


def test_state_of_a_criterion_is_written_with_what_shows_it(partner, who):
    day = date(2026, 1, 5)
    partnering.set_state(partner=partner, criterion=1, state="begun", since=day, **who)
    upload = SimpleUploadedFile("policy.pdf", b"%PDF-1.4 policy")

    partnering.set_state(
        partner=partner,
        criterion=1,
        state="met",
        since=day,
        evidence="Signed",
        upload=upload,
        **who,
    )

    row = CriterionState.objects.get()
    assert (row.state, row.since, row.evidence) == ("met", day, "Signed")
    assert row.file == StoredFile.objects.get(supporter=partner.organisation, name="policy.pdf")
    assert told(partner)[-2:] == [
        ("partner.criterion", {"criterion": 1, "state": "begun"}),
        ("partner.criterion", {"criterion": 1, "state": "met"}),
    ]


def test_file_stays_where_no_new_one_comes_and_the_same_again_is_no_news(partner, who):
    upload = SimpleUploadedFile("policy.pdf", b"%PDF-1.4 policy")
    same = {"partner": partner, "criterion": 1, "state": "met", "since": date(2026, 1, 5), **who}
    first = partnering.set_state(**same, upload=upload)
    number = len(told(partner))

    second = partnering.set_state(**same)

    assert (second.file, len(told(partner))) == (first.file, number)


def test_criterion_that_has_not_begun_has_no_row(partner, who):
    CriterionStateFactory(partner=partner)

    partnering.set_state(partner=partner, criterion=1, state="", **who)

    assert CriterionState.objects.count() == 0
    assert told(partner)[-1] == ("partner.criterion", {"criterion": 1, "state": ""})


def test_refused_file_leaves_everything_as_it_was(partner, who):
    upload = SimpleUploadedFile("policy.exe", b"MZ")

    with pytest.raises(KindRefused):
        partnering.set_state(partner=partner, criterion=1, state="met", upload=upload, **who)

    assert (CriterionState.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_report_is_put_off(partner, who):
    later = date(2026, 5, 1)

    changed = partnering.change_partner(partner=partner, report_on=later, sector="travel", **who)

    assert changed == ["sector", "next_report_on"]
    assert (due(partner), reports(partner)) == (later, [(2026, later, None)])


def test_nothing_is_put_off_where_nothing_is_due(who):
    with pytest.raises(partnering.NotActive):
        partnering.change_partner(partner=PartnerFactory(), report_on=DUE, **who)


def test_who_accompanies_a_partner_is_asked_for_its_late_report_once(partner, carla, who, now):
    partnering.change_partner(partner=partner, responsible=carla, **who)
    day = DUE + timedelta(days=1)

    asked = [chasing.chase_reports(day=each, at=now) for each in (DUE, day, day)]

    task = Task.objects.get()
    assert asked == [0, 1, 0]
    assert (task.supporter, task.assigned_to, task.due_on) == (partner.organisation, carla, day)


def test_colleague_who_is_gone_is_not_asked(partner, carla, who, now):
    partnering.change_partner(partner=partner, responsible=carla, **who)
    carla.is_active = False
    carla.save()

    chasing.chase_reports(day=DUE + timedelta(days=1), at=now)

    assert Task.objects.get().assigned_to is None


def test_task_is_done_when_the_report_comes(partner, who, now):
    chasing.chase_reports(day=DUE + timedelta(days=1), at=now)

    partnering.receive_report(partner=partner, received_on=date(2026, 3, 2), **who)

    assert Task.objects.get().done_at == now


def test_report_put_off_after_it_was_asked_for_is_asked_for_again_when_that_day_has_passed(
    partner, who, now
):
    chasing.chase_reports(day=DUE + timedelta(days=1), at=now)
    Task.objects.update(done_at=now)
    later = date(2026, 5, 1)

    partnering.change_partner(partner=partner, report_on=later, **who)

    days = [later, later + timedelta(days=1)]
    assert [chasing.chase_reports(day=day, at=now) for day in days] == [0, 1]


def test_partner_that_left_is_asked_nothing(partner, who, now):
    partnering.leave(partner=partner, left_on=date(2026, 2, 11), **who)

    assert chasing.chase_reports(day=date(2026, 3, 1), at=now) == 0


def test_job_asks_for_what_is_late_today(partner):
    Partner.objects.update(next_report_on=SIGNED)
    PartnerReport.objects.update(due_on=SIGNED)

    run_periodic("programmes.chase_reports")
    run_periodic("programmes.chase_reports")

    assert Task.objects.count() == 1
