"""Background work of consents that wait for an answer."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.mailing import asking


@app.task(queue="mail", name="mailing.ask_to_confirm")
def ask_to_confirm(request_id: int) -> None:
    asking.ask_to_confirm(request_id=request_id, at=timezone.now())
