"""Background work of the programmes."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from crm.lib.periods import local_day
from crm.programmes import certifying, enrolling

RETRY = RetryStrategy(max_attempts=10, exponential_wait=4)


@app.task(queue="mail", name=certifying.SEND, retry=RETRY)
def send_certificate(certificate_id: int, word: str) -> None:
    """Queue the mail that carries a certificate of attendance."""
    certifying.send(certificate_id=certificate_id, word=word, at=timezone.now())


@app.periodic(cron="40 6 * * *")
@app.task(queue="mail", name="programmes.remind_of_refreshers")
def remind_of_refreshers(timestamp: int) -> None:
    """Tell whose training should be refreshed soon; nobody hears it twice."""
    now = timezone.now()
    certifying.remind(today=local_day(now), at=now)


@app.periodic(cron="*/10 * * * *")
@app.task(queue="mail", name="programmes.fill_places", queueing_lock="fill_places")
def fill_places(timestamp: int) -> None:
    """Let those who wait move up into places that came free."""
    enrolling.fill_all(at=timezone.now())
