"""Factories for trainings, their sessions, and who takes part."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from crm.programmes.trainings import Certificate, Enrolment, Session, Training
from tests.factories import AT, SupporterFactory

BEGINS = datetime(2026, 4, 14, 8, 0, tzinfo=UTC)  # ten in the morning in Belgium


class TrainingFactory(DjangoModelFactory):
    class Meta:
        model = Training

    title = "Spotting trafficking"
    language = "en"
    hours = Decimal("6.0")
    created_at = AT


class SessionFactory(DjangoModelFactory):
    class Meta:
        model = Session

    training = factory.SubFactory(TrainingFactory)
    begins_at = BEGINS
    ends_at = factory.LazyAttribute(lambda session: session.begins_at + timedelta(hours=6))
    place = "Brussels"
    places = 20
    is_public = True
    created_at = AT


class EnrolmentFactory(DjangoModelFactory):
    class Meta:
        model = Enrolment

    session = factory.SubFactory(SessionFactory)
    supporter = factory.SubFactory(SupporterFactory)
    state = Enrolment.State.ENROLLED
    enrolled_at = AT
    modified_at = AT


class CertificateFactory(DjangoModelFactory):
    class Meta:
        model = Certificate

    enrolment = factory.SubFactory(EnrolmentFactory, state=Enrolment.State.ATTENDED)
    year = 2026
    number = factory.Sequence(lambda n: n + 1)
    name = "Sam Supporter"
    language = "en"
    issued_at = BEGINS
