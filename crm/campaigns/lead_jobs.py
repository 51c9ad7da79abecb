"""Background work of Facebook's lead forms."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from crm.campaigns import graph, lead_operations
from crm.campaigns.leads import Lead, LeadForm

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)  # seconds, then minutes, then hours


@app.task(queue=lead_operations.QUEUE, name=lead_operations.FETCH, retry=RETRY)
def fetch_lead(lead: int) -> None:
    """Fetch what was filled in at Facebook, and sign."""
    found = Lead.objects.filter(pk=lead).first()
    if found is not None:  # else erased meanwhile
        lead_operations.fetch(lead=found, at=timezone.now())


@app.periodic(cron="43 * * * *")
@app.task(
    queue=lead_operations.QUEUE, name="campaigns.fetch_waiting_leads", queueing_lock="fetch_leads"
)
def fetch_waiting_leads(timestamp: int) -> None:
    """Try again with what still waits: Facebook was down for long, or our token had ended."""
    forms = LeadForm.objects.filter(is_active=True).values("form_id")
    for lead in Lead.objects.to_fetch().filter(form_id__in=forms).order_by("pk"):
        try:
            lead_operations.fetch(lead=lead, at=timezone.now())
        except graph.TryLater:
            return
