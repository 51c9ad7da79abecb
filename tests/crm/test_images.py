"""Pictures that people upload, made fit for a page."""

from io import BytesIO
from zlib import crc32

import pytest
from PIL import Image

from crm.lib.images import (
    MOST_BYTES,
    NotAPicture,
    TooHeavy,
    TooManyPixels,
    TooSmall,
    fit_for_page,
)
from tests.picture_files import picture_file, turned_file


def opened(made):
    return Image.open(BytesIO(made.content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_picture_becomes_a_jpeg_of_its_own_size(kind):
    made = fit_for_page(picture_file(kind=kind))

    assert (made.content_type, made.width, made.height) == ("image/jpeg", 400, 300)
    assert (opened(made).format, opened(made).size) == ("JPEG", (400, 300))


@pytest.mark.parametrize(
    ("size", "small"), [((3200, 1600), (1600, 800)), ((900, 3600), (400, 1600))]
)
def test_large_picture_is_made_smaller_in_its_proportions(size, small):
    assert fit_for_page(picture_file(size))[2:] == small


def test_what_can_be_seen_through_stays_so_as_webp():
    made = fit_for_page(picture_file(kind="PNG", mode="RGBA", colour=(0, 128, 128, 0)))

    assert (made.content_type, opened(made).format, opened(made).mode) == (
        "image/webp",
        "WEBP",
        "RGBA",
    )


def test_photo_stands_upright_and_no_longer_says_where_it_was_taken():
    photo = turned_file()

    made = fit_for_page(photo)

    assert b"50.85 N" in photo
    assert b"50.85 N" not in made.content
    assert (made[2:], dict(opened(made).getexif())) == ((300, 400), {})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", NotAPicture),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPicture),
        (b"%PDF-1.7", NotAPicture),
        (picture_file(kind="GIF", mode="P", colour=1), NotAPicture),
        (picture_file((900, 900))[:-300], NotAPicture),
        (b"\xff" * (MOST_BYTES + 1), TooHeavy),
        (picture_file((9000, 9000), "PNG", mode="1", colour=1), TooManyPixels),
        (picture_file((199, 400)), TooSmall),
    ],
)
def test_what_is_no_picture_for_a_page_is_refused_with_its_reason(content, reason):
    with pytest.raises(reason):
        fit_for_page(content)


def test_bomb_of_more_pixels_than_pillow_reads_is_refused_as_one():
    header = bytearray(picture_file(kind="PNG", mode="1", colour=1))
    header[16:24] = (60_000).to_bytes(4) * 2  # the sizes that the file claims
    header[29:33] = crc32(header[12:29]).to_bytes(4)

    with pytest.raises(TooManyPixels):
        fit_for_page(bytes(header))
