"""The pages about money have no barrier that axe knows."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from crm.lib import tokens
from tests.crm.donor_page import page_of
from tests.factories import (
    BankLineFactory,
    EntryFactory,
    GiftFactory,
    PlanFactory,
    ReceiptFactory,
    SupporterFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gift(petition, settings):
    """A gift of a donor who gives every month, of which a part went back."""
    settings.ORGANISATION_IBAN = "BE68539007547034"
    dora = SupporterFactory(given_name="Dora", family_name="Donor", language="en")
    plan = PlanFactory(
        supporter=dora, reference="stripe:sub_dora", next_at=timezone.now() + timedelta(days=9)
    )
    gift = GiftFactory(supporter=dora, plan=plan, campaign=petition, reference="stripe:pi_dora")
    EntryFactory(gift=gift)
    EntryFactory(gift=gift, kind="refund", amount=-1000)
    ReceiptFactory(gift=gift)
    return gift


@pytest.fixture
def look(journey, browser):
    """Look at pages with axe, which the policy for scripts would keep out."""
    opened = []

    def run(paths, *, within=None, width=390):
        context = browser.new_context(
            bypass_csp=True,
            color_scheme="light",
            viewport={"width": width, "height": 844},
            storage_state=journey.page.context.storage_state(),
        )
        opened.append(context)
        page, found = context.new_page(), {}
        for path in paths:
            answer = page.goto(journey.url + path)
            assert answer.status == 200, path
            found[path] = Axe().run(page, context=within)
        barriers = [each for each in found.values() if each.violations_count]
        assert not barriers, "\n".join(each.generate_report() for each in barriers)

    yield run
    for context in opened:
        context.close()


def test_pages_of_donors_have_no_barrier(look, gift):
    token = tokens.make("plan", str(gift.plan.public_id))

    look(
        [
            "/en/give/",
            f"/en/give/card/{token}/",
            f"/en/give/card/{token}/?done=1",
            page_of(gift.supporter),
            page_of(gift.supporter, f"plan/{gift.plan.public_id}/"),
        ]
    )


def test_pages_of_staff_have_no_barrier(look, journey, fundraiser, gift):
    BankLineFactory(payer_name="DONOR DORA")
    journey.sign_in(fundraiser)

    look(
        [
            reverse("admin:crm_gift_change", args=[gift.pk]),
            reverse("admin:crm_gift_refund", args=[gift.pk]),
            reverse("admin:payments_matching"),
            reverse("admin:payments_bankfile_add"),
            reverse("admin:payments_reconciliation_changelist"),
        ],
        within="#content",
        width=1280,
    )
