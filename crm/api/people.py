"""People: who they are, and what they agreed to."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from crm.api.hal import NAMESPACE, SYSTEM, Json, link, stamp
from crm.api.listing import Listing, Resource, Single
from crm.api.models import Scope
from crm.api.odata import Field, address, moment_of
from crm.api.schema import LINKS, described, item
from crm.people.models import Supporter
from crm.privacy.models import Channel, ConsentState, Purpose

SUBSCRIBED, UNSUBSCRIBED = "subscribed", "unsubscribed"
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
                "status": serializers.ChoiceField([SUBSCRIBED, UNSUBSCRIBED]),
            },
            many=True,
        ),
        "postal_addresses": inline_serializer(
            "PersonPostalAddress",
            {
                "primary": serializers.BooleanField(),
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
        "email_address": Field("email", address),
        "postal_code": Field("postcode"),
        "region": Field("region"),
        "given_name": Field("given_name"),
        "family_name": Field("family_name"),
    }

    def rows(self, **parents: Any) -> QuerySet:
        return Supporter.objects.current().prefetch_related("identifiers", "consent_states")

    def show(self, row: Supporter) -> Json:
        consents = sorted(row.consent_states.all(), key=lambda state: state.pk)
        return {
            "identifiers": [
                f"{NAMESPACE}:{row.public_id}",
                *sorted(str(identifier) for identifier in row.identifiers.all()),
            ],
            "origin_system": SYSTEM,
            "created_date": stamp(row.created_at),
            "modified_date": stamp(row.modified_at),
            "given_name": row.given_name,
            "family_name": row.family_name,
            "languages_spoken": [row.language],
            "email_addresses": email_addresses(row, consents),
            "postal_addresses": postal_addresses(row),
            "soutien:kind": row.kind,
            "soutien:consents": [consent(state) for state in consents],
            "_links": {
                "self": link(self.request, "person", row.public_id),
                "osdi:signatures": link(self.request, "person-signatures", row.public_id),
                "osdi:donations": link(self.request, "person-donations", row.public_id),
            },
        }


def email_addresses(person: Supporter, consents: list[ConsentState]) -> list[Json]:
    """A newsletter tool mails whom it finds subscribed: only a "yes" that holds may say so."""
    if not person.email:
        return []
    agreed = any(
        state.given and state.purpose == Purpose.NEWSLETTER and state.channel == Channel.EMAIL
        for state in consents
    )
    status = SUBSCRIBED if agreed else UNSUBSCRIBED
    return [{"primary": True, "address": person.email, "status": status}]


def postal_addresses(person: Supporter) -> list[Json]:
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
class Person(People, Single):
    """One person."""
