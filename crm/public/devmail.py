"""The mails that development writes to files instead of sending them."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import NamedTuple

from django.urls import reverse

SEPARATOR = b"\n" + b"-" * 79 + b"\n"  # as Django's file-based backend writes it
FILES = 200


class Attached(NamedTuple):
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class FiledMail:
    """One mail of a file."""

    file: str
    position: int
    message: EmailMessage

    @property
    def url(self) -> str:
        return reverse("devmail:show", args=[self.file, self.position])

    @property
    def subject(self) -> str:
        return self.message["Subject"] or ""

    @property
    def sender(self) -> str:
        return self.message["From"] or ""

    @property
    def to(self) -> str:
        return self.message["To"] or ""

    @property
    def date(self) -> str:
        return self.message["Date"] or ""

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def files(self) -> list[Attached]:
        return [
            Attached(
                part.get_filename() or "attachment",
                part.get_content_type(),
                bytes(part.get_payload(decode=True) or b""),
            )
            for part in self.message.iter_attachments()
        ]

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return part.get_content() if part is not None else ""


def newest(folder: Path) -> list[FiledMail]:
    """Return the mails of the newest files, newest first."""
    paths = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [mail for path in paths[:FILES] for mail in reversed(mails_in(path))]


def find(folder: Path, file: str, position: int) -> FiledMail | None:
    """Return one mail. Only names that stand in the folder lead to a file."""
    paths = {path.name: path for path in folder.glob("*.log")}
    mails = mails_in(paths[file]) if file in paths else []
    return mails[position] if position < len(mails) else None


def mails_in(path: Path) -> list[FiledMail]:
    parts = [part for part in path.read_bytes().split(SEPARATOR) if part.strip()]
    return [
        FiledMail(path.name, position, message_from_bytes(part, policy=default))
        for position, part in enumerate(parts)
    ]
