"""Everything we hold about somebody as one archive: data.json, data.pdf, and their files."""

import re
import zipfile
from datetime import datetime
from typing import IO

from crm.people.files import StoredFile
from crm.people.models import Supporter
from crm.people.storing import contents
from crm.privacy.access import Package, as_json
from crm.privacy.belongings import records_of

UNSAFE = re.compile(r"[^\w .()-]")


def pack(file: IO[bytes], *, package: Package, supporter: Supporter, readable: bytes) -> None:
    """Write the archive; of files, one piece at a time is in memory."""
    stored = StoredFile.objects.filter(supporter__in=records_of(supporter)).order_by("pk")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        write(archive, "data.json", as_json(package), package.made_at)
        write(archive, "data.pdf", readable, package.made_at)
        for each in stored:
            entry = entry_of(path_of(each), each.added_at)
            with archive.open(entry, "w", force_zip64=True) as part:
                for piece in contents(each):
                    part.write(piece)


def write(archive: zipfile.ZipFile, name: str, data: bytes, at: datetime) -> None:
    archive.writestr(entry_of(name, at), data)


def entry_of(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def path_of(stored: StoredFile) -> str:
    """Return the name of a file in the archive: its own, with a number, as two may share one."""
    return f"files/{stored.pk}-{UNSAFE.sub('_', stored.name)}"
