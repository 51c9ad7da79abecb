"""Which encoding a text file is written in, by plain rules first."""

import codecs
from typing import BinaryIO

from charset_normalizer import from_bytes

from crm.lib.sheets import BadFile

BLOCK = 1 << 16
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What French, Dutch and English texts have beyond ASCII when they are read in the right encoding.
USUAL = set("àâäáãåçéèêëíìîïñóòôöõøúùûüýÿœæßÀÂÄÁÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØÚÙÛÜÝŸŒÆ«»’‘“”„–—…€°§£ \u00a0·•")
OTHERS = ["cp1252", "mac_roman", "cp850", "iso8859_15", "cp1250", "iso8859_2"]


def encoding_of(file: BinaryIO) -> str:
    """Name the encoding. Raises BadFile for a text that is UTF-8 but for some characters."""
    file.seek(0)
    start = file.read(BLOCK)
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    if (wide := without_mark(start)) != "":
        return wide
    broken_at, is_utf8_before = first_break(file)
    if broken_at is None:
        return "utf-8"
    if is_utf8_before:
        raise BadFile("encoding", line=line_of(file, broken_at), encoding="utf-8")
    file.seek(max(0, broken_at - BLOCK // 2))
    return single_byte(file.read(BLOCK))


def without_mark(start: bytes) -> str:
    """Recognise UTF-16 without its mark: every second byte of plain text is NUL."""
    half = len(start) // 2
    odd, even = start[1::2].count(0), start[::2].count(0)
    if half and odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    return "utf-16-be" if half and even > half * 0.4 and odd < half * 0.05 else ""


def first_break(file: BinaryIO) -> tuple[int | None, bool]:
    """Return where UTF-8 ends to be UTF-8, and whether it had proved itself before."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    offset, proved = 0, False
    while True:
        block = file.read(BLOCK)
        held = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            proved = proved or not block_is_ascii(error.object[: error.start])
            return offset - held + error.start, proved
        proved = proved or not text.isascii()
        offset += len(block)
        if not block:
            return None, proved


def block_is_ascii(block: bytes) -> bool:
    return block.isascii()


def line_of(file: BinaryIO, offset: int) -> int:
    """Return the line that holds a byte."""
    file.seek(0)
    line, left = 1, offset
    while left > 0 and (block := file.read(min(BLOCK, left))):
        line += block.count(b"\n")
        left -= len(block)
    return line


def single_byte(sample: bytes) -> str:
    """Choose among the encodings with one byte a character: Windows', unless it makes no sense."""
    beyond = [char for char in sample.decode("cp1252", errors="replace") if ord(char) > 127]
    usual = sum(char in USUAL for char in beyond)
    if usual >= 0.9 * len(beyond):
        return "cp1252"
    best = from_bytes(sample, cp_isolation=OTHERS).best()
    return best.encoding if best is not None else "cp1252"
