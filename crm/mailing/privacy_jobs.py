"""Background work of those who ask for their data."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from crm.mailing import handing_out
from crm.privacy import requesting


@app.task(
    queue="mail",
    name=requesting.HAND_OUT,
    retry=RetryStrategy(max_attempts=10, exponential_wait=4),
)
def hand_out(request_id: int) -> None:
    """Put together what somebody asked for, and write to them."""
    handing_out.answer_access(request_id=request_id, at=timezone.now())
