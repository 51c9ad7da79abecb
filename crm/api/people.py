"""People: who they are, and what they agreed to."""

from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from crm.api.hal import NAMESPACE, SYSTEM, Json, link, stamp
from crm.api.listing import Listing, Resource, Single
from crm.api.models import Scope
from crm.api.moved import FollowsMerges
from crm.api.odata import Field, address, moment_of
from crm.api.schema import LINKS, described, item
from crm.lib.regions import region_of
from crm.people.contact_points import EmailAddress, Phone, PostalAddress, Use
from crm.people.models import Supporter
from crm.privacy.models import Channel, ConsentState, Purpose
from crm.privacy.suppressions import Suppression

OURS = {"iban", "row"}  # bank accounts, and what imports know rows by: no names in other systems
SUBSCRIBED, UNSUBSCRIBED = "subscribed", "unsubscribed"
# OSDI's words for addresses to which nobody may write, whatever their owner agreed to.
REFUSES = {
    EmailAddress.Status.BOUNCING.value: "bouncing",
    EmailAddress.Status.COMPLAINED.value: "spam complaint",
}
EMAIL_STATUSES = [SUBSCRIBED, UNSUBSCRIBED, *REFUSES.values()]
USES = {Use.HOME.value: "Home", Use.WORK.value: "Work", Use.OTHER.value: "Other"}
# A "no" follows an address, whoever has it by now.
SUPPRESSED = Suppression.objects.filter(
    email=OuterRef("pk"), purpose__in=["", Purpose.NEWSLETTER], channel=Channel.EMAIL
)
# How somebody can be reached now; what is no longer theirs is not handed out.
REACHED_BY = [
    Prefetch(
        "emails",
        EmailAddress.objects.exclude(status="old")
        .annotate(is_suppressed=Exists(SUPPRESSED))
        .order_by("pk"),
        "their_emails",
    ),
    Prefetch(
        "phones",
        Phone.objects.filter(status="good").order_by("-is_preferred", "pk"),
        "their_phones",
    ),
    Prefetch(
        "addresses",
        PostalAddress.objects.exclude(status="past").order_by("-is_preferred", "pk"),
        "their_addresses",
    ),
]


def owner_of(text: str) -> int:
    """Read an e-mail address, one of somebody's, as the key of whose it is; 0: nobody's."""
    owners = EmailAddress.objects.filter(address=address(text))
    return owners.values_list("supporter", flat=True).first() or 0


PERSON = item(
    "Person",
    {
        "given_name": serializers.CharField(),
        "family_name": serializers.CharField(),
        "languages_spoken": serializers.ListField(child=serializers.CharField()),
        "email_addresses": inline_serializer(
            "PersonEmailAddress",
            {
                "primary": serializers.BooleanField(),
                "address": serializers.EmailField(),
                "status": serializers.ChoiceField(EMAIL_STATUSES),
            },
            many=True,
        ),
        "phone_numbers": inline_serializer(
            "PersonPhoneNumber",
            {
                "primary": serializers.BooleanField(),
                "number": serializers.CharField(help_text="E.164"),
                "number_type": serializers.ChoiceField(list(USES.values())),
            },
            many=True,
        ),
        "postal_addresses": inline_serializer(
            "PersonPostalAddress",
            {
                "primary": serializers.BooleanField(),
                "address_type": serializers.ChoiceField(list(USES.values()), required=False),
                "address_lines": serializers.ListField(
                    child=serializers.CharField(), required=False
                ),
                "locality": serializers.CharField(required=False),
                "postal_code": serializers.CharField(),
                "country": serializers.CharField(help_text="ISO 3166-1 alpha-2"),
                "region": serializers.CharField(help_text="ISO 3166-2, for Belgium"),
            },
            many=True,
        ),
        "soutien:kind": serializers.ChoiceField(Supporter.Kind.values),
        "soutien:consents": inline_serializer(
            "PersonConsent",
            {
                "purpose": serializers.CharField(),
                "channel": serializers.CharField(),
                "given": serializers.BooleanField(),
                "since": serializers.DateTimeField(),
            },
            many=True,
        ),
        "_links": LINKS,
    },
)


class People(Resource):
    resource, rel = "osdi:person", "osdi:people"
    scopes = {"GET": frozenset({Scope.READ_PEOPLE})}
    fields = {
        "created_date": moment_of("created_at"),
        "modified_date": moment_of("modified_at"),
        "email_address": Field("pk", owner_of),
        "postal_code": Field("postcode"),
        "region": Field("region"),
        "given_name": Field("given_name"),
        "family_name": Field("family_name"),
    }

    def rows(self, **parents: Any) -> QuerySet:
        beside = ("identifiers", "consent_states", *REACHED_BY)
        return Supporter.objects.current().prefetch_related(*beside)

    def show(self, row: Any) -> Json:
        consents = sorted(row.consent_states.all(), key=lambda state: state.pk)
        return {
            "identifiers": [
                f"{NAMESPACE}:{row.public_id}",
                *sorted(str(each) for each in row.identifiers.all() if each.system not in OURS),
            ],
            "origin_system": SYSTEM,
            "created_date": stamp(row.created_at),
            "modified_date": stamp(row.modified_at),
            "given_name": row.given_name,
            "family_name": row.family_name,
            "languages_spoken": [row.language],
            "email_addresses": email_addresses(row, consents),
            "phone_numbers": phone_numbers(row),
            "postal_addresses": postal_addresses(row),
            "soutien:kind": row.kind,
            "soutien:consents": [consent(state) for state in consents],
            "_links": {
                "self": link(self.request, "person", row.public_id),
                "osdi:signatures": link(self.request, "person-signatures", row.public_id),
                "osdi:donations": link(self.request, "person-donations", row.public_id),
            },
        }


def email_addresses(person: Any, consents: list[ConsentState]) -> list[Json]:
    """A newsletter tool mails whom it finds subscribed: only a "yes" that holds may say so.

    It goes to the primary address, so that nobody has it twice.
    """
    agreed = any(
        state.given and state.purpose == Purpose.NEWSLETTER and state.channel == Channel.EMAIL
        for state in consents
    )
    shown = [
        {
            "primary": (primary := email.address == person.email),
            "address": email.address,
            "status": REFUSES.get(email.status)
            or (SUBSCRIBED if agreed and primary and not email.is_suppressed else UNSUBSCRIBED),
        }
        for email in person.their_emails
    ]
    return sorted(shown, key=lambda email: not email["primary"])


def phone_numbers(person: Any) -> list[Json]:
    return [
        {
            "primary": phone.is_preferred,
            "number": phone.number,
            "number_type": USES[phone.use],
        }
        for phone in person.their_phones
    ]


def postal_addresses(person: Any) -> list[Json]:
    """Their addresses, that of letters first; else where they live, as far as we know."""
    if person.their_addresses:
        return [postal_address(place) for place in person.their_addresses]
    if not (person.postcode or person.country):
        return []
    return [
        {
            "primary": True,
            "postal_code": person.postcode,
            "country": str(person.country),
            "region": person.region,
        }
    ]


def postal_address(place: PostalAddress) -> Json:
    return {
        "primary": place.is_preferred,
        "address_type": USES[place.use],
        "address_lines": [place.street] if place.street else [],
        "locality": place.town,
        "postal_code": place.postcode,
        "country": str(place.country),
        "region": region_of(str(place.country), place.postcode),
    }


def consent(state: ConsentState) -> Json:
    return {
        "purpose": state.purpose,
        "channel": state.channel,
        "given": state.given,
        "since": stamp(state.since),
    }


@described("people_list", PERSON, many="osdi:people")
class PeopleList(People, Listing):
    """People who were neither merged into another record nor erased, oldest first."""


@described("people_read", PERSON)
class Person(FollowsMerges, People, Single):
    """One person."""

    person = "public_id"
