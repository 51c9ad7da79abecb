"""The example files that the page of a new import offers: each comes in whole, as it is."""

from pathlib import Path

import pytest
from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse

from crm.access import Role
from crm.exchange.models import Kind
from tests.crm.lists import counts, imported
from tests.factories import CampaignFactory

pytestmark = pytest.mark.django_db
FOLDER = Path(settings.BASE_DIR) / "crm" / "static" / "staff" / "examples"


@pytest.mark.parametrize(("kind", "rows"), [("supporters", 3), ("signatures", 2), ("gifts", 2)])
def test_example_comes_in_whole_as_it_is_read(kind, rows):
    options = {"campaign": CampaignFactory().pk} if kind == Kind.SIGNATURES else {}

    batch = imported((FOLDER / f"{kind}.csv").read_bytes(), kind=kind, **options)

    assert counts(batch) == {"created": rows}
    assert "" not in batch.mapping.values()


def test_examples_are_offered_where_an_import_begins(client, signed_in):
    signed_in(Role.CAMPAIGNER)

    text = client.get(reverse("admin:crm_import_add")).content.decode()

    for kind in Kind.values:
        assert static(f"staff/examples/{kind}.csv") in text
