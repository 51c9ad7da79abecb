"""Who may see an import, and who may work on it."""

from typing import Any

from crm.access import may_see
from crm.exchange.models import Import, Kind

ADDS = {
    Kind.SUPPORTERS: "crm.add_supporter",
    Kind.SIGNATURES: "crm.add_signature",
    Kind.GIFTS: "crm.add_gift",
}


# What may stand in any file of supporters.
IN_FILES = ("phones", "addresses", "birth_date", "identifiers", "notes")


def kinds_for(user: Any) -> list[str]:
    """Return what somebody may import."""
    return [kind for kind, right in ADDS.items() if user.has_perm(right)]


def may_see_kind(user: Any, batch: Import) -> bool:
    """Whether somebody may see what an import is about: gifts are not for all."""
    rights = ["crm.view_import", "crm.view_supporter"]
    if batch.kind == Kind.GIFTS:
        rights += ["crm.view_gift", "crm.see_money"]
    return bool(user.has_perms(rights))


def may_work_on(user: Any, batch: Import) -> bool:
    rights = ["crm.change_import", ADDS[Kind(batch.kind)]]
    return may_see_kind(user, batch) and bool(user.has_perms(rights))


def may_open(user: Any, batch: Import) -> bool:
    """Whether somebody may say how a file is read, which takes seeing its rows."""
    return may_work_on(user, batch) and may_fetch(user, batch)


def may_fetch(user: Any, batch: Import) -> bool:
    """Whether somebody may have rows of the file: it was theirs, or they see all of people."""
    return batch.created_by_id == user.pk or bool(
        user.has_perm("crm.view_storedfile") and may_see(user, *IN_FILES)
    )
