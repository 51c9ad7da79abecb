"""The mail that asks somebody, or a parent, to confirm what was ticked at an unproved address."""

from datetime import datetime

from django.utils import translation

from crm.lib.rows import insert_unless_there
from crm.mailing.jobs import deliver_mails
from crm.mailing.models import Mail
from crm.people import greetings
from crm.people.models import Supporter
from crm.privacy.consent_requests import ConsentRequest
from crm.privacy.consenting import asked_together, mailbox_of, token_for

OWN, PARENTS = "confirm_consent", "confirm_consent_parent"


def ask_to_confirm(*, request_id: int, at: datetime) -> None:
    """Queue the mail of a request, one for all boxes of a form; nothing for one that is gone."""
    request = ConsentRequest.objects.open().filter(pk=request_id).first()
    if request is None:
        return
    together = list(asked_together(request))
    first = together[0]
    mail = Mail(
        key=f"confirm_consent:{first.public_id}",
        supporter=owner_of(mailbox_of(request)),
        to=mailbox_of(request),
        template=PARENTS if request.parent_email else OWN,
        language=request.language,
        context={
            # Whoever filled in the form may be anybody: their words do not go out in our name.
            "greeting": greetings.informal([], request.language),
            "words": [words_of(each) for each in together],
            "token": token_for(first),
        },
        queued_at=at,
        due_at=at,
    )
    insert_unless_there(mail, task=deliver_mails)


def owner_of(address: str) -> Supporter | None:
    return Supporter.objects.with_email(address).first()


def words_of(request: ConsentRequest) -> str:
    """Return the words that stood beside the box, else what it was for."""
    if request.wording is not None:
        return request.wording.text
    with translation.override(request.language):
        return request.get_purpose_display()
