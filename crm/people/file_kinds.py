"""What kind of file something is, told by its content: a name can say anything.

Kinds that a browser would run, such as HTML and SVG, and documents with macros are not among them.
"""

import codecs
import zipfile
from pathlib import PurePosixPath
from typing import IO, NamedTuple

HEAD = 2048
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACROS = "_VBA_PROJECT".encode("utf-16-le")  # what the folder of macros is called in such a file
MARKUP = (b"<!doctype", b"<html", b"<svg", b"<?xml", b"<script", b"<head", b"<body")
OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"


class Kind(NamedTuple):
    content_type: str
    endings: tuple[str, ...]


PDF = Kind("application/pdf", ("pdf",))
PNG = Kind("image/png", ("png",))
JPEG = Kind("image/jpeg", ("jpg", "jpeg"))
GIF = Kind("image/gif", ("gif",))
WEBP = Kind("image/webp", ("webp",))
TIFF = Kind("image/tiff", ("tif", "tiff"))
HEIC = Kind("image/heic", ("heic", "heif"))
# Documents of a packed folder: the kind by what lies in it.
PACKED = {
    "word/": Kind(f"{OFFICE}.wordprocessingml.document", ("docx",)),
    "xl/": Kind(f"{OFFICE}.spreadsheetml.sheet", ("xlsx",)),
    "ppt/": Kind(f"{OFFICE}.presentationml.presentation", ("pptx",)),
}
OPEN_DOCUMENTS = {
    f"{OPEN}.text": Kind(f"{OPEN}.text", ("odt",)),
    f"{OPEN}.spreadsheet": Kind(f"{OPEN}.spreadsheet", ("ods",)),
    f"{OPEN}.presentation": Kind(f"{OPEN}.presentation", ("odp",)),
}
# Kinds whose content does not tell them apart: by the ending.
OLDER = {
    "doc": Kind("application/msword", ("doc",)),
    "xls": Kind("application/vnd.ms-excel", ("xls",)),
    "ppt": Kind("application/vnd.ms-powerpoint", ("ppt",)),
}
TEXTS = {"txt": Kind("text/plain", ("txt",)), "csv": Kind("text/csv", ("csv",))}
ENDINGS = sorted(
    ending
    for kind in (
        *(PDF, PNG, JPEG, GIF, WEBP, TIFF, HEIC),
        *PACKED.values(),
        *OPEN_DOCUMENTS.values(),
        *OLDER.values(),
        *TEXTS.values(),
    )
    for ending in kind.endings
)
BEGINNINGS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
)
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}


def kind_of(file: IO[bytes], name: str) -> Kind | None:
    """Return what a file is, or None when it is none of these or its name says otherwise."""
    ending = PurePosixPath(name).suffix[1:].lower()
    file.seek(0)
    kind = by_content(file, file.read(HEAD), ending)
    file.seek(0)
    return kind if kind and ending in kind.endings else None


def by_content(file: IO[bytes], head: bytes, ending: str) -> Kind | None:
    for beginning, kind in BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return HEIC if head[8:12] in HEIC_BRANDS else None
    if head.startswith(b"PK\x03\x04"):
        return packed(file)
    if head.startswith(OLE):
        return None if has_macros(file) else OLDER.get(ending)
    return TEXTS.get(ending) if is_text(file, head) else None


def packed(file: IO[bytes]) -> Kind | None:
    """Look into a packed folder, without unpacking more of it than a line."""
    try:
        with zipfile.ZipFile(file) as folder:
            names = folder.namelist()
            if "mimetype" in names:
                with folder.open("mimetype") as first:
                    return OPEN_DOCUMENTS.get(first.read(100).decode("ascii", "replace").strip())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError):
        return None
    if "[Content_Types].xml" not in names or any("vbaProject" in name for name in names):
        return None
    found = {kind for place, kind in PACKED.items() if any(n.startswith(place) for n in names)}
    return found.pop() if len(found) == 1 else None


def has_macros(file: IO[bytes]) -> bool:
    file.seek(0)
    return MACROS in file.read()


def is_text(file: IO[bytes], head: bytes) -> bool:
    """Whether these are words, and not a page that only calls itself text."""
    bare = head.removeprefix(codecs.BOM_UTF8)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        bare = head.decode("utf-16", "replace").encode()
    if bare.lstrip().lower().startswith(MARKUP) or b"\0" in bare:
        return False
    return bool(bare) and not any(byte < 32 and byte not in b"\t\n\v\f\r\x1b" for byte in bare)
