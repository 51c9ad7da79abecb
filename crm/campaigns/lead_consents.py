"""Boxes that were ticked at Facebook: they agree to something once the address is proved."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from crm.campaigns.leads import LeadForm
from crm.campaigns.letters import source_of_facts
from crm.campaigns.models import Signature
from crm.lib.rows import insert_unless_there
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.consenting import TooYoung, ask_for_consent, confirm_consent
from crm.privacy.models import Channel, ConsentState


def keep_boxes(
    signature: Signature, *, form: LeadForm, boxes: Iterable[str], email: str, at: datetime
) -> None:
    """Keep what staff say that a box agrees to until the mail about the signature is answered.

    The words beside the box were Facebook's form's, not ours: the form and the box are the proof.
    Where the signature is confirmed already, a mail of its own asks.
    """
    for key in boxes:
        purpose = form.purpose_of(key)
        if not purpose or holds(signature, purpose):
            continue
        asked = ConsentRequest(
            supporter=signature.supporter,
            email=email,
            purpose=purpose,
            language=form.language,
            source=source_of_facts(signature),
            evidence={"facebook_form": form.form_id, "box": key},
            asked_at=at,
        )
        if signature.status != Signature.Status.CONFIRMED:
            insert_unless_there(asked)
        else:
            ask_for_consent(
                email=email,
                purpose=purpose,
                wording=None,
                language=form.language,
                source=asked.source,
                evidence=asked.evidence,
                at=at,
            )


def holds(signature: Signature, purpose: str) -> bool:
    given = ConsentState.objects.filter(supporter=signature.supporter, given=True)
    return given.filter(channel=Channel.EMAIL, purpose=purpose).exists()


def agree_to_boxes(signature: Signature, *, at: datetime) -> bool:
    """Let the boxes hold that were kept with a signature which was just confirmed.

    Return whether any does. Whoever said no since has none left.
    """
    own = {"supporter": signature.supporter_id, "source": source_of_facts(signature)}
    kept = list(ConsentRequest.objects.open().filter(**own, mailed_at=None))
    for request in kept:
        request.evidence |= {"confirmed_at": at.isoformat()}
        request.save(update_fields=["evidence"])
    held = [agree(request, at=at) for request in kept]
    return any(held)


def agree(request: ConsentRequest, *, at: datetime) -> bool:
    try:
        with transaction.atomic():
            return confirm_consent(request=request, at=at)
    except TooYoung:
        return False
