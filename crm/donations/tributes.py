"""Gifts in honour or in memory of somebody, and the mail that tells those near to them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from crm import audit
from crm.donations.credits import Tribute
from crm.donations.models import Gift
from crm.lib import contact
from crm.lib.rows import insert_unless_there
from crm.mailing import jobs
from crm.mailing.models import Mail


class GiftNotPaid(Exception):
    """Nobody is told of a gift that has not come."""


@transaction.atomic
def dedicate(
    *,
    gift: Gift,
    kind: str,
    name: str,
    at: datetime,
    notify_name: str = "",
    notify_email: str = "",
    language: str = settings.LANGUAGE_CODE,
    by: Any = None,
) -> Tribute:
    """Write in whose honour or memory a paid gift was made; whom it concerns is told once.

    Whom to tell can be corrected until they were told. Raises GiftNotPaid, ValueError.
    """
    locked = Gift.objects.select_for_update().get(pk=gift.pk)
    if locked.status != Gift.Status.PAID:
        raise GiftNotPaid
    tribute = Tribute.objects.filter(gift=locked).first() or Tribute(gift=locked)
    tribute.kind, tribute.name = kind, name
    if tribute.notified_at is None:
        tribute.notify_name, tribute.language = notify_name, language
        tribute.notify_email = contact.normal_email(notify_email) if notify_email else ""
    is_new = tribute.pk is None
    tribute.save()
    audit.log("tribute.added" if is_new else "tribute.changed", locked, by=by, at=at, kind=kind)
    tell(tribute, at=at)
    return tribute


def tell(tribute: Tribute, *, at: datetime) -> None:
    """Queue the notice, once; it never says how much was given."""
    if not tribute.notify_email or tribute.notified_at is not None:
        return
    gift = tribute.gift
    mail = Mail(
        key=f"tribute:{gift.public_id}",
        supporter=gift.supporter,
        to=tribute.notify_email,
        template="tribute",
        language=tribute.language,
        context={
            "kind": tribute.kind,
            "name": tribute.name,
            "given_name": tribute.notify_name,
            "donor": "" if gift.is_anonymous else gift.supporter.full_name,
        },
        queued_at=at,
        due_at=at,
    )
    insert_unless_there(mail, task=jobs.deliver_mails)
    tribute.notified_at = at
    tribute.save(update_fields=["notified_at"])


def forget_told(emails: Iterable[str]) -> None:
    """Forget who was told of gifts that others made, or is about to be, and the notice to them."""
    tributes = Tribute.objects.filter(notify_email__in=emails)
    gifts = tributes.values_list("gift__public_id", flat=True)
    notices = Mail.objects.filter(key__in=[f"tribute:{public_id}" for public_id in gifts])
    notices.filter(sent_at=None).delete()
    notices.update(to="", context={})
    tributes.update(notify_name="", notify_email="")
