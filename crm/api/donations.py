"""Donations: gifts that were paid, and what was paid back of them."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from crm.api.hal import NAMESPACE, SYSTEM, Json, link, stamp
from crm.api.listing import Listing, Resource, Single
from crm.api.models import Scope
from crm.api.moved import FollowsMerges
from crm.api.odata import moment_of
from crm.api.schema import LINKS, described, item
from crm.api.signatures import link_to_person
from crm.donations.models import Entry, Gift, Method, Plan
from crm.lib.money import from_minor
from crm.people.models import Supporter

# The words of Action Network where it has one.
METHODS = {
    Method.CARD: "Credit Card",
    Method.BANCONTACT: "Bancontact",
    Method.IDEAL: "iDEAL",
    Method.SEPA_DEBIT: "SEPA Direct Debit",
    Method.BANK_TRANSFER: "Bank Transfer",
    Method.CASH: "Cash",
    Method.CHEQUE: "Check",
    Method.OTHER: "Other",
}
PERIODS: dict[str, str] = {Plan.Interval.MONTH: "Monthly", Plan.Interval.YEAR: "Yearly"}
NEVER = {"recurring": False}
BACK = [Entry.Kind.REFUND, Entry.Kind.DISPUTE, Entry.Kind.REVERSAL]
AMOUNT_HELP = "In the currency's main unit, as text."
DONATION = item(
    "Donation",
    {
        "action_date": serializers.DateTimeField(),
        "currency": serializers.CharField(),
        "amount": serializers.CharField(help_text=AMOUNT_HELP),
        "credited_amount": serializers.CharField(
            help_text="What went back: refunds and chargebacks, less those that were undone."
        ),
        "credited_date": serializers.DateTimeField(allow_null=True),
        "voided": serializers.BooleanField(),
        "recipients": inline_serializer(
            "DonationRecipient",
            {"display_name": serializers.CharField(), "amount": serializers.CharField()},
            many=True,
        ),
        "payment": inline_serializer(
            "DonationPayment",
            {
                "method": serializers.ChoiceField(list(METHODS.values())),
                "reference_number": serializers.CharField(),
                "authorization_stored": serializers.BooleanField(),
            },
        ),
        "soutien:recurrence": inline_serializer(
            "DonationRecurrence",
            {
                "recurring": serializers.BooleanField(),
                "period": serializers.ChoiceField(list(PERIODS.values()), required=False),
            },
        ),
        "soutien:status": serializers.ChoiceField([Gift.Status.PAID.value]),
        "soutien:received_on": serializers.DateField(),
        "_links": LINKS,
    },
)


class Donations(Resource):
    resource, rel = "osdi:donation", "osdi:donations"
    scopes = {"GET": frozenset({Scope.READ_DONATIONS})}
    fields = {
        "created_date": moment_of("given_at"),
        "modified_date": moment_of("modified_at"),
    }

    def rows(self, **parents: Any) -> QuerySet:
        back = Entry.objects.filter(kind__in=BACK).order_by("at", "pk")
        paid = Gift.objects.of_money().select_related("supporter", "plan")
        return paid.prefetch_related(Prefetch("entries", back, to_attr="back"))

    def show(self, row: Any) -> Json:
        amount = money(row.amount, row.currency)
        credited, credited_at = credited_of(row)
        return {
            "identifiers": [f"{NAMESPACE}:{row.public_id}"],
            "origin_system": SYSTEM,
            "created_date": stamp(row.given_at),
            "modified_date": stamp(row.modified_at),
            "action_date": stamp(row.given_at),
            "currency": row.currency,
            "amount": amount,
            "credited_amount": money(credited, row.currency),
            "credited_date": stamp(credited_at) if credited_at else None,
            "voided": False,
            "recipients": [{"display_name": settings.ORGANISATION_NAME, "amount": amount}],
            "payment": {
                "method": METHODS[row.method],
                "reference_number": row.reference,
                "authorization_stored": row.plan_id is not None,
            },
            "soutien:recurrence": recurrence(row),
            "soutien:status": row.status,
            "soutien:received_on": row.received_on.isoformat(),
            "_links": {
                "self": link(self.request, "donation", row.public_id),
                **link_to_person(self.request, row.supporter),
            },
        }


def money(units: int, currency: str) -> str:
    """An amount as Action Network writes it.

    >>> money(2001, "EUR"), money(2500, "EUR")
    ('20.01', '25.00')
    """
    return str(from_minor(units, currency))


def credited_of(gift: Any) -> tuple[int, datetime | None]:
    """What went back of a gift and stayed away, and when the last of it went."""
    moved = [entry for entry in gift.back if entry.currency == gift.currency]
    credited = -sum(entry.amount for entry in moved)
    gone = still_gone(moved)
    return credited, gone[-1].at if credited and gone else None


def still_gone(moved: list[Entry]) -> list[Entry]:
    """What went back, without what was undone later."""
    gone: list[Entry] = []
    for entry in moved:
        if entry.amount < 0:
            gone.append(entry)
            continue
        undone = next((each for each in reversed(gone) if each.amount == -entry.amount), None)
        if undone is not None:
            gone.remove(undone)
    return gone


def recurrence(gift: Gift) -> Json:
    return {"recurring": True, "period": PERIODS[gift.plan.interval]} if gift.plan else NEVER


@described("donations_list", DONATION, many="osdi:donations")
class DonationList(Donations, Listing):
    """Paid gifts of money, oldest first."""


@described("donations_read", DONATION)
class Donation(Donations, Single):
    """One paid gift."""


@described("people_donations_list", DONATION, many="osdi:donations")
class PersonDonations(FollowsMerges, Donations, Listing):
    """The paid gifts of one person."""

    def rows(self, **parents: Any) -> QuerySet:
        person = get_object_or_404(Supporter.objects.current(), public_id=parents["person"])
        return super().rows().filter(supporter=person)
