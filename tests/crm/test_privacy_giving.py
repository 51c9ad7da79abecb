"""That somebody gave is told to nobody who may not see gifts, however it would show."""

import pytest
from django.urls import reverse

from crm.access import Role
from crm.exchange.models import Import, ImportRow
from crm.mailing import outbox
from crm.people.addressing import add_email
from crm.people.offers import offer
from crm.privacy.operations import record_consent
from tests.factories import AT, SupporterFactory

pytestmark = pytest.mark.django_db
WORDS = ["when giving", "thank-you for a gift", "bank transfer", "gifts-of-2025.csv"]


@pytest.fixture
def donor():
    """Somebody of whom everything but the gift itself tells that they gave."""
    who = SupporterFactory(source="checkout", given_name="Dora")
    add_email(supporter=who, address="dora2@example.org", source="bank", at=AT)
    offer(supporter=who, source="checkout:1", at=AT, given_name="Dorothea")
    record_consent(supporter=who, given=True, source="checkout:1", at=AT)
    outbox.queue("gift_thanks", key="thanks", to=who, language="en", at=AT, context={})
    batch = Import.objects.create(kind="gifts", name="gifts-of-2025.csv")
    ImportRow.objects.create(batch=batch, line=2, outcome="c", supporter=who)
    add_email(supporter=who, address="dora3@example.org", source=f"import:{batch.pk}", at=AT)
    return who


def pages_about(donor):
    return [
        reverse("admin:crm_supporter_change", args=[donor.pk]),
        reverse("admin:crm_supporter_change", args=[donor.pk]) + "?kind=data",
        reverse("admin:crm_proposal_changelist"),
        reverse("admin:crm_mail_changelist"),
        reverse("admin:crm_consent_changelist"),
        reverse("admin:crm_consent_change", args=[donor.consents.get().pk]),
    ]


def words_on(client, donor):
    pages = [client.get(page, headers={"accept-language": "en"}) for page in pages_about(donor)]
    text = "".join(page.content.decode() for page in pages)
    return {page.status_code for page in pages}, [word for word in WORDS if word in text]


def test_campaigner_is_not_told_that_somebody_gave(client, signed_in, donor):
    signed_in(Role.CAMPAIGNER)

    assert words_on(client, donor) == ({200}, [])


def test_fundraiser_is_told_where_everything_came_from(client, signed_in, donor):
    signed_in(Role.FUNDRAISER)

    statuses, words = words_on(client, donor)

    assert statuses == {200}
    assert words == ["when giving", "thank-you for a gift", "bank transfer", "gifts-of-2025.csv"]


def test_mail_about_a_gift_has_no_page_for_a_campaigner(client, signed_in, donor):
    signed_in(Role.CAMPAIGNER)
    mail = donor.mails.get()

    answer = client.get(reverse("admin:crm_mail_change", args=[mail.pk]))

    assert answer.status_code == 302  # as for a mail that does not exist
