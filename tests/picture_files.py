"""Files of pictures, as people upload them."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

ORIENTATION, DESCRIPTION, TURNED = 0x0112, 0x010E, 6


def picture_file(size=(400, 300), kind="JPEG", *, mode="RGB", colour="teal", **options):
    """The bytes of a picture of one colour."""
    made = BytesIO()
    Image.new(mode, size, colour).save(made, kind, **options)
    return made.getvalue()


def turned_file():
    """A photo from a camera held upright, which says so and tells more than it should."""
    notes = Image.Exif()
    notes[ORIENTATION], notes[DESCRIPTION] = TURNED, "at home, 50.85 N 4.35 E"
    return picture_file((400, 300), exif=notes)


def upload(content, name="photo.jpg"):
    return SimpleUploadedFile(name, content)
