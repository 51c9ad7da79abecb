"""Lists of signers that leave to be handed over: who took one and why is written down."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm import audit
from crm.campaigns.deliveries import Delivery
from crm.exchange.models import Export
from crm.people.files import StoredFile

WHAT = "delivery"
RIGHT = "crm.view_delivery"
# Of a list with names besides: it is an export of people.
NAMES_RIGHTS = ("crm.export_supporter", "crm.view_supporter", "crm.view_signature")


class NotThere(Exception):
    """The list is not made yet, or was deleted since."""


class NotAllowed(Exception):
    """Whoever asks may not take this list along. Nothing was written."""


def may_fetch(delivery: Delivery, reader: Any) -> bool:
    return bool(reader.has_perms([RIGHT, *(NAMES_RIGHTS if delivery.has_names else ())]))


@transaction.atomic
def fetch_list(*, delivery: Delivery, reason: str, at: datetime, by: Any) -> StoredFile:
    """Return the list of a pack, once it is written down who took it and why.

    Raises NotAllowed, NotThere.
    """
    if not may_fetch(delivery, by):
        raise NotAllowed(delivery.pk)
    if delivery.list_file is None:
        raise NotThere(delivery.pk)
    told = delivery.facts["list"]
    export = Export.objects.create(
        what=WHAT,
        columns=told["columns"],
        format="csv",
        reason=reason,
        rows=told["lines"],
        exported_at=at,
        finished_at=at,
        exported_by=by,
    )
    audit.log("delivery.fetched", delivery, by=by, at=at, export=export.pk)
    return delivery.list_file
