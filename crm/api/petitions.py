"""Petitions, with their exact number of confirmed signatures."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from rest_framework import serializers

from crm.api.hal import NAMESPACE, SYSTEM, Json, link, stamp
from crm.api.listing import Listing, Resource, Single
from crm.api.models import Scope
from crm.api.odata import moment_of
from crm.api.schema import LINKS, described, item
from crm.campaigns.goals import goal_for
from crm.campaigns.models import Campaign, CampaignQuerySet

PETITION = item(
    "Petition",
    {
        "name": serializers.CharField(help_text="The last part of the petition's address."),
        "title": serializers.CharField(),
        "summary": serializers.CharField(),
        "description": serializers.CharField(),
        "petition_text": serializers.CharField(help_text="What is asked, and of whom."),
        "browser_url": serializers.URLField(),
        "total_signatures": serializers.IntegerField(help_text="Confirmed ones."),
        "soutien:goal": serializers.IntegerField(allow_null=True),
        "soutien:hidden": serializers.BooleanField(),
        "soutien:opens_date": serializers.DateTimeField(),
        "soutien:closes_date": serializers.DateTimeField(allow_null=True),
        "_links": LINKS,
    },
)


def petitions() -> CampaignQuerySet:
    return Campaign.objects.filter(kind=Campaign.Kind.PETITION)


class Petitions(Resource):
    resource, rel = "osdi:petition", "osdi:petitions"
    scopes = {"GET": frozenset({Scope.READ_SIGNATURES})}
    fields = {
        "created_date": moment_of("created_at"),
        "modified_date": moment_of("modified_at"),
    }

    def rows(self, **parents: Any) -> QuerySet:
        return petitions().with_totals().with_texts()

    def show(self, row: Any) -> Json:
        text = row.text()
        page = reverse("public:petition", args=[row.slug])
        return {
            "identifiers": [f"{NAMESPACE}:{row.public_id}"],
            "origin_system": SYSTEM,
            "created_date": stamp(row.created_at),
            "modified_date": stamp(row.modified_at),
            "name": row.slug,
            "title": text.title,
            "summary": text.summary,
            "description": text.body,
            "petition_text": text.demand,
            "browser_url": f"{settings.SITE_URL}{page}",
            "total_signatures": row.total,
            "soutien:goal": goal_for(row.total, row.goal, row.goal_rises),
            "soutien:hidden": not row.is_public,
            "soutien:opens_date": stamp(row.opens_at),
            "soutien:closes_date": stamp(row.closes_at),
            "_links": {
                "self": link(self.request, "petition", row.public_id),
                "osdi:signatures": link(self.request, "petition-signatures", row.public_id),
                "osdi:record_signature_helper": link(
                    self.request, "petition-signatures", row.public_id
                ),
            },
        }


@described("petitions_list", PETITION, many="osdi:petitions")
class PetitionList(Petitions, Listing):
    """Petitions, oldest first; their texts in the language of `Accept-Language`."""


@described("petitions_read", PETITION)
class Petition(Petitions, Single):
    """One petition."""
