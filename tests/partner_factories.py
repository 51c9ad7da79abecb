"""Factories for organisations, partners of The Code, and networks."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from crm.programmes.networks import Affiliation, Network
from crm.programmes.partners import CriterionState, Partner
from tests.factories import SupporterFactory


class OrganisationFactory(SupporterFactory):
    kind = "organisation"
    given_name = ""
    family_name = factory.Sequence(lambda n: f"Hotel {n}")
    email = ""


class PartnerFactory(DjangoModelFactory):
    class Meta:
        model = Partner

    organisation = factory.SubFactory(OrganisationFactory)
    sector = "hotel"


class CriterionStateFactory(DjangoModelFactory):
    class Meta:
        model = CriterionState

    partner = factory.SubFactory(PartnerFactory)
    criterion = 1
    state = "met"
    since = date(2026, 1, 5)


class NetworkFactory(DjangoModelFactory):
    class Meta:
        model = Network

    name = factory.Sequence(lambda n: f"Network {n}")


class AffiliationFactory(DjangoModelFactory):
    class Meta:
        model = Affiliation

    organisation = factory.SubFactory(OrganisationFactory)
    kind = "member"
    network = factory.SubFactory(NetworkFactory)
