"""The petition's picture, drawn here: hills at night, and a window in which somebody waits."""

from datetime import datetime
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw

from crm.campaigns.models import Campaign
from crm.campaigns.pictures import CampaignPicture

WIDTH, HEIGHT = 1200, 630
FINER = 2  # drawn so much larger, and made smaller for smooth edges
SKY, STARS = "#16324f", "#c9d6df"
# From the back to the front: the colour, the tops and the middles of each row of hills.
HILLS = [
    ("#1f4b6e", [(150, 420, 420), (620, 380, 470), (1090, 410, 430)]),
    ("#1b3f5c", [(0, 480, 460), (480, 500, 430), (1010, 470, 500)]),
    ("#11283f", [(260, 560, 560), (900, 570, 620)]),
]
HOUSE, LIGHT, GLOW = "#0d1f31", "#f4c95d", ["#1d4a68", "#2f5a6d", "#4c6c6e"]
AT_NIGHT = [(90, 80), (230, 150), (380, 60), (520, 170), (660, 90), (1010, 70), (1120, 160)]


def paint() -> bytes:
    """Return the picture as a JPEG of some kilobytes."""
    image = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), SKY)
    pen = ImageDraw.Draw(image)
    for x, y in AT_NIGHT:
        dot(pen, x, y, 3, STARS)
    for place, colour in enumerate(GLOW):
        dot(pen, 820, 330, 230 - 70 * place, colour)
    for colour, tops in HILLS:
        for x, y, half in tops:
            box = (x - half, y, x + half, y + 2 * half)
            pen.ellipse([FINER * each for each in box], fill=colour)
    home(pen)
    file = BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(file, "JPEG", quality=80)
    return file.getvalue()


def dot(pen: ImageDraw.ImageDraw, x: int, y: int, radius: int, colour: str) -> None:
    box = (x - radius, y - radius, x + radius, y + radius)
    pen.ellipse([FINER * each for each in box], fill=colour)


def home(pen: ImageDraw.ImageDraw) -> None:
    """A house with a roof, a lit window, and two heads in it, a large and a small one."""
    pen.polygon([FINER * each for each in (700, 330, 820, 230, 940, 330)], fill=HOUSE)
    pen.rectangle([FINER * each for each in (725, 325, 915, 470)], fill=HOUSE)
    pen.rectangle([FINER * each for each in (770, 350, 870, 430)], fill=LIGHT)
    for x, y, radius in ((803, 392, 14), (840, 404, 10)):
        dot(pen, x, y, radius, HOUSE)
        shoulders = (x - 1.7 * radius, y + radius, x + 1.7 * radius, 460)
        pen.chord([FINER * each for each in shoulders], 180, 360, fill=HOUSE)
    pen.rectangle([FINER * each for each in (725, 430, 915, 470)], fill=HOUSE)


def hang(campaign: Campaign, *, at: datetime) -> None:
    content = paint()
    CampaignPicture.objects.create(
        campaign=campaign,
        content=content,
        content_type="image/jpeg",
        width=WIDTH,
        height=HEIGHT,
        digest=sha256(content).hexdigest(),
        added_at=at,
    )
