"""What may happen to API keys. The only place that writes them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from crm import audit
from crm.api.models import ApiToken

NOTE_USE_EVERY = timedelta(minutes=1)


@transaction.atomic
def make_token(
    *,
    name: str,
    scopes: Iterable[str],
    by: Any,
    at: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a key for a program, and return it beside its record: it cannot be shown again."""
    key = ApiToken.new_key()
    token = ApiToken.objects.create(
        name=name,
        digest=ApiToken.digest_of(key),
        scopes=sorted(set(scopes)),
        created_by=by,
        created_at=at,
        expires_at=expires_at,
    )
    audit.log("token.made", token, by=by, scopes=token.scopes)
    return token, key


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Any, at: datetime) -> ApiToken:
    """End a key at once. Revoking it again changes nothing."""
    locked = ApiToken.objects.select_for_update().get(pk=token.pk)
    if locked.revoked_at is None:
        locked.revoked_at = at
        locked.save(update_fields=["revoked_at"])
        audit.log("token.revoked", locked, by=by)
    return locked


def note_use(*, token: ApiToken, at: datetime) -> None:
    """Date a key's last use, to the minute, so that reading does not write each time."""
    if token.last_used_at is None or at - token.last_used_at >= NOTE_USE_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)
