"""Somebody else wrote an address: whoever has it says so, and nothing stays of it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists

from crm.campaigns.boxes import take_back
from crm.campaigns.comments import Comment
from crm.campaigns.duplicates import standing_for
from crm.campaigns.ending import end
from crm.campaigns.leads import Lead
from crm.campaigns.letters import source_of_facts
from crm.campaigns.models import Signature
from crm.lib import tokens
from crm.mailing.headers import NOT_ME
from crm.mailing.models import Mail
from crm.people.addressing import remove_phone
from crm.people.contact_points import EmailAddress, Phone
from crm.people.history import SupporterEvent
from crm.people.models import Change, Supporter
from crm.people.offers import forget
from crm.people.proposals import Proposal
from crm.people.standing import standing
from crm.privacy.belongings import declared, declaring_models
from crm.privacy.erasure import erase

FORM = "signature"  # the source of a supporter whom the form has made
# What a form, and our mail about it, leave of a newcomer.
LEFT_BY_FORM = {
    Supporter,
    EmailAddress,
    Signature,
    Comment,
    Mail,
    Proposal,
    Change,
    SupporterEvent,
    Lead,
}


def signature_disowned_by(token: str) -> Signature | None:
    """Return the signature that a link speaks of, unless it is gone. Raises tokens.BadToken.

    The link never grows old: somebody may see only later what was done in their name.
    """
    public_id = tokens.read(NOT_ME, token, max_age=None)
    found = Signature.objects.select_related("campaign", "supporter")
    return found.filter(public_id=public_id).first()


@transaction.atomic
def disown(*, signature: Signature, at: datetime) -> None:
    """Take out what somebody else signed with this address, with all that came of it.

    A supporter who was made by it, and has proved nothing, is erased. Twice changes nothing.
    """
    who = standing(signature.supporter)
    if who.pk != signature.supporter_id and (counts := standing_for(signature)):
        signature = counts
    locked = Signature.objects.select_for_update().get(pk=signature.pk)
    if locked.ended == Signature.Ended.NOT_ME or who.erased_at is not None:
        return
    was_proved = locked.confirmed_at is not None
    take_back(signature=locked, at=at)
    if locked.status != Signature.Status.WITHDRAWN:
        end(locked, why=Signature.Ended.NOT_ME, at=at)
    Comment.objects.filter(signature=locked).delete()
    forget(supporter=who, source=source_of_facts(locked))
    for phone in Phone.objects.filter(supporter=who, source=source_of_facts(locked)):
        remove_phone(phone=phone, at=at)
    waiting = Mail.objects.filter(supporter=who, sent_at=None)
    waiting.filter(key__contains=str(locked.public_id)).delete()
    if not was_proved and is_all_we_know(who, locked):
        erase(supporter=who, at=at)


def is_all_we_know(supporter: Supporter, signature: Signature) -> bool:
    """Whether somebody was made by this signature, and nothing else is known of them."""
    others = Signature.objects.filter(supporter=supporter).exclude(pk=signature.pk)
    if supporter.source != FORM or others.exists():
        return False
    rest = [
        Exists(model._default_manager.filter(**{path: supporter.pk}))
        for model in declaring_models()
        if model not in LEFT_BY_FORM and not declared(model).is_history
        for path in (declared(model).owner, *declared(model).others)
    ]
    told = Supporter.objects.filter(pk=supporter.pk).values_list(*rest).get()
    return not any(told) and not Supporter.objects.filter(merged_into=supporter).exists()
