"""Which record stands for somebody, after merges."""

from crm.people.models import Supporter


def standing(supporter: Supporter) -> Supporter:
    """Return the record that a supporter went into, or their own, and let no merge begin.

    What is about to be written for somebody is then theirs, whoever merges them meanwhile.
    """
    rows = Supporter.objects.select_for_update(no_key=True)
    key = supporter.pk
    while True:
        # Only the one that stands is locked: whoever unmerges would lock both, in another order.
        found = rows.filter(pk=key, merged_into=None).first()
        if found is not None and (key == supporter.pk or key == end_of(supporter.pk)):
            return found
        key = end_of(supporter.pk)


def end_of(key: int) -> int:
    """Return the key of the record that another one went into in the end, as it is now."""
    went = Supporter.objects.values_list("merged_into", flat=True)
    while (into := went.get(pk=key)) is not None:
        key = into
    return key


def successor(supporter: Supporter) -> Supporter | None:
    """Return the record that a supporter went into in the end, for an address that is asked for."""
    if supporter.merged_into_id is None:
        return None
    found = supporter
    while found.merged_into is not None:
        found = found.merged_into
    return found
