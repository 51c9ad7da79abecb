"""Factories for the work of staff: notes, tasks, tags, corrections to decide on."""

import factory
from factory.django import DjangoModelFactory

from crm.people.notes import Note, Task
from crm.people.proposals import Proposal
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
