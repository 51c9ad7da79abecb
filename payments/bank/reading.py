"""From an uploaded file to statements: which format it is, and in which letters."""

from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext as _

from payments.bank import camt, coda
from payments.bank.lines import LONGEST_FILE, Flaw, Statement, Unreadable


@dataclass(frozen=True)
class File:
    format: str
    fingerprint: str
    statements: list[Statement]

    @property
    def flaws(self) -> list[Flaw]:
        return [flaw for statement in self.statements for flaw in statement.flaws]


def read(data: bytes) -> File:
    """Return what a CODA or CAMT.053 file says. Raises Unreadable for whatever else it is."""
    if len(data) > LONGEST_FILE:
        most = LONGEST_FILE // 1024**2
        raise Unreadable(_("The file is larger than %(most)d MB.") % {"most": most})
    if not data.strip():
        raise Unreadable(_("The file is empty."))
    fingerprint = sha256(data).hexdigest()
    if camt.is_xml(data):
        return File("camt", fingerprint, camt.read(data))
    text = decoded(data)
    if coda.is_coda(text):
        return File("coda", fingerprint, coda.read(text))
    raise Unreadable(_("This is neither a CODA nor a CAMT.053 file."), line=1)


def decoded(data: bytes) -> str:
    """Return the text of a CODA file, whose letters are Windows' or, from some banks, UTF-8."""
    if b"\0" in data:
        reason = _("The letters are written in two bytes each (UTF-16), or this is no text file.")
        raise Unreadable(reason, line=1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("windows-1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = _("A letter cannot be read: the file is neither in Windows-1252 nor in UTF-8.")
        raise Unreadable(reason, line=line) from None
