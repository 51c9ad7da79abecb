"""Signatures of petitions: to read, and to record from a page elsewhere."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.hal import NAMESPACE, SYSTEM, Json, link, stamp
from crm.api.listing import Listing, Resource, Single
from crm.api.models import ApiToken, Scope
from crm.api.moved import FollowsMerges
from crm.api.odata import moment_of
from crm.api.petitions import petitions
from crm.api.recording import SignatureForm
from crm.api.schema import LINKS, described, item, recorded
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.signing import CampaignClosed, sign
from crm.people.models import Supporter

SIGNATURE = item(
    "Signature",
    {
        "action_date": serializers.DateTimeField(),
        "comments": serializers.CharField(required=False),
        "referrer_data": inline_serializer(
            "SignatureReferrer",
            {
                "source": serializers.CharField(required=False),
                "website": serializers.CharField(required=False),
            },
            required=False,
        ),
        "soutien:status": serializers.ChoiceField(Signature.Status.values),
        "soutien:confirmed_date": serializers.DateTimeField(allow_null=True),
        "soutien:person_id": serializers.UUIDField(),
        "soutien:petition_id": serializers.UUIDField(),
        "_links": LINKS,
    },
)


RECORDED = ("identifiers", "origin_system", "soutien:petition_id")


class PetitionClosed(APIException):
    status_code = 409
    default_detail = _("This petition does not take signatures now.")
    default_code = "petition_closed"


class Signatures(Resource):
    resource, rel = "osdi:signature", "osdi:signatures"
    scopes = {
        "GET": frozenset({Scope.READ_SIGNATURES}),
        "POST": frozenset({Scope.WRITE_SIGNATURES}),
    }
    fields = {
        "created_date": moment_of("signed_at"),
        "modified_date": moment_of("modified_at"),
    }

    def rows(self, **parents: Any) -> QuerySet:
        """Signatures that stand, of one petition or of one person."""
        standing = Signature.objects.exclude(status=Signature.Status.WITHDRAWN)
        found = standing.select_related("campaign", "supporter", "source", "comment")
        if "petition" in parents:
            return found.filter(campaign=petition(parents["petition"]))
        person = get_object_or_404(Supporter.objects.current(), public_id=parents["person"])
        return found.filter(supporter=person, campaign__kind=Campaign.Kind.PETITION)

    def show(self, row: Signature) -> Json:
        campaign, supporter = row.campaign.public_id, row.supporter
        return {
            "identifiers": [f"{NAMESPACE}:{row.public_id}"],
            "origin_system": SYSTEM,
            "created_date": stamp(row.signed_at),
            "modified_date": stamp(row.modified_at),
            "action_date": stamp(row.signed_at),
            **said(row),
            **came_from(row),
            "soutien:status": row.status,
            "soutien:confirmed_date": stamp(row.confirmed_at),
            "soutien:person_id": str(supporter.public_id),
            "soutien:petition_id": str(campaign),
            "_links": {
                "self": link(self.request, "petition-signature", campaign, row.public_id),
                "osdi:petition": link(self.request, "petition", campaign),
                **link_to_person(self.request, supporter),
            },
        }


def petition(public_id: Any) -> Campaign:
    return get_object_or_404(petitions(), public_id=public_id)


def said(signature: Signature) -> Json:
    comment = getattr(signature, "comment", None)
    return {"comments": comment.text} if comment and comment.text else {}


def came_from(signature: Signature) -> Json:
    source = {
        "source": signature.source.utm_source,
        "website": signature.source.referrer_host,
    }
    told = {name: value for name, value in source.items() if value}
    return {"referrer_data": told} if told else {}


def link_to_person(request: Request, supporter: Supporter) -> Json:
    """A link, while there is somebody to find at its end."""
    if supporter.erased_at or supporter.merged_into_id:
        return {}
    return {"osdi:person": link(request, "person", supporter.public_id)}


@described("petitions_signatures_list", SIGNATURE, many="osdi:signatures")
@recorded("petitions_signatures_record", SignatureForm, SIGNATURE)
class PetitionSignatures(Signatures, Listing):
    """The signatures of one petition, oldest first: confirmed ones and those that wait for it."""

    def post(self, request: Request, **parents: Any) -> Response:
        campaign = petition(parents["petition"])
        form = SignatureForm(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            signature = sign(campaign=campaign, at=timezone.now(), **form.signing())
        except CampaignClosed as error:
            raise PetitionClosed from error
        return Response(self.answer(signature))

    def answer(self, signature: Signature) -> Json:
        """What is stored already is for keys that may read: others would only have to guess."""
        told, key = self.whole(signature), self.request.auth
        if isinstance(key, ApiToken) and Scope.READ_SIGNATURES in key.scopes:
            return told
        links = {name: told["_links"][name] for name in ("self", "osdi:petition", "curies")}
        return {**{name: told[name] for name in RECORDED}, "_links": links}


@described("petitions_signatures_read", SIGNATURE)
class PetitionSignature(Signatures, Single):
    """One signature of a petition."""


@described("people_signatures_list", SIGNATURE, many="osdi:signatures")
class PersonSignatures(FollowsMerges, Signatures, Listing):
    """What one person signed."""


@described("people_signatures_read", SIGNATURE)
class PersonSignature(FollowsMerges, Signatures, Single):
    """One signature of a person."""
