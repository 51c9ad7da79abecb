"""Background work of donations."""

from django.contrib.auth import get_user_model
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from crm.donations import certificates, communications, farewell, receipts, tallies
from crm.privacy import requesting

RETRY = RetryStrategy(max_attempts=10, exponential_wait=4)


@app.task(queue="mail", name="donations.thank", retry=RETRY)
def thank(gift_id: int) -> None:
    """Issue the receipt of a paid gift and queue the thank-you mail that carries it."""
    receipts.thank(gift_id=gift_id, at=timezone.now())


@app.task(queue="mail", name="donations.correct_papers", retry=RETRY)
def correct_papers(gift_id: int) -> None:
    """Let receipts and tax certificates say what is left of a gift of which money went back."""
    receipts.correct(gift_id=gift_id, at=timezone.now())
    certificates.correct(gift_id=gift_id, at=timezone.now())


@app.task(queue="mail", name=receipts.SEND, retry=RETRY)
def send_corrected_receipt(receipt_id: int) -> None:
    """Queue the mail that carries a corrected receipt."""
    receipts.send_corrected(receipt_id=receipt_id, at=timezone.now())


@app.task(queue="mail", name=receipts.SEND_YEAR, retry=RETRY)
def send_yearly_receipt(receipt_id: int) -> None:
    """Queue the mail that carries the receipt of a year."""
    receipts.send_for_year(receipt_id=receipt_id, at=timezone.now())


@app.task(queue="mail", name=certificates.ISSUE, retry=RETRY)
def issue_certificates(year: int, by_id: int) -> None:
    """Issue the tax certificates of a year that are not there yet."""
    by = get_user_model().objects.get(pk=by_id)
    certificates.issue_all(year=year, at=timezone.now(), by=by)


@app.task(queue="mail", name=certificates.SEND, retry=RETRY)
def send_certificate(certificate_id: int) -> None:
    """Queue the mail that carries a tax certificate."""
    certificates.send(certificate_id=certificate_id, at=timezone.now())


@app.task(queue="mail", name=requesting.LET_GO, retry=RETRY)
def let_go(request_id: int) -> None:
    """Erase whoever asked for it, prove it, and write to them one last time."""
    farewell.carry_out(request_id=request_id, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queue="tallies", name="donations.fold_gifts", queueing_lock="fold_gifts")
def fold_gifts(timestamp: int) -> None:
    """Move what came in since the last minute into the daily tallies."""
    while tallies.fold():
        continue


@app.periodic(cron="* * * * *")
@app.task(queue="upkeep", name="donations.number_campaigns", queueing_lock="number_campaigns")
def number_campaigns(timestamp: int) -> None:
    """Give new campaigns the communication by which transfers for them are known."""
    communications.number_campaigns(at=timezone.now())
