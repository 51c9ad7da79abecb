"""Packs as staff ask for them, follow them and fetch them."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.access import Role
from crm.audit import AuditEntry
from crm.campaigns import proving
from crm.campaigns.deliveries import Delivery
from crm.exchange.models import Export
from crm.people.storing import contents
from tests.factories import AT, CampaignTextFactory
from tests.jobs import run_jobs
from tests.sheet_factories import counted, pack

pytestmark = pytest.mark.django_db
ADD = reverse("admin:crm_delivery_add")
LIST = reverse("admin:crm_delivery_changelist")
LATER = AT + timedelta(hours=1)
REASON = {"reason": "To be handed to the minister"}


@pytest.fixture
def signed(campaign):
    CampaignTextFactory(campaign=campaign, title="Stop child trafficking", target="The Minister")
    counted(campaign, supporter__given_name="Zenobia")
    return campaign


def asked(campaign, **fields):
    return {"campaign": campaign.pk, "as_of": "", "recipient": "", "language": "en"} | fields


def page_of(delivery, name="change"):
    return reverse(f"admin:crm_delivery_{name}", args=[delivery.pk])


def test_pack_is_asked_for_followed_and_ready(client, signed, signed_in):
    user = signed_in(Role.CAMPAIGNER)

    answer = client.post(ADD, asked(signed))
    delivery = Delivery.objects.get()
    waiting = client.get(page_of(delivery, "progress"))
    run_jobs()
    done = client.get(page_of(delivery, "progress"))

    assert answer.url == page_of(delivery)
    assert (delivery.made_by, delivery.has_names, delivery.state) == (user, False, "waiting")
    assert (waiting["X-Finished"], done["X-Finished"]) == ("no", "yes")
    page = client.get(page_of(delivery), headers={"accept-language": "en"}).content.decode()
    assert "Confirmed online" in page
    assert f"/en/delivery/{proving.identity_of(Delivery.objects.get().facts)}/" in page


def test_moment_is_read_in_local_time_and_may_not_be_to_come(client, signed, signed_in):
    signed_in(Role.CAMPAIGNER)

    client.post(ADD, asked(signed, as_of="2026-03-01T11:00:00"))
    later = timezone.localtime() + timedelta(hours=1)
    refused = client.post(ADD, asked(signed, as_of=f"{later:%Y-%m-%dT%H:%M:%S}"))

    assert [each.as_of for each in Delivery.objects.all()] == [LATER]
    assert list(refused.context["form"].errors) == ["as_of"]


def test_names_are_only_for_those_who_may_export_people(client, signed, signed_in):
    signed_in(Role.CAMPAIGNER)
    offered = client.get(ADD).context["form"].fields

    client.post(ADD, asked(signed, has_names="on"))

    assert "has_names" not in offered
    assert Delivery.objects.get().has_names is False


def test_administrator_has_names_and_each_fetching_is_written_down(client, signed, signed_in):
    user = signed_in(Role.ADMINISTRATOR)
    client.post(ADD, asked(signed, has_names="on"))
    run_jobs()
    delivery = Delivery.objects.get()

    unasked = client.get(page_of(delivery, "list"))
    short = client.post(page_of(delivery, "list"), {"reason": "x"})
    taken = client.post(page_of(delivery, "list"), REASON)

    assert (unasked.status_code, short.status_code) == (200, 200)
    assert b"Zenobia" in b"".join(taken.streaming_content)
    assert "no-store" in taken["Cache-Control"]
    assert taken["Content-Type"] == "text/csv; charset=utf-8"
    export = Export.objects.get()
    assert (export.what, export.reason, export.exported_by, export.rows) == (
        "delivery",
        REASON["reason"],
        user,
        1,
    )
    assert AuditEntry.objects.get(action="delivery.fetched").by == user
    listed = client.get(
        reverse("admin:crm_export_changelist"), headers={"accept-language": "en"}
    ).content.decode()
    assert "signatures to be handed over" in listed


@pytest.mark.parametrize(
    ("role", "has_names", "status"),
    [
        (Role.CAMPAIGNER, True, 403),
        (Role.CAMPAIGNER, False, 200),
        (Role.FUNDRAISER, True, 200),
        (Role.READER, False, 403),
    ],
)
def test_list_is_for_those_who_may_see_what_is_in_it(
    client, signed, signed_in, role, has_names, status
):
    delivery = pack(signed, as_of=LATER, has_names=has_names)
    signed_in(role)

    answer = client.post(page_of(delivery, "list"), REASON)

    assert answer.status_code == status
    assert Export.objects.count() == (status == 200)


def test_certificate_and_facts_are_fetched(client, signed, signed_in):
    delivery = pack(signed, as_of=LATER)
    signed_in(Role.FUNDRAISER)

    certificate = client.get(page_of(delivery, "certificate"))
    facts = json.loads(client.get(page_of(delivery, "facts")).content)

    assert certificate.content.startswith(b"%PDF")
    assert facts == {"facts": delivery.facts, "signature": delivery.signed}


def test_list_is_deleted_now_after_a_question(client, signed, signed_in):
    delivery = pack(signed, as_of=LATER)
    user = signed_in(Role.CAMPAIGNER)

    client.post(page_of(delivery, "forget"))
    delivery.refresh_from_db()
    assert delivery.list_file is not None
    client.post(page_of(delivery, "forget"), {"confirmed": "yes"})

    delivery.refresh_from_db()
    assert delivery.list_file is None
    assert client.get(page_of(delivery, "list")).status_code == 404
    assert AuditEntry.objects.get(action="delivery.list_deleted").by == user
    assert (
        "The list is deleted"
        in client.get(page_of(delivery), headers={"accept-language": "en"}).content.decode()
    )


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_as_many_queries_for_three_packs_as_for_one(
    client, signed, signed_in, number, django_assert_num_queries
):
    for hours in range(number):
        pack(signed, as_of=LATER + timedelta(hours=hours))
    signed_in(Role.CAMPAIGNER)
    client.get(LIST)

    with django_assert_num_queries(8):
        client.get(LIST)


def test_everybody_checks_a_pack_by_the_address_on_its_certificate(client, signed):
    delivery = pack(signed, as_of=LATER, has_names=True)
    address = reverse("public:delivery", args=[delivery.public_id])

    page = client.get(address)
    facts = json.loads(client.get(f"{address}facts.json").content)

    text = page.content.decode()
    assert all(
        told in text
        for told in (
            "Stop child trafficking",
            "The Minister",
            delivery.digest,
            delivery.facts["public_key"],
            proving.fingerprint_of(proving.own_public_key()),
        )
    )
    assert "Zenobia" not in text
    assert facts["signature"] == delivery.signed
    assert proving.is_signed(facts["facts"], facts["signature"], proving.own_public_key())
    assert b"".join(contents(delivery.list_file)).count(b"Zenobia") == 1


def test_page_of_another_key_says_so(client, signed, settings):
    delivery = pack(signed, as_of=LATER)
    address = reverse("public:delivery", args=[delivery.public_id])
    own = client.get(address).context["is_own_key"]
    settings.DELIVERY_SIGNING_KEY = "QW5vdGhlciBrZXkgb2YgMzIgYnl0ZXMsIGZvciB0aGU="

    other = client.get(address).context

    assert (own, other["is_right"], other["is_own_key"]) == (True, True, False)


def test_page_of_changed_facts_does_not_call_them_signed(client, signed):
    delivery = pack(signed, as_of=LATER)
    delivery.facts["counted"]["total"] += 1
    delivery.save()

    answer = client.get(reverse("public:delivery", args=[delivery.public_id]))

    assert answer.context["is_right"] is False


def test_pack_that_is_not_made_has_no_page(client, signed):
    waiting = Delivery.objects.create(campaign=signed, as_of=AT)

    assert client.get(reverse("public:delivery", args=[waiting.public_id])).status_code == 404
