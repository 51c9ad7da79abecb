"""Where Django looks for staff pages; they register themselves with `crm.staff.site`."""

from crm.staff import campaigns, donations, keys, records, signatures, supporters, users, wordings

__all__ = [
    "campaigns",
    "donations",
    "keys",
    "records",
    "signatures",
    "supporters",
    "users",
    "wordings",
]
