"""Where Django looks for staff pages; they register themselves with `crm.staff.site`."""

from crm.staff import (
    alarms,
    campaigns,
    donations,
    keys,
    records,
    signatures,
    supporters,
    users,
    wordings,
)

__all__ = [
    "alarms",
    "campaigns",
    "donations",
    "keys",
    "records",
    "signatures",
    "supporters",
    "users",
    "wordings",
]
