"""Donations: gifts that were paid, and what was paid back of them."""

from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from crm.api.hal import NAMESPACE, SYSTEM, Json, link, stamp
from crm.api.listing import Listing, Resource, Single
from crm.api.models import Scope
from crm.api.odata import moment_of
from crm.api.schema import LINKS, described, item
from crm.api.signatures import link_to_person
from crm.donations.models import Entry, Gift, Method
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
    Method.OTHER: "Other",
}
AMOUNT_HELP = "In the currency's main unit, as text."
DONATION = item(
    "Donation",
    {
        "action_date": serializers.DateTimeField(),
        "currency": serializers.CharField(),
        "amount": serializers.CharField(help_text=AMOUNT_HELP),
        "credited_amount": serializers.CharField(help_text="What was paid back."),
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
                "period": serializers.CharField(required=False),
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
        refunds = Entry.objects.filter(kind=Entry.Kind.REFUND).order_by("at", "pk")
        paid = Gift.objects.paid().select_related("supporter")
        return paid.prefetch_related(Prefetch("entries", refunds, to_attr="refunds"))

    def show(self, row: Any) -> Json:
        amount = money(row.amount, row.currency)
        return {
            "identifiers": [f"{NAMESPACE}:{row.public_id}"],
            "origin_system": SYSTEM,
            "created_date": stamp(row.given_at),
            "modified_date": stamp(row.modified_at),
            "action_date": stamp(row.given_at),
            "currency": row.currency,
            "amount": amount,
            "credited_amount": money(-sum(entry.amount for entry in row.refunds), row.currency),
            "credited_date": stamp(row.refunds[-1].at) if row.refunds else None,
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


def recurrence(gift: Gift) -> Json:
    return {"recurring": True, "period": "Monthly"} if gift.plan_id else {"recurring": False}


@described("donations_list", DONATION, many="osdi:donations")
class DonationList(Donations, Listing):
    """Paid gifts, oldest first."""


@described("donations_read", DONATION)
class Donation(Donations, Single):
    """One paid gift."""


@described("people_donations_list", DONATION, many="osdi:donations")
class PersonDonations(Donations, Listing):
    """The paid gifts of one person."""

    def rows(self, **parents: Any) -> QuerySet:
        person = get_object_or_404(Supporter.objects.current(), public_id=parents["person"])
        return super().rows().filter(supporter=person)
