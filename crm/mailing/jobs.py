"""Background work of the mail outbox."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from crm.mailing import delivery, handling


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


@app.task(
    queue="mail",
    name="mailing.handle_mail_event",
    retry=RetryStrategy(max_attempts=10, exponential_wait=4),
)
def handle_mail_event(event_id: int) -> None:
    """Draw the consequences of what a provider told."""
    handling.handle(event_id=event_id, at=timezone.now())
