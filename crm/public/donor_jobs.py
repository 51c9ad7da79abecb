"""Background work of the donor's own page."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.public import donor_link


@app.task(queue="mail", name="public.send_donor_link")
def send_donor_link(supporter_id: int | None, language: str) -> None:
    """Send the link. The job is queued for strangers too, so that nobody can time the answer."""
    donor_link.send(supporter_id=supporter_id, language=language, at=timezone.now())
