"""Mails that were sent."""

import factory
from factory.django import DjangoModelFactory

from crm.mailing.models import Mail
from tests.factories import AT


class MailFactory(DjangoModelFactory):
    class Meta:
        model = Mail

    key = factory.Sequence(lambda n: f"mail:{n}")
    to = factory.LazyAttribute(lambda mail: mail.supporter.email)
    template = "already_signed"
    language = "en"
    queued_at = AT
    due_at = AT
    sent_at = AT
