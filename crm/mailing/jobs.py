"""Background work of the mail outbox."""

from django.utils import timezone
from procrastinate.contrib.django import app

from crm.mailing import delivery


@app.task(queue="mail", name="mailing.deliver_mails")
def deliver_mails() -> None:
    """Send what is due. Each job carries a batch, so most of them find nothing left to do."""
    while delivery.deliver(now=timezone.now()):
        continue


@app.periodic(cron="* * * * *")
@app.task(queue="mail", name="mailing.deliver_postponed")
def deliver_postponed(timestamp: int) -> None:
    """Send again what could not be sent, and what a dead worker had claimed."""
    deliver_mails()
