"""The file of an import, as it was sent."""

from typing import BinaryIO, cast

from crm.exchange.models import Import
from crm.people.storing import opened


class WrongState(Exception):
    """The import is being worked on, has been run, or its file is gone."""


def file_of(batch: Import) -> BinaryIO:
    """Return a copy of the file, open. Raises WrongState once it was forgotten."""
    if batch.file is None:
        raise WrongState(batch.state)
    return cast(BinaryIO, opened(batch.file))
