"""Pictures that people upload, made fit for a page: upright, small, and without what they hide.

A photo tells where and by whom it was taken; what is made here are its pixels and nothing else.
"""

import warnings
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000  # a bomb of a few kB would fill the memory
WIDEST, HIGHEST = 1600, 1600
LEAST = 200  # pixels, on each side; less is a thumbnail
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82
JPEG, WEBP = "image/jpeg", "image/webp"
ENDINGS = {JPEG: "jpg", WEBP: "webp", "image/png": "png"}


class NotAPicture(ValueError):
    """The file is no JPEG, PNG or WebP, or it is damaged."""


class TooHeavy(ValueError):
    """The file has too many bytes."""


class TooManyPixels(ValueError):
    """The picture would need too much memory."""


class TooSmall(ValueError):
    """The picture has too few pixels to be shown."""


class Made(NamedTuple):
    content: bytes
    content_type: str
    width: int
    height: int


def fit_for_page(content: bytes) -> Made:
    """Return a picture at most `WIDEST` wide, as JPEG, or as WebP where it can be seen through.

    Raises NotAPicture, TooHeavy, TooManyPixels and TooSmall.
    """
    if len(content) > MOST_BYTES:
        raise TooHeavy
    upright = opened(content)
    upright.thumbnail((WIDEST, HIGHEST), Image.Resampling.LANCZOS)
    if upright.mode == "RGBA":
        return Made(written(upright, "WEBP"), WEBP, *upright.size)
    return Made(written(upright, "JPEG"), JPEG, *upright.size)


def opened(content: bytes) -> Image.Image:
    """Read the pixels of a file that was checked, turned as its camera was held."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # told apart below
            picture = Image.open(BytesIO(content), formats=FORMATS)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        is_bomb = isinstance(error, Image.DecompressionBombError)
        raise (TooManyPixels if is_bomb else NotAPicture) from error
    if picture.width * picture.height > MOST_PIXELS:
        raise TooManyPixels
    if min(picture.size) < LEAST:
        raise TooSmall
    # A large JPEG is read at half its size or less, which takes a fraction of the memory.
    picture.draft("RGB", (2 * WIDEST, 2 * HIGHEST))
    try:
        return coloured(ImageOps.exif_transpose(picture))
    except (OSError, SyntaxError, ValueError) as error:
        raise NotAPicture from error


def coloured(picture: Image.Image) -> Image.Image:
    """Return the picture with colours as pages show them, and see-through only where it is."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    seen_through = picture.convert("RGBA")
    is_solid = seen_through.getchannel("A").getextrema() == (255, 255)
    return seen_through.convert("RGB") if is_solid else seen_through


def written(picture: Image.Image, kind: str) -> bytes:
    made = BytesIO()
    plain = Image.new(picture.mode, picture.size)
    plain.paste(picture)  # pixels only: no EXIF, no profile, no comment
    plain.save(made, kind, quality=QUALITY, optimize=True, progressive=True)
    return made.getvalue()
