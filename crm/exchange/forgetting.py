"""Files that were imported are not kept for ever: what they told is in the records."""

from datetime import datetime, timedelta

from crm.exchange.models import Import
from crm.people.files import StoredFile

KEPT_FOR = timedelta(days=30)
BUSY = ("checking", "waiting", "running", "undoing")


def forget_files(*, now: datetime) -> int:
    """Delete the files of imports that nobody has touched for some time; return how many."""
    old = Import.objects.filter(created_at__lt=now - KEPT_FOR).exclude(state__in=BUSY)
    keys = {key for pair in old.values_list("file", "rejects") for key in pair if key}
    StoredFile.objects.filter(pk__in=keys).delete()
    return len(keys)
