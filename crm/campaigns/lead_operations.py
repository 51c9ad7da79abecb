"""Leads of Facebook: kept when they are announced, and signatures once they are fetched."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from crm import audit
from crm.campaigns import graph
from crm.campaigns.lead_answers import NoAddress, signer_of, ticked
from crm.campaigns.lead_consents import keep_boxes
from crm.campaigns.leads import Lead, LeadForm, Why
from crm.campaigns.models import Campaign, Signature
from crm.campaigns.signing import CampaignClosed, sign
from crm.campaigns.sources import Trail
from crm.lib.rows import insert_unless_there

FETCH, QUEUE = "campaigns.fetch_lead", "leads"
TRAIL = Trail(utm_source="facebook", utm_medium="lead")


class FormKnown(Exception):
    """There is a lead form with this number already."""


@transaction.atomic
def keep_leads(*, announced: Iterable[tuple[str, str]], at: datetime) -> int:
    """Keep each lead (its number, its form's), and queue that it is fetched. Once each."""
    leads = [Lead(lead_id=number, form_id=form, received_at=at) for number, form in announced]
    new = [lead for lead in leads if insert_unless_there(lead)]
    queue(new)
    return len(new)


def queue(leads: Iterable[Lead]) -> None:
    jobs: list[Any] = [{"lead": lead.pk} for lead in leads]
    if jobs:
        app.configure_task(FETCH, queue=QUEUE).batch_defer(*jobs)


def fetch(*, lead: Lead, at: datetime) -> None:
    """Ask Facebook what was filled in, and sign. A lead whose form nobody uses waits.

    Raises graph.TryLater.
    """
    form = LeadForm.objects.filter(form_id=lead.form_id, is_active=True).first()
    if form is None or lead.state != Lead.State.WAITING:
        return
    try:
        told = graph.lead(lead.lead_id)
    except graph.NotAllowed:
        # Not the lead's fault: it waits for somebody to renew the token.
        Lead.objects.to_fetch().filter(pk=lead.pk).update(why=Why.TOKEN)
        raise
    except graph.Unknown:
        refuse(lead, Why.UNKNOWN, at=at)
    else:
        take_over(lead=lead, form=form, told=told, at=at)


@transaction.atomic
def take_over(*, lead: Lead, form: LeadForm, told: dict[str, Any], at: datetime) -> None:
    """Let who filled in the form sign; they confirm by mail, as Facebook proves no address."""
    locked = Lead.objects.to_fetch().select_for_update().filter(pk=lead.pk).first()
    if locked is None:
        return
    try:
        signature, email = signed(form, told, at=at)
    except NoAddress:
        refuse(locked, Why.ADDRESS, at=at)
    except CampaignClosed:
        refuse(locked, Why.CLOSED, at=at)
    else:
        keep_boxes(signature, form=form, boxes=ticked(told), email=email, at=at)
        locked.state, locked.why, locked.handled_at = Lead.State.DONE, "", at
        locked.signature = signature
        locked.save(update_fields=["state", "why", "handled_at", "signature"])


def signed(form: LeadForm, told: dict[str, Any], *, at: datetime) -> tuple[Signature, str]:
    signer: dict[str, Any] = signer_of(told, language=form.language)
    signature = sign(campaign=form.campaign, language=form.language, trail=TRAIL, at=at, **signer)
    return signature, signer["email"]


def refuse(lead: Lead, why: str, *, at: datetime) -> None:
    refused = {"state": Lead.State.REFUSED, "why": why, "handled_at": at}
    Lead.objects.to_fetch().filter(pk=lead.pk).update(**refused)


@transaction.atomic
def fetch_again(*, lead: Lead, at: datetime, by: Any) -> bool:
    """Queue a lead that was refused, or that waits, once more. What was taken over stays."""
    again = Lead.objects.exclude(state=Lead.State.DONE).filter(pk=lead.pk)
    if not again.update(state=Lead.State.WAITING, why="", handled_at=None):
        return False
    queue([lead])
    audit.log("lead.fetched_again", lead, by=by, at=at)
    return True


@transaction.atomic
def write_form(
    *,
    form: LeadForm | None = None,
    form_id: str,
    name: str,
    campaign: Campaign,
    language: str,
    boxes: dict[str, str],
    is_active: bool,
    at: datetime,
    by: Any,
) -> LeadForm:
    """Say what becomes of a form's leads, and have those fetched that wait for it.

    Raises FormKnown.
    """
    written = form or LeadForm(created_at=at)
    if LeadForm.objects.filter(form_id=form_id).exclude(pk=written.pk or 0).exists():
        raise FormKnown(form_id)
    written.form_id, written.name, written.campaign = form_id, name, campaign
    written.language, written.boxes, written.is_active = language, boxes, is_active
    written.save()
    audit.log("leadform.changed" if form else "leadform.added", written, by=by, at=at)
    if is_active:
        queue(Lead.objects.to_fetch().filter(form_id=form_id))
    return written
