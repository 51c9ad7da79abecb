"""What the demo holds of partners of The Code, of networks, and of institutional partners."""

import io
from collections import Counter
from datetime import date

import pytest
from django.db import transaction
from django.db.models import Count, F, Max, Q

from crm.audit import AuditEntry
from crm.demo import load
from crm.demo.moments import midnight
from crm.people.households import Relationship
from crm.people.models import Change, Supporter
from crm.people.notes import Task
from crm.programmes import chasing
from crm.programmes.networks import Affiliation, Network
from crm.programmes.partners import CriterionState, Partner, PartnerReport

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 14)


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker):
    """The demo, loaded once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        load.load(today=TODAY, signatures=300, gifts=80, out=io.StringIO())
        yield
        transaction.set_rollback(True)


def test_seventy_six_hotels_and_schools_are_partners():
    sectors = Counter(Partner.objects.active(TODAY).values_list("sector", flat=True))

    assert sectors == {"hotel": 60, "school": 16}
    assert (Partner.objects.preparing().count(), Partner.objects.left().count()) == (4, 3)


def test_international_network_has_a_hundred_and_two_members_in_a_hundred_countries():
    members = Affiliation.objects.on(TODAY).filter(network__is_international=True)

    assert members.count() == 102
    countries = members.values("organisation__country").distinct().count()
    assert (countries, members.filter(organisation__country="BE").count()) == (100, 1)
    assert set(Network.objects.values_list("name", flat=True)) == {
        "ECPAT International",
        "CODE",
        "KIRECO",
    }


def test_institutional_partners_are_those_of_the_brochure():
    kinds = Counter(Affiliation.objects.on(TODAY).values_list("kind", flat=True))

    assert {kind: kinds[kind] for kind in ("public", "private", "ngo")} == {
        "public": 4,
        "private": 2,
        "ngo": 3,
    }
    names = Affiliation.objects.filter(kind="ngo").order_by("pk")
    assert [str(each.organisation) for each in names] == [
        "Plan",
        "Child Focus",
        "Fondation Samilia",
    ]


def test_criteria_are_in_different_states_and_what_is_met_has_its_evidence():
    states = Counter(CriterionState.objects.values_list("state", flat=True))
    full = Partner.objects.annotate(met=Count("criteria", filter=Q(criteria__state="met"))).filter(
        met=6
    )

    assert set(states) == {"met", "begun", "lapsed"}
    assert min(states.values()) > 10
    assert 5 < full.count() < 50
    assert not CriterionState.objects.filter(state="met", evidence="").exists()
    assert not CriterionState.objects.filter(since__gte=TODAY).exists()
    assert not CriterionState.objects.filter(since__lt=F("partner__signed_on")).exists()


def test_each_partner_owes_one_report_and_some_are_overdue():
    owed = PartnerReport.objects.filter(received_on=None)

    assert owed.filter(due_on=F("partner__next_report_on")).count() == owed.count() == 76
    assert 3 < Partner.objects.overdue(TODAY).count() < 25
    received = PartnerReport.objects.exclude(received_on=None)
    assert received.count() > 150
    assert received.aggregate(last=Max("received_on"))["last"] < TODAY


def test_what_is_overdue_was_asked_for_and_nothing_is_left_to_ask():
    late = Partner.objects.overdue(TODAY).count()

    tasks = Task.objects.filter(supporter__partner__isnull=False)
    assert (tasks.count(), chasing.chase_reports(day=TODAY, at=midnight(TODAY))) == (late, 0)
    assert 0 < tasks.to_do().count() < late
    assert tasks.filter(created_at__gte=midnight(TODAY)).count() == 0


def test_organisations_are_written_as_staff_would_have_entered_them():
    partners = Supporter.objects.filter(Q(partner__isnull=False) | Q(affiliations__isnull=False))

    assert set(partners.values_list("kind", "source")) == {("organisation", "staff")}
    assert partners.exclude(emails__address=F("email")).count() == 0
    told = Change.objects.filter(supporter__in=partners, kind="registered")
    assert told.count() == partners.distinct().count()


def test_every_partner_has_somebody_whom_one_calls():
    contacts = Relationship.objects.filter(other__partner__isnull=False, is_main_contact=True)

    assert contacts.values("other").distinct().count() == contacts.count() == 76


def test_pages_tell_who_did_what():
    told = AuditEntry.objects.filter(action__startswith="partner.")

    assert set(told.values_list("action", flat=True)) == {
        "partner.added",
        "partner.signed",
        "partner.criterion",
        "partner.reported",
        "partner.left",
    }
    assert not told.filter(Q(by=None) | Q(at__gte=midnight(TODAY))).exists()
