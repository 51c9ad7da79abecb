"""Factories for all that is known of people, and for the work of staff."""

import factory
from django.contrib.auth import get_user_model
from factory.django import DjangoModelFactory

from crm.people.contact_points import Phone, PostalAddress
from crm.people.duplicates import Suspicion
from crm.people.households import Relationship
from crm.people.notes import Note, Task
from crm.people.proposals import Proposal
from crm.people.segments import Segment
from crm.people.tags import Tag, Tagging
from tests.factories import AT, SupporterFactory


class NoteFactory(DjangoModelFactory):
    class Meta:
        model = Note

    supporter = factory.SubFactory(SupporterFactory)
    text = "Prefers to be called in the evening."
    written_at = AT
    modified_at = AT


class TaskFactory(DjangoModelFactory):
    class Meta:
        model = Task

    title = "Call back"
    created_at = AT
    modified_at = AT


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"tag {n}")
    created_at = AT


class TaggingFactory(DjangoModelFactory):
    class Meta:
        model = Tagging

    supporter = factory.SubFactory(SupporterFactory)
    tag = factory.SubFactory(TagFactory)
    source = "staff"
    tagged_at = AT


class ProposalFactory(DjangoModelFactory):
    class Meta:
        model = Proposal

    supporter = factory.SubFactory(SupporterFactory)
    field = "given_name"
    value = "Samuel"
    source = "signature"
    at = AT


class StaffFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()

    username = factory.Sequence(lambda n: f"colleague{n}")
    is_staff = True


class SegmentFactory(DjangoModelFactory):
    class Meta:
        model = Segment

    name = factory.Sequence(lambda n: f"Segment {n}")
    conditions = {"match": "all", "of": [{"is": "language", "languages": ["fr"]}]}
    owner = factory.SubFactory(StaffFactory)


class SuspicionFactory(DjangoModelFactory):
    class Meta:
        model = Suspicion

    first = factory.SubFactory(SupporterFactory)
    second = factory.SubFactory(SupporterFactory)
    score = 0.97
    evidence = factory.LazyFunction(
        lambda: [
            {"field": "given", "level": "same", "weight": 7.5},
            {"field": "family", "level": "one_letter", "weight": 7.3},
            {"field": "phone", "level": "different", "weight": -2.8},
        ]
    )
    found_at = AT


class PhoneFactory(DjangoModelFactory):
    class Meta:
        model = Phone

    supporter = factory.SubFactory(SupporterFactory)
    number = "+32475123456"
    added_at = AT


class PostalAddressFactory(DjangoModelFactory):
    class Meta:
        model = PostalAddress

    supporter = factory.SubFactory(SupporterFactory)
    street = "Rue Haute 1"
    postcode = "1000"
    town = "Bruxelles"
    country = "BE"
    added_at = AT


class RelationshipFactory(DjangoModelFactory):
    class Meta:
        model = Relationship

    supporter = factory.SubFactory(SupporterFactory)
    other = factory.SubFactory(SupporterFactory)
    kind = "friend"
    added_at = AT
