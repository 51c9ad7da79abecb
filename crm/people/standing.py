"""Which record stands for somebody, after merges."""

from crm.people.models import Supporter


def standing(supporter: Supporter) -> Supporter:
    """Return the record that a supporter went into, or their own, and let no merge begin.

    What is about to be written for somebody is then theirs, whoever merges them meanwhile.
    """
    rows = Supporter.objects.select_for_update(no_key=True)
    found = rows.get(pk=supporter.pk)
    while found.merged_into_id is not None:
        found = rows.get(pk=found.merged_into_id)
    return found


def successor(supporter: Supporter) -> Supporter | None:
    """Return the record that a supporter went into in the end, for an address that is asked for."""
    if supporter.merged_into_id is None:
        return None
    found = supporter
    while found.merged_into is not None:
        found = found.merged_into
    return found
